/** What the platform's own meters say over time. */

/** Every figure that a row may ask for: what it is, in its unit. */
export const PLATFORM_METRICS = {
  cpu_pct: 'CPU of a container or process, % of what it may use',
  memory_bytes: 'memory of a container or process, bytes',
  memory_pct: 'memory of a container or process, % of its limit; of the host where it has none',
  swap_bytes: 'swap in use by a container or process, bytes',
  srs_memory_bytes: 'memory of the media server, bytes',
  node_heap_bytes: 'heap in use by the backend, bytes',
  redis_memory_bytes: 'memory in use by Redis, bytes',
  redis_evicted_count: 'keys that Redis evicted since the reading before',
  pg_cache_hit_pct: 'block reads that PostgreSQL served from its cache, % since the reading before',
  pg_deadlock_count: 'deadlocks of PostgreSQL since the reading before',
  pool_in_use_pct: 'connections of a pool in use, % of its size',
  pool_refused_count: 'requests that waited for a connection of a pool in vain since the reading before',
  descriptor_count: 'open descriptors of a container or process',
  srs_dropped_frame_count: 'lines of the media server about frames it dropped, since the reading before',
  nginx_request_count: 'requests that nginx logged since the reading before, neither media nor sockets',
  nginx_5xx_count: 'of them answers of 500 to 599',
  room_members_pct: 'members of the stream’s room, % of the viewers that this run has joined to it',
  client_count: 'FLV clients of the media server, and members of the stream’s room, whoever they are',
} as const;

export type PlatformMetric = keyof typeof PLATFORM_METRICS;

/** One figure of one source, oldest first, a bounded number. */
export interface PlatformSeries {
  readonly metric: PlatformMetric;
  /** E.g. the name of a container. */
  readonly source: string;
  readonly points: readonly PlatformPoint[];
  /** When the source began anew: what it counted just before is not known, and its memory is another one's. Run ms. */
  readonly restartsAtMs?: readonly number[];
}

/** One reading, or the few that a long run keeps as one. */
export interface PlatformPoint {
  /** Run milliseconds. */
  readonly atMs: number;
  /** Of a level the reading (the mean of several), of a count what was added. */
  readonly value: number;
  /** The highest of several readings; absent = the value. */
  readonly high?: number;
  /** How many; absent = 1. */
  readonly readings?: number;
  /** Time that a count was made in; of a level that it stands for. Absent = one interval. */
  readonly spanMs?: number;
}

/** Everything that a run's meters said. */
export interface PlatformData {
  /** Between two readings of a source that answers. */
  readonly everyMs: number;
  /** A source that was asked and never answered has a series without points. */
  readonly series: readonly PlatformSeries[];
  /** Figures that nobody was asked for, or that their source cannot tell, and why. */
  readonly untold: Readonly<Partial<Record<PlatformMetric, string>>>;
}

/** A series within a window. */
export interface SeenSeries extends PlatformSeries {
  /** Of the window, as far as it was measured, %. */
  readonly coveredPct: number;
  /** Whether that is enough to judge by. */
  readonly isCovered: boolean;
}

/** More of a window than this must have been read: what happened in the rest nobody knows. */
export const MIN_COVERED_PCT = 90;

/** Lays readings against the length of the window that they are of, ms. */
export function seen(series: PlatformSeries, windowMs: number, everyMs: number): SeenSeries {
  const coveredMs = series.points.reduce(
    (sum, { spanMs, readings = 1 }) => sum + (spanMs ?? readings * everyMs),
    0,
  );
  const coveredPct = windowMs <= 0 ? 0 : Math.min(100, (coveredMs / windowMs) * 100);
  // The first reading of a window comes up to one interval after its begin.
  const isCovered = coveredMs >= (windowMs * MIN_COVERED_PCT) / 100 - everyMs;
  return { ...series, coveredPct, isCovered: isCovered && series.points.length > 0 };
}

/** The highest reading. */
export function highest(points: readonly PlatformPoint[]): PlatformPoint | undefined {
  let most: PlatformPoint | undefined;
  for (const point of points) if (most === undefined || highOf(point) > highOf(most)) most = point;
  return most;
}

export function highOf({ value, high }: PlatformPoint): number {
  return high ?? value;
}

/** The mean of all readings. */
export function meanOf(points: readonly PlatformPoint[]): number {
  let sum = 0;
  let count = 0;
  for (const { value, readings = 1 } of points) {
    sum += value * readings;
    count += readings;
  }
  return count === 0 ? Number.NaN : sum / count;
}

export function readingsOf(points: readonly PlatformPoint[]): number {
  return points.reduce((sum, { readings = 1 }) => sum + readings, 0);
}
