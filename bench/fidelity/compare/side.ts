import type { EndState, Span } from '../story.js';
import { lowMedian, median, medianOfPresent, mostFrequent } from './median.js';
import type { Reading } from './reading.js';

/** One side of a condition: the medians over its repeats. */
export interface Side {
  readonly rebuffers: readonly Span[];
  /** Each repeat's own number of rebuffers. */
  readonly counts: readonly number[];
  readonly totalMs: number;
  readonly firstFrameMs: number | undefined;
  readonly latencyMs: number | undefined;
  readonly frozenMs: number;
  readonly seeks: number;
  readonly skippedMs: number;
  readonly replayedMs: number;
  readonly endState: EndState;
}

/**
 * Medians of one side's repeats. Rebuffers are the medians, boundary by boundary, over those repeats that have
 * the median number of them: a repeat with another number has no third wait to be averaged with.
 *
 * @throws RangeError without a repeat
 */
export function medianSide(readings: readonly Reading[]): Side {
  const counts = readings.map(({ rebuffers }) => rebuffers.length);
  const count = lowMedian(counts);
  if (count === undefined) throw new RangeError('a side without a run');
  const typical = readings.filter(({ rebuffers }) => rebuffers.length === count);
  return {
    rebuffers: Array.from({ length: count }, (_, i) =>
      medianSpan(typical.map((r) => r.rebuffers[i] as Span)),
    ),
    counts,
    totalMs: present(readings.map(({ totalMs }) => totalMs)),
    firstFrameMs: medianOfPresent(readings.map(({ firstFrameMs }) => firstFrameMs)),
    latencyMs: medianOfPresent(readings.map(({ latencyMs }) => latencyMs)),
    frozenMs: present(readings.map(({ frozenMs }) => frozenMs)),
    seeks: lowMedian(readings.map(({ seeks }) => seeks)) as number,
    skippedMs: present(readings.map(({ skippedMs }) => skippedMs)),
    replayedMs: present(readings.map(({ replayedMs }) => replayedMs)),
    endState: mostFrequent(readings.map(({ endState }) => endState)) as EndState,
  };
}

function medianSpan(spans: readonly Span[]): Span {
  const fromMs = present(spans.map((span) => span.fromMs));
  const toMs = medianOfPresent(spans.map((span) => span.toMs));
  return toMs === undefined ? { fromMs } : { fromMs, toMs };
}

function present(values: readonly number[]): number {
  return median(values) as number;
}
