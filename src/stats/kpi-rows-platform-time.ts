import { type Bound, type Kpi, type Measured, meets, present } from './kpi.js';
import { fewestReadings, missingOf, noneWords, restartsOf, worstOf } from './platform-rows.js';
import {
  highOf,
  meanOf,
  type PlatformMetric,
  type PlatformSeries,
  type SeenSeries,
} from './platform-series.js';
import { growthAlong } from './slope.js';
import type { View } from './view.js';
import type { Window } from './windows.js';

/** Rows of the platform's own meters that lay one time against another: growth, return, what is left at the end. */

const HOUR_MS = 3_600_000;
const below = (value: number): Bound => ({ op: '<', value });
const MIN_READINGS = { minSamples: { atLeast: 10 }, sampleOf: 'readings of each source' } as const;

/** The last look comes when the last viewer has gone, or this much before. */
const END_SLACK_MS = 1500;

export const ORPHANS: Kpi = {
  title: 'Connections left behind',
  section: '2.2 ramp',
  mandatory: true,
  unit: 'connections',
  formula:
    'FLV clients of the media server, and members of the room, at the last reading after the last viewer has gone, above what there was before the first came; the worse of the two is judged. HLS clients stay in the media server for a while and are not counted',
  window: 'run',
  bound: { op: '<=', value: 0 },
  minSamples: { atLeast: 2 },
  sampleOf: 'readings, before and after',
  needs: [],
  source: 'collector',
  metrics: [],
  platform: ['client_count'],
  compute(_view, _run, sight): Measured {
    const all = sight.platformWhole('client_count').map((series) => leftOf(series, sight.endMs));
    const known = all.flatMap(({ source, value }) => (value === undefined ? [] : [{ source, value }]));
    const most = worstOf(known, { op: '<=', value: 0 });
    const why = (most?.value ?? 0) > 0 ? undefined : all.find(({ value }) => value === undefined);
    return {
      ...(most === undefined ? {} : { value: Math.max(0, most.value) }),
      samples: most === undefined ? 0 : 2,
      ...(why === undefined ? {} : { noData: `${why.source}: ${why.why}` }),
      beside: present({ source: most?.source }),
    };
  },
};

function leftOf(
  { source, points }: PlatformSeries,
  endMs: number,
): { readonly source: string; readonly value?: number; readonly why: string } {
  const before = points.filter(({ atMs }) => atMs <= 0).at(-1);
  const after = points.at(-1);
  if (before === undefined) return { source, why: 'not read before the first viewer came' };
  if (after === undefined || after.atMs < endMs - END_SLACK_MS)
    return { source, why: 'not read after the last viewer had gone' };
  return { source, value: after.value - before.value, why: '' };
}

/** Of what was at nothing at every reading. */
const UNUSED = { pct: 0, lowPct: 0, highPct: 0 } as const;

/** A leak that shows after hours is not seen in one. */
const SOAK = { asks: { windowMs: 5 * HOUR_MS }, needs: ['real_duration'] } as const;
const SOAK_MS = 6 * HOUR_MS;

function growth(
  row: Omit<Kpi, 'compute' | 'metrics' | 'needs' | 'source' | 'minSamples' | 'sampleOf' | 'asks' | 'unit'>,
  metric: PlatformMetric,
  { mayBeUnused = false }: { readonly mayBeUnused?: boolean } = {},
): Kpi {
  return {
    ...row,
    ...SOAK,
    unit: '%',
    minSamples: { atLeast: 200 },
    sampleOf: 'readings of each source',
    source: 'collector',
    metrics: [],
    platform: [metric],
    compute(_view: View, _run: View, sight): Measured {
      const all = sight.platform(metric, row.window);
      const grown = all.flatMap(({ source, points }) => {
        const found =
          mayBeUnused && points.length > 0 && points.every((point) => highOf(point) === 0)
            ? UNUSED
            : growthAlong(points, { overMs: SOAK_MS });
        return found === undefined ? [] : [{ source, value: found.pct, found }];
      });
      const fastest = worstOf(grown, row.bound);
      const isLost = fastest !== undefined && !meets(row.bound, fastest.value);
      // None fails by its value: the one of which least is known must be below the bound, too.
      const most = isLost
        ? fastest
        : worstOf(
            grown.map((one) => ({ ...one, value: one.found.highPct })),
            row.bound,
          );
      const missing = isLost
        ? undefined
        : (missingOf(all, { counts: false }) ?? anewWords(all) ?? levelWords(all, grown));
      return {
        ...(most === undefined
          ? {}
          : {
              value: most.found.pct,
              interval: { low: most.found.lowPct, high: most.found.highPct, mustPass: true },
            }),
        samples: fewestReadings(all),
        ...(missing === undefined ? {} : { noData: missing }),
        beside: present({ source: most?.source, sources: all.length || undefined, ...restartsOf(all) }),
      };
    },
  };
}

/** A source that began anew has begun its growth anew. */
function anewWords(all: readonly SeenSeries[]): string | undefined {
  const { restarted } = restartsOf(all);
  return restarted && `began anew: ${restarted}; what had grown until then is hidden`;
}

/** Of something that stood at nothing nobody can say by what share it grew. */
function levelWords(
  all: readonly SeenSeries[],
  grown: readonly { readonly source: string }[],
): string | undefined {
  const without = all.find(
    ({ source, points }) => points.length > 0 && grown.every((one) => one.source !== source),
  );
  return without && `${without.source} stood at nothing when it had warmed up, or was read too seldom`;
}

const GROWTH_WORDS =
  'slope of Theil and Sen through the readings of each container without the first tenth, times 6 hours, % of the level at the end of the warm-up; the container that grows most is judged or, where none reaches the bound, the one that may have grown most: the upper end of its 95 % interval, which allows for readings that are like the ones before, must lie below the bound, too';

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
  { mayBeUnused: true },
);

/** After the crowd has gone a figure may stand this much above what it was before it came. */
const RETURN_PCT = 10;

/** What is measured against at least: of a container that idles, a tenth is noise. */
const FLOORS = {
  cpu: { value: 20, words: '20 %', mayBeNone: true },
  memory: { value: 50e6, words: '50 MB', mayBeNone: false },
} as const;

/** How far a figure stands above what it was before the crowd came, in the phases after it has gone. */
function returned(title: string, metric: PlatformMetric, floor: keyof typeof FLOORS): Kpi {
  const window: Window = 'recovery';
  const { value: least, words, mayBeNone } = FLOORS[floor];
  return {
    title,
    section: '2.2 spike',
    mandatory: true,
    unit: '%',
    formula: `(mean of the readings after the crowd has gone and 2 min have passed - mean before it came) / mean before it came, at least ${words}, x 100; the container that stands highest is judged`,
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
        const level = usual && meanOf(usual.points);
        return level === undefined || Number.isNaN(level) || points.length === 0
          ? []
          : [{ source, value: ((meanOf(points) - level) / Math.max(level, least)) * 100 }];
      });
      const most = worstOf(rises, { op: '<=', value: RETURN_PCT });
      const missing =
        missingBefore(before, after) ??
        missingOf(after, { counts: false }) ??
        (mayBeNone ? undefined : noneWords([...before, ...after]));
      return {
        ...(most === undefined ? {} : { value: most.value }),
        samples: fewestReadings(after),
        ...(missing === undefined ? {} : { noData: missing }),
        beside: present({ source: most?.source, ...restartsOf(after) }),
      };
    },
  };
}

function missingBefore(before: readonly SeenSeries[], after: readonly SeenSeries[]): string | undefined {
  if (!after.some(({ points }) => points.length > 0)) return undefined;
  if (!before.some(({ points }) => points.length > 0)) return 'nothing was read before the crowd came';
  const words = missingOf(before, { counts: false });
  return words && `before the crowd came, ${words}`;
}

export const CPU_RETURN: Kpi = returned('CPU back to before the spike', 'cpu_pct', 'cpu');
export const HEAP_RETURN: Kpi = returned('Heap back to before the spike', 'node_heap_bytes', 'memory');
export const MEMORY_RETURN: Kpi = returned('Memory back to before the spike', 'memory_bytes', 'memory');
