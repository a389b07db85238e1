import type { PlatformMetric } from './platform-series.js';

/** Where in a line of system.ndjson a figure stands. */
export interface Feed {
  readonly metric: PlatformMetric;
  readonly section: string;
  readonly field: string;
  /** The source that tells it, as gaps and restarts name it; of a section with several of a kind the name's begin. */
  readonly source: string;
  /** The section has one entry per name: processes, containers. */
  readonly byName?: true;
  /** What one of the line's unit is in the metric's. */
  readonly times: number;
  /** In % of our own viewers that have joined at that instant; none where there are none. */
  readonly perOwnViewer?: true;
  /** Counted since the reading before, and so over the span that the line gives. */
  readonly isCount?: true;
  /** What the source is called beside a row; absent = its section, or its name. */
  readonly label?: string;
}

const MB = 1e6;
const CONTAINERS = [
  { section: 'process', source: 'process.' },
  { section: 'docker', source: 'docker' },
] as const;

function ofContainers(metric: PlatformMetric, field: string, times = 1): Feed[] {
  return CONTAINERS.map((place) => ({ ...place, metric, field, times, byName: true }));
}

function one(
  metric: PlatformMetric,
  place: Pick<Feed, 'section' | 'source' | 'field'>,
  more: Partial<Feed> = {},
): Feed {
  return { metric, times: 1, ...place, ...more };
}

const COUNT = { isCount: true } as const;

/** Every figure of a line that a row of the gate is made of. */
export const FEEDS: readonly Feed[] = [
  ...ofContainers('cpu_pct', 'cpu_pct'),
  ...ofContainers('memory_bytes', 'mem_mb', MB),
  ...ofContainers('memory_pct', 'mem_pct'),
  ...ofContainers('swap_bytes', 'swap_mb', MB),
  one('swap_bytes', { section: 'host', source: 'host', field: 'swap_mb' }, { times: MB }),
  ...ofContainers('descriptor_count', 'fds'),
  one('srs_memory_bytes', { section: 'srs', source: 'srs.api', field: 'mem_mb' }, { times: MB }),
  one('srs_dropped_frame_count', { section: 'srs', source: 'srs.log', field: 'dropped_frame_lines' }, COUNT),
  one(
    'client_count',
    { section: 'srs', source: 'srs.api', field: 'clients_flv' },
    { label: 'FLV clients of srs' },
  ),
  one(
    'node_heap_bytes',
    { section: 'backend', source: 'backend.monitoring', field: 'heap_used_mb' },
    { times: MB },
  ),
  one('nginx_request_count', { section: 'nginx', source: 'nginx.log', field: 'requests' }, COUNT),
  one('nginx_5xx_count', { section: 'nginx', source: 'nginx.log', field: 'error_5xx' }, COUNT),
  one('redis_memory_bytes', { section: 'redis', source: 'redis', field: 'used_memory_mb' }, { times: MB }),
  one('redis_evicted_count', { section: 'redis', source: 'redis', field: 'evicted_keys' }, COUNT),
  one(
    'room_members_pct',
    { section: 'redis', source: 'redis', field: 'viewers_set' },
    { perOwnViewer: true },
  ),
  one(
    'client_count',
    { section: 'redis', source: 'redis', field: 'viewers_set' },
    { label: 'room in redis' },
  ),
  one('pg_cache_hit_pct', { section: 'postgres', source: 'postgres', field: 'cache_hit_pct' }),
  one('pg_deadlock_count', { section: 'postgres', source: 'postgres', field: 'deadlocks' }, COUNT),
  one('pool_in_use_pct', { section: 'postgres', source: 'postgres', field: 'pool_busy_pct' }),
];

/** Whether a source of that name tells this figure. */
export function tells(feed: Feed, source: string): boolean {
  return (
    source === feed.source || source.startsWith(feed.source.endsWith('.') ? feed.source : `${feed.source}.`)
  );
}
