import type { CompareFlags } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { type CompareReport, formatComparison } from '../report/compare-text.js';
import { EXIT } from '../report/exit-codes.js';
import { VERDICTS } from '../report/verdict-line.js';
import { ALARM_RATE, type ComparedRun, compareRuns } from '../stats/compare.js';
import { spreadBehind } from '../stats/compare-rows.js';
import { checkSameLoad, cutShort, type LoadedRun, loadRuns, settingNotes } from './many-runs.js';
import type { Output } from './output.js';

/** Below this, %, a difference of spans is no regression. */
const SHARE_PCT = 10;
/** Below this, percentage points, a difference of shares is none. */
const POINTS = 0.5;
const NOT_INDEPENDENT =
  'what viewers of one run see hangs together, so each counts once; a difference between two runs may be one of the hour: three runs a side tell more (A1,A2,A3 B1,B2,B3)';

/** The command `compare A B`: tells a regression from noise, and ends with 117 when there is one. */
export async function compareCommand(
  words: readonly string[],
  flags: CompareFlags,
  before: readonly ConfigIssue[],
  output: Output,
): Promise<{ exitCode: number; reason: string }> {
  const { sides, sharePct } = readWords(words, flags, before);
  const runs = await loadRuns(sides.flat());
  checkSameLoad(runs);
  checkWhole(runs);
  const [a, b] = [runs.slice(0, sides[0]?.length), runs.slice(sides[0]?.length)];
  const invalid = runs.filter(({ summary }) => summary.verdict === 'invalid');
  if (invalid.length > 0) {
    const names = invalid.map(({ path }) => path).join(', ');
    return { exitCode: EXIT.invalid, reason: `nothing was compared: invalid, and so says nothing: ${names}` };
  }
  const compared = compareRuns(a.map(comparedRun), b.map(comparedRun), { sharePct, points: POINTS });
  const report: CompareReport = {
    a: a.map(sideOf),
    b: b.map(sideOf),
    ...compared,
    alarmRate: ALARM_RATE,
    leastChangePct: sharePct,
    leastChangePoints: POINTS,
    notes: [...(compared.unit === 'viewers' ? [NOT_INDEPENDENT] : []), ...settingNotes(runs)],
  };
  output.result(
    flags.json === true
      ? JSON.stringify(report, null, 2)
      : formatComparison(report, { color: output.resultColor === true }),
  );
  return endOf(report);
}

interface Words {
  readonly sides: readonly (readonly string[])[];
  readonly sharePct: number;
}

function readWords(words: readonly string[], flags: CompareFlags, before: readonly ConfigIssue[]): Words {
  const issues = [...before];
  const wanted = 'two runs, or two lists of runs: compare A1,A2,A3 B1,B2,B3';
  if (words.length !== 2 && issues.length === 0) {
    issues.push({ path: 'compare', problem: `${words.length} sides`, wanted });
  }
  const sharePct = flags.share === undefined ? SHARE_PCT : Number(flags.share);
  if (!Number.isFinite(sharePct) || sharePct < 0 || flags.share === '') {
    issues.push({ path: '--share', problem: 'not a share in %', seen: flags.share ?? '', wanted: 'e.g. 10' });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return { sides: words.map((side) => side.split(',')), sharePct };
}

function checkWhole(runs: readonly LoadedRun[]): void {
  const issues = runs.flatMap((run) => {
    const why = cutShort(run);
    return why === undefined ? [] : [{ path: run.path, problem: `${why}: only a whole run is compared` }];
  });
  if (issues.length > 0) throw new ConfigError(issues);
}

function comparedRun({ summary, onDisk }: LoadedRun): ComparedRun {
  return {
    viewers: summary.vus.joined,
    rows: summary.kpis,
    spreadOf: (id) => onDisk && spreadBehind(id, onDisk.totals, onDisk.record.phases),
  };
}

function sideOf({ path, summary }: LoadedRun): CompareReport['a'][number] {
  return { path, id: summary.run.id, verdict: VERDICTS[summary.verdict].word };
}

function endOf({ rows, unit }: CompareReport): { exitCode: number; reason: string } {
  const worse = rows.filter(({ outcome, mandatory }) => outcome === 'worse' && mandatory);
  const told = rows.filter(({ outcome }) => outcome !== 'untold');
  if (worse.length > 0) {
    const names = worse.map(({ title }) => title).join('; ');
    return { exitCode: EXIT.regression, reason: `worse beyond chance: ${names}` };
  }
  if (told.length === 0) {
    return { exitCode: EXIT.noData, reason: 'no row could be compared' };
  }
  const counted = unit === 'runs' ? 'runs' : 'viewers of one run a side';
  return { exitCode: EXIT.pass, reason: `no regression shown in ${told.length} rows, by ${counted}` };
}
