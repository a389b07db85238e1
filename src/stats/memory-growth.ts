import { slopeOfSeries } from './slope.js';
import type { Stretch } from './timeline.js';

const HOUR_MS = 3_600_000;
/** Below this a heap that finds its size looks like one that grows. */
const LEAST_MS = 1_200_000;
/** Caches fill, pools open, code is compiled: the first third of a short hold, and never more than an hour. */
const WARM_UP_SHARE = 0.33;
const MOST_WARM_UP_MS = HOUR_MS;
const LEAST_POINTS = 20;

/** How the generator's own memory moved while the crowd stayed the same. */
export interface MemoryGrowth {
  readonly bytesPerHour: number;
  /** The 95 % interval of `bytesPerHour`. */
  readonly lowBytesPerHour: number;
  readonly highBytesPerHour: number;
  /** The robust line where the warm-up ends. */
  readonly fromBytes: number;
  /** What was looked at, the warm-up left out. */
  readonly overMs: number;
}

/** The robust slope of resident memory (Theil-Sen, of a series); undefined where too little was measured to speak of growth. */
export function memoryGrowth(stretches: readonly Stretch[]): MemoryGrowth | undefined {
  const first = stretches[0];
  const last = stretches.at(-1);
  if (first === undefined || last === undefined || last.toMs - first.fromMs < LEAST_MS) return undefined;
  const warmMs = first.fromMs + Math.min(MOST_WARM_UP_MS, WARM_UP_SHARE * (last.toMs - first.fromMs));
  const points = stretches.flatMap(({ fromMs, toMs, rssBytes }) => {
    return rssBytes === undefined || fromMs < warmMs ? [] : [{ atMs: (fromMs + toMs) / 2, value: rssBytes }];
  });
  if (points.length < LEAST_POINTS) return undefined;
  const slope = slopeOfSeries(points);
  const at = points[0]?.atMs ?? 0;
  if (slope === undefined || !Number.isFinite(slope.lowPerMs + slope.highPerMs)) return undefined;
  return {
    bytesPerHour: Math.round(slope.perMs * HOUR_MS),
    lowBytesPerHour: Math.round(slope.lowPerMs * HOUR_MS),
    highBytesPerHour: Math.round(slope.highPerMs * HOUR_MS),
    fromBytes: Math.round(slope.at(at)),
    overMs: last.toMs - warmMs,
  };
}
