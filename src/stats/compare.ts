import { medianOf, type Range, rankRange, shareRange, tTails, zOf } from './chance.js';
import { type ComparedSpread, isShare } from './compare-rows.js';
import type { RowResult } from './gate.js';
import { type Bound, meets } from './kpi.js';
import type { KpiId } from './kpis.js';
import type { Trend } from './trend.js';

/** What of one run is compared with others. */
export interface ComparedRun {
  /** Viewers that the run had: it has no more independent samples than these. */
  readonly viewers: number;
  readonly rows: readonly ComparedRow[];
  /** The samples behind a row's percentile; absent where only a summary is there, or the row is no percentile. */
  spreadOf(id: KpiId): { readonly spread: Trend; readonly percentile: number } | undefined;
}

export type ComparedRow = Pick<
  RowResult,
  'id' | 'title' | 'mandatory' | 'status' | 'bound' | 'unit' | 'samples'
> & { readonly value?: number | null };

/** `same`: no difference was shown, which is not proof that there is none. */
export type Outcome = 'worse' | 'better' | 'same' | 'untold';

export interface Comparison {
  readonly id: KpiId;
  readonly title: string;
  readonly mandatory: boolean;
  readonly unit: RowResult['unit'];
  readonly bound: Bound;
  /** The row's value, of several runs the mean (of spans the geometric one). */
  readonly a: number;
  readonly b: number;
  /** In percent of `a`; of shares the difference in percentage points. */
  readonly change: number;
  readonly changeUnit: '%' | 'points';
  readonly outcome: Outcome;
  /** What was tested and what it came to. */
  readonly why: string;
  /** On the good side of its bound in all runs of A, and in not one of B. */
  readonly crossed?: true;
}

export interface Compared {
  readonly rows: readonly Comparison[];
  /** Rows that were judged on one side only, or not at all: nothing to compare. */
  readonly unjudged: number;
  readonly unit: 'runs' | 'viewers';
  /** Of each row, so that all of them together raise a false alarm in at most `ALARM_RATE` of comparisons. */
  readonly alpha: number;
}

export interface CompareOptions {
  /** Changes of a span below this share of it (%) are no regression, however sure they are. */
  readonly sharePct: number;
  /** The same for shares, in percentage points. */
  readonly points: number;
}

/** False alarms over all rows of a comparison together (Bonferroni: each row has its part of it). */
export const ALARM_RATE = 0.05;
/** Runs on one machine are never more alike than this: three that happen to agree do not prove a difference of 1 %. */
const LEAST_SPREAD = 0.01;
/** The same for shares, percentage points. */
const LEAST_SPREAD_POINTS = 0.1;
/** Of one run a side nobody sees how much runs differ as a whole: so much of a span is allowed for, one standard deviation. */
const RUN_SPREAD = 0.02;
/** What the other rows tell of how much runs differ counts as so many runs of this one (Smyth 2004: moderated t). */
const BORROWED_DF = 4;
/** A row is asked twice: by its percentile with this part of its false alarms, and by its middle with the rest. */
const PERCENTILE_PART = 0.7;
/** Percentiles that may stand for a higher one that too few viewers can tell. */
const LADDER = [99, 95, 90, 75, 50] as const;

/**
 * Compares every row that both sides judged. With several runs on a side the runs are the samples (t test, one
 * spread for both sides, to which the other rows of its kind lend theirs: of three runs alone a row knows next to
 * nothing of its own); of one run against one the viewers are, and at most one sample counts for each: what viewers of
 * one run see hangs together. compare-power.test.ts says what that finds, on runs that are drawn. Pure.
 */
export function compareRuns(
  a: readonly ComparedRun[],
  b: readonly ComparedRun[],
  options: CompareOptions,
): Compared {
  const pairs = (a[0]?.rows ?? []).flatMap((row) => {
    const of = (runs: readonly ComparedRun[]): ComparedRow[] =>
      runs.flatMap((run) => run.rows.filter(({ id, status }) => id === row.id && status !== 'not_judged'));
    const pair = { id: row.id, a: of(a), b: of(b) };
    const whole = pair.a.length === a.length && pair.b.length === b.length;
    return whole && [...pair.a, ...pair.b].every(hasValue) ? [pair] : [];
  });
  const alpha = ALARM_RATE / Math.max(1, pairs.length);
  const byRuns = a.length > 1 || b.length > 1;
  const seen = pairs.map((pair) => ({ id: pair.id, kind: kindOf(pair), ...runsOf(pair) }));
  const rows = pairs.map((pair) => {
    const others = seen.filter(({ id, kind }) => id !== pair.id && kind === kindOf(pair));
    const found = byRuns
      ? testRuns(pair, alpha, others)
      : testViewers(pair, a[0] as ComparedRun, b[0] as ComparedRun, alpha, options);
    return comparison(pair, found, options);
  });
  const judgedIds = new Set(
    [...a, ...b].flatMap((run) =>
      run.rows.filter(({ status }) => status !== 'not_judged').map(({ id }) => id),
    ),
  );
  return { rows, unjudged: judgedIds.size - rows.length, unit: byRuns ? 'runs' : 'viewers', alpha };
}

interface Pair {
  readonly id: KpiId;
  readonly a: readonly ComparedRow[];
  readonly b: readonly ComparedRow[];
}

interface Found {
  readonly a: number;
  readonly b: number;
  /** undefined = it cannot be tested. */
  readonly differ: boolean | undefined;
  readonly why: string;
}

function hasValue({ value }: ComparedRow): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function valuesOf(rows: readonly ComparedRow[]): number[] {
  return rows.map(({ value }) => value as number);
}

/** Spans are compared by their ratio: twice as slow is as much at 10 ms as at 1 s. */
function isSpan(rows: readonly ComparedRow[]): boolean {
  return rows.every(({ unit, value }) => unit === 'ms' && (value as number) > 0);
}

function kindOf({ a, b }: Pair): 'span' | 'share' | 'count' {
  if (isSpan([...a, ...b])) return 'span';
  return a[0]?.unit === '%' ? 'share' : 'count';
}

interface SeenRuns {
  readonly meanA: number;
  readonly meanB: number;
  /** Squared, within the sides; of spans that of the logarithms. */
  readonly variance: number;
  readonly df: number;
}

function runsOf({ a, b }: Pair): SeenRuns {
  const scale = isSpan([...a, ...b]) ? Math.log : (value: number): number => value;
  const [ofA, ofB] = [valuesOf(a).map(scale), valuesOf(b).map(scale)];
  const [meanA, meanB] = [mean(ofA), mean(ofB)];
  const df = ofA.length + ofB.length - 2;
  return { meanA, meanB, df, variance: (squares(ofA, meanA) + squares(ofB, meanB)) / df };
}

function testRuns(pair: Pair, alpha: number, others: readonly SeenRuns[]): Found {
  const { a, b } = pair;
  const span = isSpan([...a, ...b]);
  const own = runsOf(pair);
  const { meanA, meanB } = own;
  // Counts are of a size of their own each: nobody lends to them.
  const lent = kindOf(pair) === 'count' || others.length === 0 ? 0 : BORROWED_DF;
  const df = own.df + lent;
  const borrowed = lent === 0 ? 0 : medianOf(others.map(({ variance }) => variance));
  const seen = Math.sqrt((own.variance * own.df + borrowed * lent) / df);
  const spread = Math.max(seen, leastSpread([...a, ...b], span));
  const t = (meanB - meanA) / (spread * Math.sqrt(1 / a.length + 1 / b.length));
  const p = tTails(t, df);
  const back = (value: number): number => (span ? Math.exp(value) : value);
  const [shownP, shownAlpha] = [p, alpha].map((share) => Number(share.toPrecision(2)));
  return {
    a: back(meanA),
    b: back(meanB),
    differ: p < alpha,
    why: `${a.length} runs against ${b.length}: p ${shownP}, ${shownAlpha} wanted`,
  };
}

function leastSpread(rows: readonly ComparedRow[], span: boolean): number {
  if (span) return LEAST_SPREAD;
  if (rows[0]?.unit === '%') return LEAST_SPREAD_POINTS;
  // Of counts: that of chance alone.
  const middle = mean(valuesOf(rows));
  return Math.max(1, Math.sqrt(Math.abs(middle)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squares(values: readonly number[], middle: number): number {
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}

function testViewers(
  pair: Pair,
  a: ComparedRun,
  b: ComparedRun,
  alpha: number,
  { sharePct }: CompareOptions,
): Found {
  const [rowA, rowB] = [pair.a[0] as ComparedRow, pair.b[0] as ComparedRow];
  const values = { a: rowA.value as number, b: rowB.value as number };
  const [ofA, ofB] = [a.spreadOf(pair.id), b.spreadOf(pair.id)];
  if (ofA && ofB) return { ...values, ...testSpreads([ofA, a], [ofB, b], alpha, sharePct) };
  const z = zOf(alpha);
  if (isShare(rowA) && isShare(rowB)) {
    const n = Math.min(rowA.samples, a.viewers, rowB.samples, b.viewers);
    // So few that even none of them against all of them could be chance.
    if (n < 1 || shareRange(0, n, z).high >= shareRange(1, n, z).low) {
      return { ...values, differ: undefined, why: `${n} viewers tell nothing of it` };
    }
    const estimate = (row: ComparedRow, run: ComparedRun): Estimate => {
      const value = shareOf(row);
      return { value, ...shareRange(value, Math.max(1, Math.min(row.samples, run.viewers)), z) };
    };
    return { ...values, ...apart(estimate(rowA, a), estimate(rowB, b), 100, '%') };
  }
  const why =
    rowA.unit === 'ms'
      ? 'a summary has no histograms: give the folders of the runs, or several runs a side'
      : 'one run a side does not tell: give several';
  return { ...values, differ: undefined, why };
}

/** Shares are held in percent, counts against what they are of. */
function shareOf({ value, unit, samples }: ComparedRow): number {
  return unit === '%' ? (value as number) / 100 : (value as number) / samples;
}

type Sampled = readonly [ComparedSpread, ComparedRun];

/**
 * By the percentile of the row, and, where that alone does not tell, by the middle of the same samples, which far fewer
 * viewers tell: it must have moved as far as matters, the same way.
 */
function testSpreads(a: Sampled, b: Sampled, alpha: number, sharePct: number): Pick<Found, 'differ' | 'why'> {
  const z = zOf(alpha * PERCENTILE_PART);
  const n = Math.min(...[a, b].map(([{ spread }, run]) => Math.min(spread.count, run.viewers)));
  const wanted = a[0].percentile;
  const percentile = LADDER.find(
    (step) => step <= wanted && Number.isFinite(rankRange(step / 100, n, z).high),
  );
  if (percentile === undefined) return { differ: undefined, why: `${n} samples tell nothing of it` };
  const compared = (step: number, z: number) => {
    const [ofA, ofB] = [a, b].map(([{ spread }]) => estimateAt(spread, step, n, z)) as [Estimate, Estimate];
    return { ofA, ofB, ...apart(ofA, ofB, 1, 'ms', z * Math.SQRT2 * RUN_SPREAD) };
  };
  const high = compared(percentile, z);
  const middle = compared(50, zOf(alpha * (1 - PERCENTILE_PART)));
  const sameWay = middle.ofB.value > middle.ofA.value === at(b[0].spread, wanted) > at(a[0].spread, wanted);
  const movedPct = Math.abs(middle.ofB.value / middle.ofA.value - 1) * 100;
  if (!high.differ && middle.differ && sameWay && movedPct > sharePct)
    return { differ: true, why: `by the middle, which ${n} viewers tell sooner: ${middle.why}` };
  if (percentile === wanted) return { differ: high.differ, why: high.why };
  return { differ: high.differ, why: `by p${percentile}, ${n} viewers tell no higher one: ${high.why}` };
}

function estimateAt(spread: Trend, percentile: number, n: number, z: number): Estimate {
  const { low, high } = rankRange(percentile / 100, n, z);
  return {
    value: at(spread, percentile),
    low: low <= 0 ? 0 : at(spread, low * 100),
    high: at(spread, high * 100),
  };
}

/** A value and where it may truly lie. */
interface Estimate extends Range {
  readonly value: number;
}

function at(spread: Trend, percentile: number): number {
  return spread.percentileMs(percentile) ?? 0;
}

/**
 * Whether the values are farther apart than chance puts them: the ranges that lie towards each other are added as
 * chances are (Newcombe 1998), which finds more than to wait until the ranges do not touch. `runs` = the share of a
 * value that is allowed for runs to differ as a whole.
 */
function apart(
  a: Estimate,
  b: Estimate,
  per: number,
  unit: string,
  runs = 0,
): { differ: boolean; why: string } {
  const [less, more] = a.value <= b.value ? [a, b] : [b, a];
  const allowed = Math.hypot(less.high - less.value, more.value - more.low, runs * less.value);
  const differ = more.value - less.value > allowed;
  const words = ({ low, high }: Range): string => `${shown(low * per)} to ${shown(high * per)} ${unit}`;
  return { differ, why: `${words(a)} against ${words(b)}` };
}

function shown(value: number): string {
  return String(Number(value.toPrecision(value >= 1000 ? 4 : 3)));
}

function comparison({ id, a, b }: Pair, found: Found, { sharePct, points }: CompareOptions): Comparison {
  const { title, mandatory, unit, bound } = a[0] as ComparedRow;
  const inPoints = unit !== 'ms';
  const change = inPoints ? found.b - found.a : found.a === 0 ? 0 : (found.b / found.a - 1) * 100;
  const least = unit === '%' ? points : inPoints ? 0 : sharePct;
  const rises = bound.op === '>=' || bound.op === '>';
  const direction: Outcome = change > 0 === rises ? 'better' : 'worse';
  const big = Math.abs(change) > least;
  const outcome: Outcome =
    found.differ === undefined ? 'untold' : found.differ && big && change !== 0 ? direction : 'same';
  const small = found.differ === true && !big ? '; surely different, and too little to matter' : '';
  const crossed =
    a.every((row) => meets(bound, row.value as number)) &&
    !b.some((row) => meets(bound, row.value as number));
  return {
    ...{ id, title, mandatory, unit, bound, a: found.a, b: found.b, change, outcome },
    changeUnit: inPoints ? 'points' : '%',
    why: `${found.why}${small}`,
    ...(crossed ? { crossed: true as const } : {}),
  };
}
