/** Where the number of a threshold comes from, as paths into a line of `system.ndjson`; `*` stands for each name. */
export type Measure =
  | { readonly kind: 'value'; readonly paths: readonly string[]; readonly named?: RegExp }
  /** Percent: what `part` adds up to, of `whole`; each by its own name. A whole of none has no share. */
  | { readonly kind: 'share'; readonly of: Readonly<Record<string, Share>> }
  | { readonly kind: 'sum'; readonly paths: readonly string[] }
  /** Growth per minute over the last minute that was seen; `source` tells what the counts are made of. */
  | { readonly kind: 'per_minute'; readonly path: string; readonly source: string };

export interface Share {
  readonly part: readonly string[];
  readonly whole: readonly string[];
  /** Fewer of the part in less than this whole are chance: nothing is known of their share. Absent = any will do. */
  readonly few?: { readonly part: number; readonly whole: number };
}

/** One or two bad answers of a handful are no share of the answers; three are a trouble, and so is one of a hundred. */
const FEW_ANSWERS = { part: 3, whole: 20 };

export type Comparison = '>' | '<' | '!=';
export type Severity = 'warning' | 'critical';

/** A threshold of the strategy that is watched. */
export interface Threshold {
  /** Section of the strategy. */
  readonly section: string;
  readonly measure: Measure;
  readonly is: Comparison;
  readonly bound: number;
  readonly unit: string;
  /** How long it must hold, ms; 0 = one line is enough. */
  readonly forMs: number;
  readonly severity: Severity;
  readonly words: string;
  /** A source whose silence is the trouble itself: its gap counts as crossed. */
  readonly silence?: string;
  /** Looked at only from so much on; below it all is well. */
  readonly from?: { readonly path: string; readonly atLeast: number };
}

type Tail = Partial<Pick<Threshold, 'forMs' | 'severity' | 'silence' | 'from'>>;

function row(
  section: string,
  measure: Measure | string,
  is: Comparison,
  bound: number,
  unit: string,
  words: string,
  { forMs = 0, severity = 'warning', ...rest }: Tail = {},
): Threshold {
  const from: Measure = typeof measure === 'string' ? { kind: 'value', paths: [measure] } : measure;
  return { section, measure: from, is, bound, unit, words, forMs, severity, ...rest };
}

const CPU = ['docker.*.cpu_pct', 'process.*.cpu_pct'];
const critical = { severity: 'critical' } as const;

/** Answers of a status, of API and pages alone and of all lines: many segments must not hide a broken API. */
function answers(status: string): Measure {
  const classes = ['error', 'media', 'socket'].map((name) => `nginx.${name}_${status}`);
  return {
    kind: 'share',
    of: {
      api: { part: [`nginx.error_${status}`], whole: ['nginx.requests'], few: FEW_ANSWERS },
      all: {
        part: classes,
        whole: ['nginx.requests', 'nginx.media_requests', 'nginx.socket_requests'],
        few: FEW_ANSWERS,
      },
    },
  };
}

function anyAnswer(status: number): Measure {
  return { kind: 'sum', paths: ['error', 'media', 'socket'].map((name) => `nginx.${name}_${status}`) };
}

/**
 * Every threshold of the strategy's 3.2 to 3.7 that a line can tell. The strategy has no levels of severity: critical is
 * here what viewers feel at once, or what a mandatory row of its gate is made of.
 */
export const THRESHOLDS = {
  'container-cpu': row('3.2', { kind: 'value', paths: CPU }, '>', 75, '%', 'CPU', {
    forMs: 60_000,
    ...critical,
  }),
  'container-memory': row(
    '3.2',
    { kind: 'value', paths: ['docker.*.mem_pct', 'process.*.mem_pct'] },
    '>',
    80,
    '%',
    'memory of its limit',
    critical,
  ),
  'container-pids': row(
    '3.2',
    { kind: 'value', paths: ['docker.*.pids', 'process.*.threads'] },
    '>',
    500,
    '',
    'processes and threads',
  ),
  'nginx-rt-p95': row('3.3', 'nginx.rt_p95_ms', '>', 1000, 'ms', 'p95 of the response time'),
  'nginx-rt-p99': row('3.3', 'nginx.rt_p99_ms', '>', 2000, 'ms', 'p99 of the response time'),
  'nginx-4xx': row('3.3', answers('4xx'), '>', 5, '%', 'answers of 4xx'),
  'nginx-5xx': row('3.3', answers('5xx'), '>', 1, '%', 'answers of 5xx', critical),
  'nginx-499': row('3.3', answers('499'), '>', 5, '%', 'requests given up by the client'),
  'nginx-502': row('3.3', anyAnswer(502), '>', 0, '', 'bad gateways: SRS or backend down', critical),
  'nginx-504': row(
    '3.3',
    anyAnswer(504),
    '>',
    0,
    '',
    'gateway timeouts: SRS or backend overloaded',
    critical,
  ),
  'nginx-connections': row('3.3', 'nginx.connections_active', '>', 1500, '', 'open connections'),
  'nginx-uct-p95': row('3.3', 'nginx.uct_p95_ms', '>', 100, 'ms', 'p95 of the upstream connect time'),
  'nginx-urt-p95': row('3.3', 'nginx.urt_p95_ms', '>', 500, 'ms', 'p95 of the upstream response time'),
  'srs-clients': row('3.4', 'srs.clients', '>', 600, '', 'clients of SRS'),
  'srs-streams': row('3.4', 'srs.streams_active', '!=', 1, '', 'streams with a publisher'),
  'srs-bitrate-low': row('3.4', 'srs.bitrate_low_kbps', '<', 500, 'kbit/s', 'bitrate of the stream'),
  'srs-bitrate-high': row('3.4', 'srs.bitrate_high_kbps', '>', 6000, 'kbit/s', 'bitrate of the stream'),
  'srs-publisher': row('3.4', 'srs.publishers', '<', 1, '', 'publishers', critical),
  'srs-cpu': row('3.4', { kind: 'value', paths: CPU, named: /srs/i }, '>', 70, '%', 'CPU of SRS', critical),
  'srs-frame-drops': row(
    '3.4',
    { kind: 'per_minute', path: 'srs.dropped_frame_lines', source: 'srs.log' },
    '>',
    0,
    '/min',
    'frame drops',
  ),
  'srs-disconnects': row(
    '3.4',
    { kind: 'per_minute', path: 'srs.disconnect_lines', source: 'srs.log' },
    '>',
    10,
    '/min',
    'client disconnects',
  ),
  'backend-health': row('3.5', 'backend.health_status', '!=', 200, '', 'answer of the health endpoint', {
    ...critical,
    silence: 'backend.health',
  }),
  'backend-loop-lag': row('3.5', 'backend.event_loop_lag_ms', '>', 100, 'ms', 'event loop lag'),
  'backend-heap': row('3.5', 'backend.heap_used_mb', '>', 512, 'MB', 'heap in use'),
  'backend-external': row('3.5', 'backend.external_mb', '>', 256, 'MB', 'external memory'),
  'redis-clients': row('3.6', 'redis.connected_clients', '>', 200, '', 'connected clients'),
  'redis-memory': row('3.6', 'redis.used_memory_mb', '>', 200, 'MB', 'used memory', critical),
  'redis-fragmentation': row('3.6', 'redis.mem_fragmentation_ratio', '>', 1.5, '', 'memory fragmentation', {
    from: { path: 'redis.used_memory_mb', atLeast: 32 },
  }),
  'redis-ops': row('3.6', 'redis.ops_per_sec', '>', 10_000, '/s', 'commands'),
  'redis-hits': row('3.6', 'redis.hit_pct', '<', 90, '%', 'hit rate of the keyspace'),
  'redis-evicted': row('3.6', 'redis.evicted_keys', '>', 0, '', 'evicted keys'),
  'postgres-connections': row(
    '3.7',
    'postgres.active_pct',
    '>',
    80,
    '%',
    'active connections of the limit',
    critical,
  ),
  'postgres-waiting': row('3.7', 'postgres.waiting_queries', '>', 10, '', 'waiting queries'),
  'postgres-cache': row('3.7', 'postgres.cache_hit_pct', '<', 95, '%', 'cache hit ratio'),
  'postgres-deadlocks': row('3.7', 'postgres.deadlocks', '>', 0, '', 'deadlocks', critical),
  'postgres-slow': row('3.7', 'postgres.slow_queries', '>', 0, '', 'slow queries'),
} as const satisfies Readonly<Record<string, Threshold>>;

export type ThresholdId = keyof typeof THRESHOLDS;

export const THRESHOLD_IDS = Object.keys(THRESHOLDS) as ThresholdId[];

/** A threshold of the strategy that nobody can watch from outside, and why. */
export interface Unwatched {
  readonly section: string;
  readonly metric: string;
  readonly threshold: string;
  readonly why: string;
}

const NO_SOCKETS = 'the platform does not tell how many sockets a namespace has';

export const UNWATCHED: readonly Unwatched[] = [
  { section: '3.5', metric: 'WebSocket connections (/)', threshold: '> 600', why: NO_SOCKETS },
  { section: '3.5', metric: 'WebSocket connections (/chat)', threshold: '> 600', why: NO_SOCKETS },
  { section: '3.5', metric: 'WebSocket connections (/streaming)', threshold: '> 600', why: NO_SOCKETS },
  {
    section: '3.5',
    metric: 'Chat messages/sec',
    threshold: '> 100/s',
    why: 'the platform keeps no counter chat:rate',
  },
  {
    section: '3.5',
    metric: 'Viewer count accuracy',
    threshold: 'delta > 5 %',
    why: 'the platform does not tell the size of the room of its sockets',
  },
  {
    section: '3.5',
    metric: 'API response time',
    threshold: 'p95 > 500 ms',
    why: 'the platform does not tell the timing of its interceptor; nginx-urt-p95 has the same bound from outside',
  },
];
