import { boundaries } from './boundaries.js';
import type { Bounds } from './bounds.js';
import { totalBoundMs } from './bounds.js';
import { median } from './median.js';
import type { Reading } from './reading.js';

/**
 * Marginal runs. Whether the buffer ran dry is sometimes decided by a few milliseconds, and one underrun more
 * doubles what the browser wants to have before it goes on: two browsers then see different things on the same
 * stream. Each run has three viewers of ours: as it is, and two that decide to the other side wherever a decision is
 * that close to its boundary (ours/variants.ts), and nowhere else.
 *
 * - A **run** is marginal when a shifted viewer disagrees with the one that is not shifted on the number of
 *   rebuffers, or on a boundary by more than twice the bound on boundaries: that is another decision.
 * - A **condition** is marginal when more than half of its runs are, or when the browser's own repeats disagree
 *   on the number of rebuffers.
 * - It then gives an interval: from the least to the most that any of our viewers of any repeat saw.
 *
 * The browser may lie outside of that interval all the same. Then the condition is judged as any other one: being
 * marginal excuses nothing that the interval does not explain.
 */

/** All readings of one run, of one origin, at one time. */
export interface RunReadings {
  readonly browser: Reading;
  readonly ours: Reading;
  /** Our viewer with its decisions shifted to either side. */
  readonly shifted: readonly Reading[];
}

export interface Range {
  readonly least: number;
  readonly most: number;
}

export interface Marginal {
  /** In words, for the reader. */
  readonly why: string;
  readonly count: Range;
  readonly totalMs: Range;
  readonly latencyMs: Range | undefined;
  /** Every repeat's number of rebuffers, and the medians of the rest within their bounds. */
  readonly browserInside: boolean;
}

/** Undefined for a condition that is not marginal. */
export function marginal(
  runs: readonly RunReadings[],
  bounds: Bounds,
  boundaryMs: number,
): Marginal | undefined {
  const marginalRuns = runs.filter((run) => isMarginalRun(run, boundaryMs)).length;
  const browserCounts = new Set(runs.map(({ browser }) => browser.rebuffers.length));
  const reasons = [
    ...(browserCounts.size > 1
      ? [`the browser's own repeats had ${[...browserCounts].sort().join(' or ')}`]
      : []),
    ...(marginalRuns * 2 > runs.length
      ? [`${marginalRuns} of ${runs.length} runs hang on milliseconds`]
      : []),
  ];
  if (reasons.length === 0) return undefined;
  const readings = runs.flatMap(({ ours, shifted }) => [ours, ...shifted]);
  const count = range(readings.map(({ rebuffers }) => rebuffers.length));
  const totalMs = range(readings.map((reading) => reading.totalMs));
  const latencies = readings.map(({ latencyMs }) => latencyMs).filter((value) => value !== undefined);
  const latencyMs = latencies.length === 0 ? undefined : range(latencies);
  const browserInside =
    [...browserCounts].every((n) => isInside(n, count, 0)) &&
    isTotalInside(runs, totalMs, bounds) &&
    isLatencyInside(runs, latencyMs, bounds);
  return { why: reasons.join('; '), count, totalMs, latencyMs, browserInside };
}

/** Whether a shifted viewer of this run disagrees with the one that is not. */
export function isMarginalRun({ ours, shifted }: RunReadings, boundaryMs: number): boolean {
  return shifted.some(
    ({ rebuffers }) =>
      rebuffers.length !== ours.rebuffers.length ||
      boundaries(ours.rebuffers, rebuffers, 2 * boundaryMs).some(({ ok }) => !ok),
  );
}

function isTotalInside(runs: readonly RunReadings[], totalMs: Range, bounds: Bounds): boolean {
  const browser = median(runs.map((run) => run.browser.totalMs)) as number;
  return isInside(browser, totalMs, totalBoundMs(bounds, browser));
}

function isLatencyInside(
  runs: readonly RunReadings[],
  latencyMs: Range | undefined,
  bounds: Bounds,
): boolean {
  const browser = median(runs.map((run) => run.browser.latencyMs).filter((value) => value !== undefined));
  if (browser === undefined || latencyMs === undefined) return browser === latencyMs;
  return isInside(browser, latencyMs, bounds.latencyMs);
}

function isInside(value: number, { least, most }: Range, slack: number): boolean {
  return value >= least - slack && value <= most + slack;
}

function range(values: readonly number[]): Range {
  return { least: Math.min(...values), most: Math.max(...values) };
}
