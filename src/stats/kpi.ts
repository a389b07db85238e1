import type { Protocol } from '../events.js';
import type { MetricName } from './metrics.js';
import type { View } from './view.js';

/** One row of the gate as data: what is computed, over which window, against which bound, and why. */
export interface Kpi {
  readonly title: string;
  /** Section of the performance testing strategy that demands it, or `own` with what it protects. */
  readonly section: string;
  /** Advisory rows are shown and decide nothing. */
  readonly mandatory: boolean;
  readonly unit: 'ms' | '%' | 'viewers' | 'connections';
  readonly formula: string;
  /** `hold` = the plan's phases with that role; `run` = all phases. */
  readonly window: 'hold' | 'run';
  readonly bound: Bound;
  readonly minSamples: MinSamples;
  /** What `samples` counts. */
  readonly sampleOf: string;
  /** Without it the row cannot be filled by this run and is not judged. */
  readonly needs: readonly Need[];
  /** Who measures it: `collector` rows wait for the gate level `full`. */
  readonly source: 'viewers' | 'collector';
  /** Every metric that `compute` reads. */
  readonly metrics: readonly MetricName[];
  compute(view: View, wholeRun: View): Measured;
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

/** Only the numbers that exist. */
export function present(
  beside: Readonly<Record<string, number | string | undefined>>,
): Record<string, number | string> {
  const kept: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(beside)) if (value !== undefined) kept[name] = value;
  return kept;
}
