import { describe, expect, test } from 'vitest';
import { measureIn, phasesOf, rowIn } from '../../test/support/measured.js';
import { KPI_IDS, KPIS, type KpiId } from './kpis.js';
import type { PlatformData, PlatformMetric, PlatformSeries } from './platform-series.js';

const HOUR_S = 3600;
const PHASES = phasesOf(
  ['ramp', 'ramp', 600],
  ['baseline', 'hold', 600],
  ['spike', 'spike', 30],
  ['hold', 'hold', 6 * HOUR_S],
  ['drop', 'drain', 30],
  ['recovery', 'recovery', 600],
);
const END_MS = PHASES.at(-1)?.toMs ?? 0;
const EVERY_MS = 30_000;
const planned = { vus: 500, byProtocol: { hls: 350, flv: 150 }, users: 500, writes: true };
const totals = measureIn(PHASES, [], () => {}, END_MS);

/** Two readings each minute, from the first instant to the last. */
function series(metric: PlatformMetric, value: (atMs: number) => number, source = 'backend'): PlatformSeries {
  const points = Array.from({ length: END_MS / EVERY_MS + 1 }, (_, i) => ({
    atMs: i * EVERY_MS,
    value: value(i * EVERY_MS),
  }));
  return { metric, source, points };
}

const dataOf = (all: readonly PlatformSeries[], untold: PlatformData['untold'] = {}): PlatformData => ({
  ...{ everyMs: EVERY_MS, series: all, untold },
});
const judged = (
  id: KpiId,
  all: readonly PlatformSeries[],
  gate: 'viewer' | 'full' = 'full',
  untold: PlatformData['untold'] = {},
) => rowIn(id, totals, { phases: PHASES, planned, gate, platform: dataOf(all, untold) });

const MB = 1e6;
const recoveryFromMs = PHASES.at(-1)?.fromMs ?? 0;
const growing = (pctIn6h: number) => (atMs: number) =>
  1000 + (1000 * pctIn6h * atMs) / 100 / (6 * HOUR_S * 1000);
const flat = (value: number) => () => value;
/** Something else when the crowd has gone. */
const after = (value: number, later: number) => (atMs: number) => (atMs >= recoveryFromMs ? later : value);
/** Something at one reading in the middle of the long hold. */
const once =
  (value: number, otherwise = 0) =>
  (atMs: number) =>
    atMs === 7_200_000 ? value : otherwise;

type OverTime = (atMs: number) => number;

/** By row: its figure, one that is just good and one that is just bad; what it needs beside. */
const CASES: Readonly<
  Record<string, readonly [PlatformMetric, OverTime, OverTime, (readonly PlatformSeries[])?]>
> = {
  cpu_max: ['cpu_pct', flat(74.9), once(75, 20)],
  cpu_mean: ['cpu_pct', (atMs) => (atMs % 120_000 === 0 ? 99 : 50), flat(75)],
  memory_used: ['memory_pct', flat(79.9), once(80, 20)],
  swap_used: ['swap_bytes', flat(0), once(1)],
  srs_memory: ['srs_memory_bytes', flat(1999 * MB), flat(2000 * MB)],
  node_heap: ['node_heap_bytes', flat(511 * MB), flat(512 * MB)],
  redis_memory: ['redis_memory_bytes', flat(199 * MB), flat(200 * MB)],
  memory_growth: ['memory_bytes', growing(9), growing(12)],
  descriptor_growth: ['descriptor_count', growing(9), growing(12)],
  pool_growth: ['pool_in_use_pct', growing(9), growing(12)],
  pool_exhausted: ['pool_refused_count', flat(0), once(1)],
  spike_cpu_return: ['cpu_pct', after(40, 43.9), after(40, 44.1)],
  spike_heap_return: ['node_heap_bytes', after(200 * MB, 219 * MB), after(200 * MB, 221 * MB)],
  spike_memory_return: ['memory_bytes', after(200 * MB, 219 * MB), after(200 * MB, 221 * MB)],
  orphaned_connections: [
    'client_count',
    (atMs) => (atMs > 0 && atMs < END_MS ? 500 : 3),
    (atMs) => (atMs > 0 ? 1 : 0),
  ],
  redis_evictions: ['redis_evicted_count', flat(0), once(1)],
  pg_cache_hits: [
    ...(['pg_cache_hit_pct', flat(95.1), flat(95)] as const),
    [series('pg_deadlock_count', flat(0))],
  ],
  srs_frame_drops: ['srs_dropped_frame_count', flat(0), once(1)],
  room_accuracy: [
    'room_members_pct',
    once(95, 100),
    once(105.1, 100),
    [series('redis_evicted_count', flat(0))],
  ],
  pg_deadlocks: ['pg_deadlock_count', flat(0), once(1)],
  nginx_5xx_rate: ['nginx_5xx_count', flat(0.99), flat(1), [series('nginx_request_count', flat(100))]],
};
const IDS = Object.keys(CASES) as KpiId[];
/** One figure of one place: there is no source that could stand worse than others. */
const ONE_PLACE: ReadonlySet<string> = new Set(['nginx_5xx_rate']);

test('every row that waits for a collector is tried', () => {
  const own = KPI_IDS.filter((id) => KPIS[id].source === 'collector');
  expect([...IDS].sort()).toEqual([...own].sort());
});

describe.each(IDS)('%s', (id) => {
  const [metric, good, bad, also = []] = CASES[id] as (typeof CASES)[string];

  test('passes just within its bound', () => {
    expect(judged(id, [series(metric, good), ...also]).status).toBe('pass');
  });

  test('fails just beyond it, by the source that stands worst', () => {
    const platform = [
      ...also,
      ...(ONE_PLACE.has(id) ? [] : [series(metric, good, 'redis'), series(metric, good, 'nginx')]),
      series(metric, bad, 'srs'),
    ];
    const row = judged(id, platform);
    expect(row.status).toBe('fail');
    if (!ONE_PLACE.has(id)) expect(row.beside.source).toBe('srs');
  });

  test('has no data when nothing was read', () => {
    expect(judged(id, [])).toMatchObject({ status: 'no_data', samples: 0 });
    expect(judged(id, [{ metric, source: 'srs', points: [] }]).status).toBe('no_data');
  });

  test('does not pass on a source that was silent in all that counts, however good the others are', () => {
    const silent = [...also, series(metric, good)].map((one) => ({ ...one, source: 'silent', points: [] }));
    expect(judged(id, [series(metric, good), ...also, ...silent]).status).toBe('no_data');
  });

  test('is not judged where no source of the run could tell', () => {
    const row = judged(id, [], 'full', { [metric]: 'no such source in the configuration' });
    expect(row).toMatchObject({
      status: 'not_judged',
      reason: 'not to be read on the platform: no such source in the configuration',
    });
  });

  test('is not judged by what viewers see', () => {
    expect(judged(id, [], 'viewer')).toMatchObject({
      status: 'not_judged',
      reason: 'no collector on the platform (gate viewer)',
    });
  });
});

/** Without the readings of `[fromMs, toMs)`. */
const without = (one: PlatformSeries, fromMs: number, toMs: number): PlatformSeries => ({
  ...one,
  points: one.points.filter(({ atMs }) => atMs < fromMs || atMs >= toMs),
});
const HOLD_FROM_MS = 1_230_000;
const HOUR_MS = HOUR_S * 1000;

describe('a gap', () => {
  const hidden = (one: PlatformSeries, hours: number) =>
    without(one, HOLD_FROM_MS, HOLD_FROM_MS + hours * HOUR_MS);

  test('of a tenth of the time leaves a pass, a longer one does not', () => {
    expect(judged('cpu_max', [hidden(series('cpu_pct', flat(20)), 0.5)]).status).toBe('pass');
    expect(judged('cpu_max', [hidden(series('cpu_pct', flat(20)), 1)])).toMatchObject({
      status: 'no_data',
      reason: 'backend was read for 84 % of the time',
    });
  });

  test('hides no failure that was read', () => {
    expect(judged('cpu_max', [hidden(series('cpu_pct', once(80, 20)), 1)]).status).toBe('fail');
  });

  test('leaves a mean without data, whatever it would be', () => {
    expect(judged('cpu_mean', [hidden(series('cpu_pct', flat(90)), 1)]).status).toBe('no_data');
  });

  test('that a count spans is none: what was counted in it stands in the reading after it', () => {
    const gapped = hidden(series('redis_evicted_count', flat(0)), 1);
    const spanned = gapped.points.map((point) =>
      point.atMs === HOLD_FROM_MS + HOUR_MS ? { ...point, spanMs: HOUR_MS } : point,
    );
    expect(judged('redis_evictions', [gapped]).status).toBe('no_data');
    expect(judged('redis_evictions', [{ ...gapped, points: spanned }]).status).toBe('pass');
  });

  test('of a figure that is only there now and then is told by one that always is', () => {
    const rare = { ...series('pg_cache_hit_pct', flat(99)), source: 'postgres' };
    const few = { ...rare, points: rare.points.filter(({ atMs }) => atMs % 300_000 === 0) };
    expect(judged('pg_cache_hits', [few, series('pg_deadlock_count', flat(0))]).status).toBe('pass');
    const silent = hidden(series('pg_deadlock_count', flat(0)), 1);
    expect(judged('pg_cache_hits', [few, silent]).status).toBe('no_data');
  });
});

describe('a source that began anew', () => {
  const at = [7_200_000];

  test('leaves a count without data, and is named', () => {
    const anew = { ...series('pg_deadlock_count', flat(0)), restartsAtMs: at };
    expect(judged('pg_deadlocks', [anew])).toMatchObject({
      status: 'no_data',
      reason: 'backend began anew at 2:00:00: what it counted just before is not known',
      beside: { restarted: 'backend at 2:00:00' },
    });
    const failed = { ...series('pg_deadlock_count', once(1)), restartsAtMs: at };
    expect(judged('pg_deadlocks', [failed]).status).toBe('fail');
  });

  test('hides growth: no pass; a level is judged, with the restart beside it', () => {
    const anew = { ...series('memory_bytes', growing(1)), restartsAtMs: at };
    expect(judged('memory_growth', [anew]).status).toBe('no_data');
    expect(judged('cpu_max', [{ ...series('cpu_pct', flat(20)), restartsAtMs: at }])).toMatchObject({
      status: 'pass',
      beside: { restarted: 'backend at 2:00:00' },
    });
  });
});

test('the worst moment of a row is told', () => {
  const row = judged('cpu_max', [series('cpu_pct', once(80, 20)), series('cpu_pct', flat(30), 'srs')]);
  expect(row.worst).toEqual({ fromMs: 7_200_000, toMs: 7_200_000, value: 80 });
});

test('connections left behind are not judged good when nobody looked after the last viewer', () => {
  const early = without(series('client_count', flat(0)), END_MS - 60_000, END_MS + 1);
  expect(judged('orphaned_connections', [early])).toMatchObject({
    status: 'no_data',
    reason: 'backend: not read after the last viewer had gone',
  });
});

describe('growth of several containers', () => {
  /** Grows by nothing, and goes up and down for an hour each: what it did in six hours may be chance. */
  const waves = (atMs: number): number => 1000 + 200 * Math.sin((atMs / (2 * HOUR_S * 1000)) * 2 * Math.PI);

  test('is told of none while one goes up and down so much that nobody can know', () => {
    const alone = judged('memory_growth', [series('memory_bytes', waves)]);
    expect([alone.status, alone.reason]).toEqual(['no_data', expect.stringMatching(/cannot be told/)]);
    const beside = judged('memory_growth', [
      series('memory_bytes', growing(8), 'redis'),
      series('memory_bytes', waves),
    ]);
    expect([beside.status, beside.beside.source]).toEqual(['no_data', 'backend']);
  });

  test('fails by the one that grows, whatever is known of others', () => {
    const row = judged('memory_growth', [
      series('memory_bytes', waves),
      series('memory_bytes', growing(20), 'redis'),
    ]);
    expect([row.status, row.beside.source]).toEqual(['fail', 'redis']);
  });

  test('is none of a pool that was never used, and not known of one that was used later', () => {
    const used = series('pool_in_use_pct', flat(40), 'redis');
    expect(judged('pool_growth', [used, series('pool_in_use_pct', flat(0))]).status).toBe('pass');
    const late = (atMs: number): number => Math.max(0, atMs / END_MS - 0.5) * 10;
    expect(judged('pool_growth', [used, series('pool_in_use_pct', late)])).toMatchObject({
      status: 'no_data',
      reason: 'backend stood at nothing when it had warmed up, or was read too seldom',
    });
  });

  test.each([
    ['memory_used', 'memory_pct'],
    ['srs_memory', 'srs_memory_bytes'],
    ['node_heap', 'node_heap_bytes'],
    ['redis_memory', 'redis_memory_bytes'],
    ['memory_growth', 'memory_bytes'],
    ['descriptor_growth', 'descriptor_count'],
    ['spike_heap_return', 'node_heap_bytes'],
    ['spike_memory_return', 'memory_bytes'],
  ] as const)('%s is not known of one whose meter says nothing but zero', (id, metric) => {
    const broken = series(metric, flat(0), 'broken');
    expect(judged(id, [broken]).status).toBe('no_data');
    const row = judged(id, [series(metric, flat(metric === 'memory_pct' ? 50 : 100 * MB)), broken]);
    expect([row.status, row.reason]).toEqual(['no_data', expect.stringContaining('broken')]);
  });
});

test('growth is not judged in a hold that is too short for a leak', () => {
  const phases = phasesOf(['hold', 'hold', HOUR_S]);
  const short = rowIn('memory_growth', measureIn(phases, []), { phases, planned, gate: 'full' });
  expect(short.reason).toBe('needs 300 min of hold, this run plans 60');
});

test('a container that idles before and after the crowd is back', () => {
  const cpu = (was: number, is: number) => judged('spike_cpu_return', [series('cpu_pct', after(was, is))]);
  expect(cpu(0.2, 0.5)).toMatchObject({ status: 'pass', value: expect.closeTo(1.5, 3) });
  expect(cpu(0, 1.9).status).toBe('pass');
  expect(cpu(0, 2.1).status).toBe('fail');
  const small = series('memory_bytes', after(10 * MB, 14 * MB));
  expect(judged('spike_memory_return', [small]).status).toBe('pass');
});

test('nothing before the crowd came means nothing to compare with', () => {
  const late = { ...series('cpu_pct', flat(40)), points: series('cpu_pct', flat(40)).points.slice(-20) };
  expect(judged('spike_cpu_return', [late])).toMatchObject({ status: 'no_data' });
});
