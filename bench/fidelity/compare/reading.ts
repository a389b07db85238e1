import type { EndState, Span, Story } from '../story.js';
import type { Bounds } from './bounds.js';
import { median } from './median.js';

/** One story in the numbers that are compared. Milliseconds; instants since the session's zero. */
export interface Reading {
  /** Waits of the least length and more, in order. */
  readonly rebuffers: readonly Span[];
  readonly microWaits: number;
  readonly totalMs: number;
  readonly firstFrameMs?: number;
  /** Median over the run. */
  readonly latencyMs?: number;
  readonly frozenMs: number;
  readonly seeks: number;
  readonly skippedMs: number;
  readonly replayedMs: number;
  readonly reloads: number;
  readonly endState: EndState;
}

/**
 * Reads a story up to `untilMs`, the end of the shorter of the two sides: what only one of them was there to see
 * is not held against the other. A wait that goes on beyond it is open, and lasts until then.
 */
export function readStory(story: Story, bounds: Bounds, untilMs: number): Reading {
  const waits = clip(story.waits, untilMs);
  const rebuffers = waits.filter((span) => lengthMs(span, untilMs) >= bounds.rebufferMinMs);
  const latencyMs = median(
    story.latency.filter(({ atMs }) => atMs <= untilMs).map((point) => point.latencyMs),
  );
  return {
    rebuffers,
    microWaits: waits.length - rebuffers.length,
    totalMs: sum(rebuffers.map((span) => lengthMs(span, untilMs))),
    ...(story.firstFrameMs === undefined ? {} : { firstFrameMs: story.firstFrameMs }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    frozenMs: sum(clip(story.frozen, untilMs).map((span) => lengthMs(span, untilMs))),
    seeks: story.seeks.filter(({ atMs }) => atMs <= untilMs).length,
    skippedMs: story.skippedMs,
    replayedMs: story.replayedMs,
    reloads: story.reloadsAtMs.filter((atMs) => atMs <= untilMs).length,
    endState: story.endState,
  };
}

/** Length of a span, ms; one that is open lasts until `untilMs`. */
export function lengthMs(span: Span, untilMs: number): number {
  return (span.toMs ?? untilMs) - span.fromMs;
}

function clip(spans: readonly Span[], untilMs: number): readonly Span[] {
  return spans
    .filter(({ fromMs }) => fromMs < untilMs)
    .map((span) => (span.toMs !== undefined && span.toMs < untilMs ? span : { fromMs: span.fromMs }));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
