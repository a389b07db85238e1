import { type Bound, type Kpi, type Measured, meets, present, rate } from './kpi.js';
import { fewestReadings, missingOf, noneWords, restartsOf, worstOf } from './platform-rows.js';
import { highest, highOf, meanOf, type PlatformMetric, type PlatformPoint } from './platform-series.js';

/**
 * Rows of the platform's own meters. They are judged at the gate level `full` only, which is asked for when something
 * reads those meters. None passes on what was not read: a source that was silent for more than a tenth of the window
 * leaves the row without data, unless what was read fails by itself.
 */

const BYTES_PER_MB = 1e6;

interface Picked {
  readonly value: number;
  /** When it was so; absent = it is of the whole window. */
  readonly atMs?: number;
}

/** One figure of the readings of one source. */
interface Pick {
  of(points: readonly PlatformPoint[]): Picked;
  /** More readings cannot make a failure of it good again. */
  readonly isFinal: boolean;
  /** What was counted before a restart is not known. */
  readonly isCounted?: true;
}

const MAX: Pick = {
  of: (points) => atPoint(highest(points), highOf),
  isFinal: true,
};
const MEAN: Pick = { of: (points) => ({ value: meanOf(points) }), isFinal: false };
const SUM: Pick = {
  of: (points) => {
    const value = points.reduce((sum, point) => sum + point.value, 0);
    const { atMs } = atPoint(highest(points), highOf);
    return { value, ...(atMs === undefined || value === 0 ? {} : { atMs }) };
  },
  isFinal: true,
  isCounted: true,
};
/** How far from 100. */
const FARTHEST: Pick = {
  of: (points) => {
    const off = points.map((point) => ({ ...point, value: Math.abs(point.value - 100), high: undefined }));
    return off.reduce<Picked>((most, { value, atMs }) => (value > most.value ? { value, atMs } : most), {
      value: Number.NEGATIVE_INFINITY,
    });
  },
  isFinal: true,
};

function atPoint(point: PlatformPoint | undefined, of: (point: PlatformPoint) => number): Picked {
  return point === undefined ? { value: Number.NaN } : { value: of(point), atMs: point.atMs };
}

type Level = Omit<
  Kpi,
  'compute' | 'metrics' | 'needs' | 'source' | 'platform' | 'minSamples' | 'sampleOf'
> & {
  readonly metric: PlatformMetric;
  readonly pick: Pick;
  readonly per?: number;
  /** Nothing that runs has none of it. */
  readonly neverNone?: true;
  /** A figure that is there whenever its source answers, where this one is not; absent = this one is. */
  readonly coveredBy?: PlatformMetric;
};

/** Meters are read every few seconds: below this there was hardly a look at them. */
const MIN_READINGS = { minSamples: { atLeast: 10 }, sampleOf: 'readings of each source' } as const;

/** A row whose value is one figure per source, of which the worst is judged. */
function level({ metric, pick, per = 1, coveredBy, neverNone, ...row }: Level): Kpi {
  return {
    ...row,
    ...MIN_READINGS,
    needs: [],
    source: 'collector',
    metrics: [],
    platform: coveredBy === undefined ? [metric] : [metric, coveredBy],
    compute(_view, _run, sight): Measured {
      const all = sight.platform(metric, row.window);
      const values = all.flatMap(({ source, points }) => {
        if (points.length === 0) return [];
        const { value, atMs } = pick.of(points);
        return [{ source, value: value / per, ...(atMs === undefined ? {} : { atMs }) }];
      });
      const most = worstOf(values, row.bound);
      const isLost = most !== undefined && pick.isFinal && !meets(row.bound, most.value);
      const asked = coveredBy === undefined ? all : sight.platform(coveredBy, row.window);
      const missing = isLost
        ? undefined
        : (missingOf(asked, { counts: pick.isCounted === true }) ?? (neverNone && noneWords(all)));
      return {
        ...(most === undefined ? {} : { value: most.value }),
        ...(most?.atMs === undefined
          ? {}
          : { worst: { fromMs: most.atMs, toMs: most.atMs, value: most.value } }),
        ...(missing === undefined ? {} : { noData: missing }),
        samples: fewestReadings(all),
        beside: present({ source: most?.source, sources: all.length || undefined, ...restartsOf(all) }),
      };
    },
  };
}

const FULL_LOAD = { vus: 500 } as const;
const below = (value: number): Bound => ({ op: '<', value });
const none: Bound = { op: '<=', value: 0 };

const CPU = { unit: '%', metric: 'cpu_pct', bound: below(75), mandatory: true } as const;

export const CPU_MAX: Kpi = level({
  ...CPU,
  asks: FULL_LOAD,
  title: 'CPU of any container, highest',
  section: '5.1#2, 1.3',
  formula:
    'highest reading of any container, % of what it may use; "average" and "never" are both demanded: never in the ramp profile, on average in the soak',
  window: 'calm',
  pick: MAX,
});

export const CPU_MEAN: Kpi = level({
  ...CPU,
  title: 'CPU of any container, mean',
  section: '2.2 soak',
  formula: 'mean of the readings of each container, % of what it may use; the highest container is judged',
  window: 'hold',
  pick: MEAN,
});

export const MEMORY_USED: Kpi = level({
  title: 'Memory in use',
  section: '1.3',
  mandatory: true,
  unit: '%',
  formula: "highest reading of any container, % of its limit or, without one, of the host's memory",
  window: 'calm',
  bound: below(80),
  metric: 'memory_pct',
  pick: MAX,
  neverNone: true,
});

export const SWAP_USED: Kpi = level({
  title: 'Swap in use',
  section: '1.3, 2.2 soak, 5.1#3',
  mandatory: true,
  unit: 'MB',
  formula: 'highest reading; a single byte is too much',
  window: 'run',
  bound: none,
  metric: 'swap_bytes',
  pick: MAX,
  per: BYTES_PER_MB,
});

function memoryOf(
  title: string,
  section: string,
  metric: PlatformMetric,
  limitMb: number,
  asks: Kpi['asks'] = {},
): Kpi {
  return level({
    title,
    section,
    mandatory: true,
    unit: 'MB',
    formula: 'highest reading, MB of 10^6 bytes',
    window: 'calm',
    bound: below(limitMb),
    metric,
    pick: MAX,
    per: BYTES_PER_MB,
    neverNone: true,
    asks,
  });
}

export const SRS_MEMORY: Kpi = memoryOf(
  'Memory of the media server',
  '1.3',
  'srs_memory_bytes',
  2000,
  FULL_LOAD,
);
export const NODE_HEAP: Kpi = memoryOf('Heap of the backend', '1.3', 'node_heap_bytes', 512, FULL_LOAD);
export const REDIS_MEMORY: Kpi = memoryOf('Memory of Redis', '1.3', 'redis_memory_bytes', 200);

const counted = (row: Omit<Level, 'pick' | 'unit' | 'bound'>): Kpi =>
  level({ ...row, unit: 'events', bound: none, pick: SUM });

export const POOL_EXHAUSTED: Kpi = counted({
  title: 'Connection pools exhausted',
  section: '2.2 soak',
  mandatory: true,
  formula: 'requests that waited in vain for a connection of a pool',
  window: 'run',
  metric: 'pool_refused_count',
});

export const REDIS_EVICTIONS: Kpi = counted({
  title: 'Keys evicted by Redis',
  section: '5.2 A1',
  mandatory: false,
  formula: 'keys that Redis evicted, added up',
  window: 'run',
  metric: 'redis_evicted_count',
});

export const PG_DEADLOCKS: Kpi = counted({
  title: 'Deadlocks of PostgreSQL',
  section: '5.2 A7',
  mandatory: false,
  formula: 'deadlocks, added up',
  window: 'run',
  metric: 'pg_deadlock_count',
});

export const SRS_FRAME_DROPS: Kpi = counted({
  title: 'Frames dropped by the media server',
  section: '5.2 A3',
  mandatory: false,
  formula: 'lines of its log about frames it dropped, added up; what viewers miss is frame_drop_rate',
  window: 'hold',
  metric: 'srs_dropped_frame_count',
});

export const PG_CACHE_HITS: Kpi = level({
  title: 'Cache hits of PostgreSQL',
  section: '5.2 A2',
  mandatory: false,
  unit: '%',
  formula: 'mean of the readings in which there was anything to read',
  window: 'hold',
  bound: { op: '>', value: 95 },
  metric: 'pg_cache_hit_pct',
  pick: MEAN,
  coveredBy: 'pg_deadlock_count',
});

export const ROOM_ACCURACY: Kpi = level({
  title: 'Room members against viewers',
  section: '5.2 A4',
  mandatory: false,
  unit: '%',
  formula:
    'greatest difference, at any reading of the hold, between the members of the room and the viewers that have joined it, % of the viewers',
  window: 'hold',
  bound: { op: '<=', value: 5 },
  metric: 'room_members_pct',
  pick: FARTHEST,
  coveredBy: 'redis_evicted_count',
});

/** Share of answers that nginx itself logged as server faults, which is where the strategy looks for them. */
export const NGINX_5XX_RATE: Kpi = {
  title: 'Server faults (5xx) in the log of nginx',
  section: '5.1#9',
  mandatory: true,
  unit: '%',
  formula:
    '5xx lines of the access log / lines x 100, neither media nor sockets; also of requests that no viewer of this run made',
  window: 'calm',
  bound: below(1),
  minSamples: { atLeast: 20 },
  sampleOf: 'lines of the access log',
  needs: [],
  source: 'collector',
  metrics: [],
  platform: ['nginx_request_count', 'nginx_5xx_count'],
  compute(_view, _run, sight): Measured {
    const lines = sight.platform('nginx_request_count', 'calm');
    const faulty = sight.platform('nginx_5xx_count', 'calm');
    const sum = (all: typeof lines): number =>
      all.reduce((total, { points }) => total + points.reduce((part, { value }) => part + value, 0), 0);
    const [requests, faults] = [sum(lines), sum(faulty)];
    const missing = missingOf(lines, { counts: true });
    return {
      ...rate(faults, requests),
      samples: requests,
      ...(missing === undefined ? {} : { noData: missing }),
      beside: present({ faults, ...restartsOf(lines) }),
    };
  },
};
