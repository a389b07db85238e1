import { medianOf } from '../stats/chance.js';
import { EXIT, EXIT_CODES } from './exit-codes.js';
import { formatValue } from './figures.js';
import type { KpiSummary, Summary } from './summary-schema.js';
import { padEnd, padStart, printable, shorten, wrap } from './text-width.js';
import { headline, VERDICTS } from './verdict-line.js';

/** Several runs of one load as one result. */
export interface Repeated {
  /** `pass` only if every run passed. */
  readonly verdict: Summary['verdict'] | 'stopped';
  readonly passed: number;
  readonly exitCode: number;
  /** "2 of 3 passed: FAIL" */
  readonly sentence: string;
  readonly runs: readonly { readonly path: string; readonly exitCode: number; readonly headline: string }[];
  readonly rows: readonly RepeatedRow[];
  readonly notes: readonly string[];
}

export interface RepeatedRow {
  readonly id: string;
  readonly title: string;
  readonly mandatory: boolean;
  readonly unit: KpiSummary['unit'];
  readonly bound: KpiSummary['bound'];
  /** Runs in which it was judged, and in which it passed. */
  readonly judged: number;
  readonly passed: number;
  /** Of the values of the runs that have one; null = none has. */
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** The strategy's least for anything said with statistics (6.3). */
const ENOUGH = 3;

/** Joins runs of one load: medians, spread, and a verdict that is a pass only if all are. Pure. */
export function repeated(
  runs: readonly { readonly path: string; readonly summary: Summary }[],
  notes: readonly string[] = [],
): Repeated {
  const codes = runs.map(({ summary }) => summary.exitCode);
  const passed = codes.filter((code) => code === EXIT.pass).length;
  const worst = EXIT_CODES.find(({ code }) => codes.includes(code));
  const exitCode = worst?.code ?? EXIT.internal;
  const decides = runs.find(({ summary }) => summary.exitCode === exitCode)?.summary;
  const cut = exitCode === EXIT.stopped || exitCode === EXIT.internal;
  const verdict = cut || decides === undefined ? 'stopped' : decides.verdict;
  const word = verdict === 'stopped' ? 'STOPPED' : VERDICTS[verdict].word;
  const few = `${runs.length} runs: the strategy wants ${ENOUGH} at least for spread to mean anything`;
  const invalid = runs.filter(({ summary }) => summary.verdict === 'invalid').length;
  const empty = `${invalid} of them are invalid: their rows say nothing of the platform`;
  return {
    verdict,
    passed,
    exitCode,
    sentence: `${passed} of ${runs.length} passed: ${word}`,
    runs: runs.map(({ path, summary }) => ({
      path,
      exitCode: summary.exitCode,
      headline: headline(summary),
    })),
    rows: (runs[0]?.summary.kpis ?? []).flatMap(({ id }) =>
      rowOf(
        id,
        runs.map(({ summary }) => summary),
      ),
    ),
    notes: [...(runs.length < ENOUGH ? [few] : []), ...(invalid > 0 ? [empty] : []), ...notes],
  };
}

function rowOf(id: string, summaries: readonly Summary[]): RepeatedRow[] {
  const all = summaries.flatMap(({ kpis }) => kpis.filter((row) => row.id === id));
  const judged = all.filter(({ status }) => status !== 'not_judged');
  const [first] = judged;
  if (first === undefined) return [];
  const values = judged.flatMap(({ value }) => (value === null ? [] : [value]));
  const { title, mandatory, unit, bound } = first;
  return [
    {
      ...{ id, title, mandatory, unit, bound },
      judged: judged.length,
      passed: judged.filter(({ status }) => status === 'pass').length,
      ...(values.length === 0
        ? { median: null, min: null, max: null }
        : { median: medianOf(values), min: Math.min(...values), max: Math.max(...values) }),
    },
  ];
}

const WIDTH = 80;

/** The same as a text to read. */
export function formatRepeated({ sentence, runs, rows, notes }: Repeated): string {
  return [
    sentence,
    ...runs.map(({ path, headline: words }) => `  ${padEnd(words, 30)} ${printable(path)}`),
    ...notes.flatMap((text) => wrap(`note: ${text}`, WIDTH - 2).map((line) => `  ${line}`)),
    '',
    `${padEnd('row', 35)}${padStart('median', 13)}${padStart('lowest', 11)}${padStart('highest', 11)}${padStart('passed', 9)}`,
    ...rows.map(rowLine),
  ].join('\n');
}

function rowLine(row: RepeatedRow): string {
  const value = (of: number | null): string => (of === null ? '-' : formatValue(of, row.unit));
  const bare = (of: number | null): string => value(of).replace(/ .*/, '');
  const mark = row.passed === row.judged ? ' ' : '!';
  return `${mark} ${padEnd(shorten(row.title, 32), 33)}${padStart(value(row.median), 13)}${padStart(bare(row.min), 11)}${padStart(bare(row.max), 11)}${padStart(`${row.passed}/${row.judged}`, 9)}`;
}
