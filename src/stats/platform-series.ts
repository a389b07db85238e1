/**
 * What the platform's own meters say over time. Nothing reads them yet: the rows that are judged by them have no data
 * until something hands these series to the gate.
 */

/** Every figure that a row may ask for: what it is, in its unit. */
export const PLATFORM_METRICS = {
  cpu_pct: 'CPU of a container, % of what it may use',
  memory_bytes: 'memory of a container, bytes',
  memory_pct: 'memory of a container, % of its limit; of the host where it has none',
  swap_bytes: 'swap in use, bytes',
  srs_memory_bytes: 'memory of the media server, bytes',
  node_heap_bytes: 'heap in use by the backend, bytes',
  redis_memory_bytes: 'memory in use by Redis, bytes',
  redis_evicted_count: 'keys that Redis evicted, since it was started',
  pg_cache_hit_pct: 'block reads that PostgreSQL served from its cache, % since the reading before',
  pg_deadlock_count: 'deadlocks of PostgreSQL, since it was started',
  pool_in_use_pct: 'connections of a pool in use, % of its size',
  pool_refused_count: 'requests that waited for a connection of a pool in vain, since it was started',
  descriptor_count: 'open descriptors of a container',
  srs_dropped_frame_count: 'frames that the media server dropped, since it was started',
  room_members_pct: 'members of the stream’s room, % of the viewers that this run has joined to it',
  orphan_count: 'sockets, media connections and room members of this run that are open on the platform',
} as const;

export type PlatformMetric = keyof typeof PLATFORM_METRICS;

/** One figure of one source, oldest first. Whoever reads the platform keeps it bounded. */
export interface PlatformSeries {
  readonly metric: PlatformMetric;
  /** E.g. the name of a container. */
  readonly source: string;
  readonly points: readonly PlatformPoint[];
}

export interface PlatformPoint {
  /** Run milliseconds. */
  readonly atMs: number;
  readonly value: number;
}

/** By how much a figure that only grows has grown; a restart of its source begins again at 0. */
export function growthOf(points: readonly PlatformPoint[]): number {
  let grown = 0;
  points.forEach(({ value }, index) => {
    const before = points[index - 1]?.value;
    if (before !== undefined) grown += value >= before ? value - before : value;
  });
  return grown;
}
