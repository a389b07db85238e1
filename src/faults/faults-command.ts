import { ConfigError, type ConfigIssue } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import type { Output } from '../run/output.js';
import { changeWords } from './change.js';
import { FAULTS_WORDS } from './faults-words.js';
import { defaultJournalFolder } from './journal.js';
import { goThroughJournals, type JournalReport, type ReportedChange } from './undo-journals.js';

export interface FaultsOptions {
  readonly journal?: string;
  readonly running?: boolean;
  readonly json?: boolean;
}

/**
 * `faults list` and `faults undo`: what runs have changed on this machine and nobody has undone.
 * @throws {ConfigError} for another word, or a folder that cannot be read
 */
export async function faultsCommand(
  word: string,
  { journal, running = false, json = false }: FaultsOptions,
  before: readonly ConfigIssue[],
  output: Output,
): Promise<{ exitCode: number; reason?: string }> {
  const issues = [...before];
  if (word !== '' && !FAULTS_WORDS.includes(word))
    issues.push({ path: 'faults', problem: 'no such order', seen: word, wanted: FAULTS_WORDS.join(', ') });
  if (journal === '') issues.push({ path: '--journal', problem: 'no folder given' });
  const undo = word === 'undo';
  if (running && !undo) issues.push({ path: '--running', problem: 'goes with undo' });
  if (issues.length > 0) throw new ConfigError(issues);
  const folder = journal ?? defaultJournalFolder();
  const report = await goThroughJournals(folder, { undo, running }).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([{ path: folder, problem: `cannot be read (${error.code ?? error.message})` }]);
  });
  output.result(json ? JSON.stringify({ folder, ...report }, null, 2) : reportText(folder, report));
  const left = report.changes.filter(({ state }) => !SETTLED.includes(state));
  if (!undo || (left.length === 0 && report.problems.length === 0)) return { exitCode: EXIT.pass };
  const what =
    left.length === 0 ? report.problems[0] : `${left.length} of ${report.changes.length} not undone`;
  return { exitCode: EXIT.refused, reason: what ?? '' };
}

/** What needs nobody's care after an undo: a run that goes looks after its own. */
const SETTLED: readonly ReportedChange['state'][] = ['undone', 'gone', 'running'];

/** A line per change and per problem. */
export function reportText(folder: string, { changes, problems }: JournalReport): string {
  if (changes.length + problems.length === 0) return `nothing is left in ${folder}`;
  return [...changes.map(changeLine), ...problems].join('\n');
}

function changeLine({ run, fault, atEpochMs, change, state, detail }: ReportedChange): string {
  const at = new Date(atEpochMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const why = detail === '' || detail === state ? '' : ` (${detail})`;
  return `${state.padEnd(9)} ${at} ${run} ${fault}: ${changeWords(change)}${why}`;
}
