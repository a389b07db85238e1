import type { EndState, Span, Story } from '../story.js';
import type { Bounds } from './bounds.js';
import { median } from './median.js';

/** Between two points that are this close latency ran along the line from the one to the other, ms. */
const ON_LINE_MS = 750;
const STEP_MS = 20;

/** One story in the numbers that are compared. Milliseconds; instants since the session's zero. */
export interface Reading {
  /** Waits of the least length and more, in order. */
  readonly rebuffers: readonly Span[];
  readonly microWaits: number;
  readonly totalMs: number;
  readonly firstFrameMs?: number;
  /** Median over the time for which it is known. */
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
  const latencyMs = median(overTime(story, untilMs));
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

/**
 * Latency every 20 ms, from the start to the end. While a picture stands latency grows by half a second from one point to
 * the next: a median of the points alone would hang on when the one side and the other happened to look.
 */
function overTime({ latency, startedMs, playingMs = 0 }: Story, untilMs: number): readonly number[] {
  const points = latency.filter(({ atMs }) => atMs <= untilMs);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const between = points.flatMap((point, i) => {
    const next = points[i + 1];
    if (next === undefined || next.atMs - point.atMs > ON_LINE_MS) return [point.latencyMs];
    const steps = Math.max(1, Math.round((next.atMs - point.atMs) / STEP_MS));
    const perStepMs = (next.latencyMs - point.latencyMs) / steps;
    return Array.from({ length: steps }, (_, k) => point.latencyMs + k * perStepMs);
  });
  return [
    ...held(first.latencyMs, first.atMs - (startedMs + playingMs)),
    ...between,
    ...held(last.latencyMs, untilMs - last.atMs),
  ];
}

/** Nobody looked for `forMs` before the first or behind the last point. */
function held(latencyMs: number, forMs: number): readonly number[] {
  const steps = forMs > 0 && forMs <= ON_LINE_MS ? Math.floor(forMs / STEP_MS) : 0;
  return Array.from({ length: steps }, () => latencyMs);
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
