import { type Bound, type Kpi, type Measured, present } from './kpi.js';
import { growthOf, type PlatformMetric, type PlatformPoint, type PlatformSeries } from './platform-series.js';
import { growthAlong } from './slope.js';
import type { View } from './view.js';
import type { Window } from './windows.js';

/**
 * Rows of the platform's own meters. They are judged at the gate level `full` only, which is asked for when something
 * reads those meters.
 */

const BYTES_PER_MB = 1e6;
const HOUR_MS = 3_600_000;
/** Meters are read every few seconds: below this there was hardly a look at them. */
const MIN_READINGS = { minSamples: { atLeast: 20 }, sampleOf: 'readings' } as const;
const MAX: OfReadings = (points) => Math.max(...points.map(({ value }) => value));
const MEAN: OfReadings = (points) => points.reduce((sum, { value }) => sum + value, 0) / points.length;

type OfReadings = (points: readonly PlatformPoint[]) => number;
type Level = Omit<
  Kpi,
  'compute' | 'metrics' | 'needs' | 'source' | 'platform' | 'minSamples' | 'sampleOf'
> & {
  readonly metric: PlatformMetric;
  readonly pick: OfReadings;
  readonly per?: number;
};

/** The source that stands worst. */
function worst(values: readonly { readonly source: string; readonly value: number }[], { op }: Bound) {
  const sign = op === '<' || op === '<=' ? -1 : 1;
  return [...values].sort((a, b) => sign * (a.value - b.value))[0];
}

function readings(all: readonly PlatformSeries[]): number {
  return all.reduce((sum, { points }) => sum + points.length, 0);
}

/** A row whose value is one figure per source, of which the worst is judged. */
function level({ metric, pick, per = 1, ...row }: Level): Kpi {
  return {
    ...row,
    ...MIN_READINGS,
    needs: [],
    source: 'collector',
    metrics: [],
    platform: [metric],
    compute(_view, _run, sight): Measured {
      const all = sight.platform(metric, row.window);
      const values = all.map(({ source, points }) => ({ source, value: pick(points) / per }));
      const most = worst(values, row.bound);
      return {
        ...(most === undefined ? {} : { value: most.value }),
        samples: readings(all),
        beside: present({ source: most?.source, sources: all.length || undefined }),
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
  level({ ...row, unit: 'events', bound: none, pick: growthOf });

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
  formula: 'keys that Redis evicted between the first and the last reading',
  window: 'run',
  metric: 'redis_evicted_count',
});

export const PG_DEADLOCKS: Kpi = counted({
  title: 'Deadlocks of PostgreSQL',
  section: '5.2 A7',
  mandatory: false,
  formula: 'deadlocks between the first and the last reading',
  window: 'run',
  metric: 'pg_deadlock_count',
});

export const SRS_FRAME_DROPS: Kpi = counted({
  title: 'Frames dropped by the media server',
  section: '5.2 A3',
  mandatory: false,
  formula: 'frames that it says it dropped; what viewers miss is frame_drop_rate',
  window: 'hold',
  metric: 'srs_dropped_frame_count',
});

export const PG_CACHE_HITS: Kpi = level({
  title: 'Cache hits of PostgreSQL',
  section: '5.2 A2',
  mandatory: false,
  unit: '%',
  formula: 'mean of the readings',
  window: 'hold',
  bound: { op: '>', value: 95 },
  metric: 'pg_cache_hit_pct',
  pick: MEAN,
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
  pick: (points) => Math.max(...points.map(({ value }) => Math.abs(value - 100))),
});

export const ORPHANS: Kpi = level({
  title: 'Connections left behind',
  section: '2.2 ramp',
  mandatory: true,
  unit: 'connections',
  formula:
    'sockets, media connections and room members of this run that are open on the platform at its last reading',
  window: 'run',
  bound: none,
  metric: 'orphan_count',
  pick: (points) => points.at(-1)?.value ?? Number.NaN,
});

/** A leak that shows after hours is not seen in one. */
const SOAK = { asks: { windowMs: 5 * HOUR_MS }, needs: ['real_duration'] } as const;
const SOAK_MS = 6 * HOUR_MS;

function growth(
  row: Omit<Kpi, 'compute' | 'metrics' | 'needs' | 'source' | 'minSamples' | 'sampleOf' | 'asks' | 'unit'>,
  metric: PlatformMetric,
): Kpi {
  return {
    ...row,
    ...SOAK,
    unit: '%',
    minSamples: { atLeast: 200 },
    sampleOf: 'readings',
    source: 'collector',
    metrics: [],
    platform: [metric],
    compute(_view: View, _run: View, sight): Measured {
      const all = sight.platform(metric, row.window);
      const grown = all.flatMap(({ source, points }) => {
        const found = growthAlong(points, { overMs: SOAK_MS });
        return found === undefined ? [] : [{ source, value: found.pct, found }];
      });
      const most = worst(grown, row.bound);
      const low = most && grown.find(({ source }) => source === most.source)?.found;
      return {
        ...(most === undefined ? {} : { value: most.value }),
        samples: readings(all),
        ...(low === undefined ? {} : { interval: { low: low.lowPct, high: low.highPct, mustPass: true } }),
        beside: present({ source: most?.source, sources: all.length || undefined }),
      };
    },
  };
}

const GROWTH_WORDS =
  'slope of Theil and Sen through the readings of each container without the first tenth, times 6 hours, % of the level at the end of the warm-up; the container that grows most is judged, and the upper end of its 95 % interval must lie below the bound, too';

export const MEMORY_GROWTH: Kpi = growth(
  {
    title: 'Growth of memory over 6 hours',
    section: '2.2 soak, 5.1#3',
    mandatory: true,
    formula: GROWTH_WORDS,
    window: 'hold',
    bound: below(10),
  },
  'memory_bytes',
);

export const DESCRIPTOR_GROWTH: Kpi = growth(
  {
    title: 'Growth of descriptors over 6 hours',
    section: '2.2 soak (monitoring focus)',
    mandatory: false,
    formula: GROWTH_WORDS,
    window: 'hold',
    bound: below(10),
  },
  'descriptor_count',
);

export const POOL_GROWTH: Kpi = growth(
  {
    title: 'Growth of pools over 6 hours',
    section: '2.2 soak (monitoring focus)',
    mandatory: false,
    formula: GROWTH_WORDS,
    window: 'hold',
    bound: below(10),
  },
  'pool_in_use_pct',
);

/** After the crowd has gone a figure may stand this much above what it was before it came. */
const RETURN_PCT = 10;

/** How far a figure stands above what it was before the crowd came, in the phases after it has gone. */
function returned(
  title: string,
  section: string,
  metric: PlatformMetric,
  formula: string,
  window: Window = 'recovery',
): Kpi {
  return {
    title,
    section,
    mandatory: true,
    unit: '%',
    formula,
    window,
    bound: { op: '<=', value: RETURN_PCT },
    ...MIN_READINGS,
    needs: [],
    source: 'collector',
    metrics: [],
    platform: [metric],
    compute(_view, _run, sight): Measured {
      const after = sight.platform(metric, window);
      const before = sight.platformBefore(metric, 'spike');
      const rises = after.flatMap(({ source, points }) => {
        const usual = before.find((series) => series.source === source);
        const level = usual && MEAN(usual.points);
        return level === undefined || level <= 0
          ? []
          : [{ source, value: (MEAN(points) / level) * 100 - 100 }];
      });
      const most = worst(rises, { op: '<=', value: RETURN_PCT });
      return {
        ...(most === undefined ? {} : { value: most.value }),
        samples: readings(after),
        ...(after.length > 0 && before.length === 0
          ? { noData: 'nothing was read before the crowd came' }
          : {}),
        beside: present({ source: most?.source }),
      };
    },
  };
}

const RETURN_WORDS =
  'mean of the readings after the crowd has gone and 2 min have passed, % above the mean before it came; the container that stands highest is judged';

export const CPU_RETURN: Kpi = returned('CPU back to before the spike', '2.2 spike', 'cpu_pct', RETURN_WORDS);
export const HEAP_RETURN: Kpi = returned(
  'Heap back to before the spike',
  '2.2 spike',
  'node_heap_bytes',
  RETURN_WORDS,
);
export const MEMORY_RETURN: Kpi = returned(
  'Memory back to before the spike',
  '2.2 spike',
  'memory_bytes',
  RETURN_WORDS,
);
