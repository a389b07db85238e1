import type { Compared, Comparison, Outcome } from '../stats/compare.js';
import { formatNumber, formatValue } from './figures.js';
import { createPaint, type Paint, type Tone } from './style.js';
import { padEnd, printable, wrap } from './text-width.js';

/** What `compare` found, as it is printed with --json. */
export interface CompareReport extends Compared {
  readonly a: readonly Side[];
  readonly b: readonly Side[];
  readonly alarmRate: number;
  readonly leastChangePct: number;
  readonly leastChangePoints: number;
  readonly notes: readonly string[];
}

interface Side {
  readonly path: string;
  readonly id: string;
  readonly verdict: string;
}

const WIDTH = 80;
const INDENT = 9;
const TONES: Readonly<Record<Outcome, Tone>> = { worse: 'bad', better: 'good', same: 'dim', untold: 'warn' };

/** The result of a comparison as a text to read. */
export function formatComparison(report: CompareReport, { color }: { readonly color: boolean }): string {
  const paint = createPaint(color);
  const { rows, a, b } = report;
  const of = (outcome: Outcome): readonly Comparison[] => rows.filter((row) => row.outcome === outcome);
  return [
    ...sideLines('A', a),
    ...sideLines('B', b),
    '',
    ...wrapped(ruleText(report), 0),
    '',
    ...(['worse', 'better'] as const).flatMap((outcome) => of(outcome).flatMap((row) => changed(row, paint))),
    ...list('no difference shown', of('same'), paint),
    ...list('cannot be told', of('untold'), paint),
    ...(report.unjudged > 0 ? [`not judged in every run: ${report.unjudged} rows`] : []),
    ...report.notes.flatMap((text) => wrapped(`note: ${text}`, 2)),
  ].join('\n');
}

function sideLines(name: string, side: readonly Side[]): string[] {
  return side.map(({ path, verdict }) => `${name}  ${padEnd(verdict, 8)} ${printable(path)}`);
}

function ruleText({ unit, rows, alarmRate, leastChangePct, leastChangePoints }: CompareReport): string {
  const by =
    unit === 'runs'
      ? 'Runs are the samples (t test, one spread for both sides)'
      : 'Viewers are the samples, one each (intervals that do not overlap)';
  return `${by}. All ${rows.length} rows together raise a false alarm in at most ${alarmRate * 100} % of comparisons: each is tested at ${alarmRate * 100} % / ${rows.length}. Changes below ${leastChangePct} % of a span or ${leastChangePoints} points of a share count as none.`;
}

function changed(row: Comparison, paint: Paint): string[] {
  const { outcome, title, mandatory, crossed, why } = row;
  const head = `${paint(padEnd(outcome, INDENT), TONES[outcome])}${printable(title)}${mandatory ? '' : ' *'}`;
  const bound = crossed ? `; no longer ${row.bound.op} ${formatValue(row.bound.value, row.unit)}` : '';
  return [head, ...wrapped(`${valuesText(row)}${bound}`, INDENT), ...wrapped(why, INDENT)];
}

function valuesText({ a, b, unit, change, changeUnit }: Comparison): string {
  const sign = change > 0 ? '+' : '';
  const by = unit === 'ms' || unit === '%' ? ` (${sign}${formatNumber(change)} ${changeUnit})` : '';
  return `${formatValue(a, unit)} -> ${formatValue(b, unit)}${by}`;
}

function list(heading: string, rows: readonly Comparison[], paint: Paint): string[] {
  if (rows.length === 0) return [];
  const lines = rows.flatMap((row) => {
    const bound = row.crossed ? ', over its bound in B only: chance may have done it' : '';
    return wrapped(`${row.title}: ${valuesText(row)}${bound}; ${row.why}`, 2);
  });
  return [paint(`${heading}:`, 'strong'), ...lines];
}

function wrapped(text: string, indent: number): string[] {
  return wrap(text, WIDTH - indent).map((line) => ' '.repeat(indent) + line);
}
