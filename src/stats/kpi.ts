import type { Protocol } from '../events.js';
import type { MetricName } from './metrics.js';
import type { PlatformMetric } from './platform-series.js';
import type { Sight } from './sight.js';
import type { Trend } from './trend.js';
import type { View } from './view.js';
import type { Window } from './windows.js';

/** Units of the rows' values. */
export const UNITS = [
  'ms',
  '%',
  'viewers',
  'connections',
  'sessions',
  'errors',
  'messages/s',
  'Mbit/s',
  'MB',
  'events',
] as const;
export type Unit = (typeof UNITS)[number];

/** One row of the gate as data: what is computed, over which window, against which bound, and why. */
export interface Kpi {
  readonly title: string;
  /** Section of the performance testing strategy that demands it, or `own` with what it protects. */
  readonly section: string;
  /** Advisory rows are shown and decide nothing. */
  readonly mandatory: boolean;
  readonly unit: Unit;
  readonly formula: string;
  /** Which phases it looks at. */
  readonly window: Window;
  readonly bound: Bound;
  /** The strategy wants it watched and sets no target: its value is shown and never judged. */
  readonly monitored?: true;
  /** What it counts comes in after what it is a share of: over time it is drawn by when that began. */
  readonly comesLater?: true;
  readonly minSamples: MinSamples;
  /** What `samples` counts. */
  readonly sampleOf: string;
  /** Without it the row cannot be filled by this run and is not judged. */
  readonly needs: readonly Need[];
  /** What the load must at least be for the row to mean anything; a plan that is less does not judge it. */
  readonly asks?: Asks;
  /** Who measures it: `collector` rows wait for the gate level `full`. */
  readonly source: 'viewers' | 'collector';
  /** Every metric that `compute` reads. */
  readonly metrics: readonly MetricName[];
  /** Every figure of the platform's own that `compute` reads; absent = none. */
  readonly platform?: readonly PlatformMetric[];
  /** `view` is the window, `wholeRun` all phases; `sight` has what neither has: other windows, time, the plan. */
  compute(view: View, wholeRun: View, sight: Sight): Measured;
}

/** The least load that shows something. */
export interface Asks {
  readonly vus?: number;
  readonly users?: number;
  /** Together in the row's window, real ms. */
  readonly windowMs?: number;
}

/** What the run had planned; decides which rows must have data. */
export interface Planned {
  readonly vus: number;
  /** VUs that start with each protocol. */
  readonly byProtocol: Readonly<Record<Protocol, number>>;
  /** VUs with an account; 0 = guests only. */
  readonly users: number;
  /** Chat, cart and orders are allowed. */
  readonly writes: boolean;
  /** Below 1 = holds and ramps were shortened by this factor. Absent = real time. */
  readonly timeScale?: number;
}

export interface Bound {
  readonly op: '<=' | '<' | '>=' | '>';
  readonly value: number;
}

/**
 * How many samples make a row judgeable: `atLeast`; or, where each viewer brings its own sample, that share of
 * the planned viewers (of `of`), at most `atLeast` if both are given.
 */
export interface MinSamples {
  readonly atLeast?: number;
  readonly perViewer?: { readonly share: number; readonly of: 'vus' | 'users' | Protocol };
}

/** `real_duration`: the row is about real hours or minutes, which a run with a time scale does not have. */
export type Need = 'account' | 'two_accounts' | 'writes' | 'real_duration' | Protocol;

/** What a row's formula gives. */
export interface Measured {
  /** Absent when there is nothing to compute from. */
  readonly value?: number;
  /** The value if everything that our own lag put in doubt was the platform's. */
  readonly valueWithDoubt?: number;
  readonly samples: number;
  /** Why the samples cannot be trusted although there are enough: feeds that contradict each other, or too little covered. */
  readonly noData?: string;
  /**
   * Where chance may have put the value, at 95 %; with `mustPass` the bad end of it must be on the good side of the
   * bound, or there is no telling.
   */
  readonly interval?: { readonly low: number; readonly high: number; readonly mustPass?: boolean };
  /** The value is this share of so many equal chances: what an interval of confidence is made from. */
  readonly proportion?: { readonly part: number; readonly whole: number };
  /** When a figure of the platform's own was worst; of what viewers see the moments are kept elsewhere. */
  readonly worst?: { readonly fromMs: number; readonly toMs: number; readonly value: number };
  readonly beside?: Readonly<Record<string, number | string>>;
}

/** Whether `value` is on the good side. */
export function meets({ op, value: limit }: Bound, value: number): boolean {
  if (op === '<=') return value <= limit;
  if (op === '<') return value < limit;
  return op === '>=' ? value >= limit : value > limit;
}

/** `part / whole` in percent; undefined when the whole is nothing. */
export function percent(part: number, whole: number): number | undefined {
  return whole > 0 ? (part / whole) * 100 : undefined;
}

/** `{ value }` or nothing: an absent value is absent, not undefined. */
export function valued(value: number | undefined): { readonly value?: number } {
  return value === undefined ? {} : { value };
}

/** `part / whole` in percent, where each of the whole had the same chance to be of the part. */
export function rate(part: number, whole: number): Pick<Measured, 'value' | 'proportion'> {
  const value = percent(part, whole);
  if (value === undefined) return {};
  return part <= whole ? { value, proportion: { part, whole } } : { value };
}

/** A percentile of times, each of which is a sample. */
export function percentileOf(
  spread: Pick<Trend, 'percentileMs' | 'count'>,
  percentile: number,
): Pick<Measured, 'value' | 'samples'> {
  return { ...valued(spread.percentileMs(percentile)), samples: spread.count };
}

/** Only the numbers that exist. */
export function present(
  beside: Readonly<Record<string, number | string | undefined>>,
): Record<string, number | string> {
  const kept: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(beside)) if (value !== undefined) kept[name] = value;
  return kept;
}
