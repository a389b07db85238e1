import { describe, expect, test } from 'vitest';
import { measureIn, phasesOf, rowIn } from '../../test/support/measured.js';
import { KPI_IDS, KPIS, type KpiId } from './kpis.js';
import type { PlatformMetric, PlatformSeries } from './platform-series.js';

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
const planned = { vus: 500, byProtocol: { hls: 350, flv: 150 }, users: 500, writes: true };
const totals = measureIn(PHASES, [], () => {}, 600_000);

/** Two readings each minute. */
function series(metric: PlatformMetric, value: (atMs: number) => number, source = 'backend'): PlatformSeries {
  const points = Array.from({ length: END_MS / 30_000 }, (_, i) => ({
    atMs: i * 30_000,
    value: value(i * 30_000),
  }));
  return { metric, source, points };
}

const judged = (id: KpiId, platform: readonly PlatformSeries[], gate: 'viewer' | 'full' = 'full') =>
  rowIn(id, totals, { phases: PHASES, planned, gate, platform });

const MB = 1e6;
const recoveryFromMs = PHASES.at(-1)?.fromMs ?? 0;
const growing = (pctIn6h: number) => (atMs: number) =>
  1000 + (1000 * pctIn6h * atMs) / 100 / (6 * HOUR_S * 1000);
/** A figure that only grows; it ends `by` above where it began. */
const counting = (by: number) => (atMs: number) => 70 + (atMs > END_MS / 2 ? by : 0);
const flat = (value: number) => () => value;

/** By row: its figure, one that is just good and one that is just bad. */
const CASES: Readonly<
  Record<string, readonly [PlatformMetric, (atMs: number) => number, (atMs: number) => number]>
> = {
  cpu_max: ['cpu_pct', flat(74.9), (atMs) => (atMs === 7_200_000 ? 75 : 20)],
  cpu_mean: ['cpu_pct', (atMs) => (atMs % 120_000 === 0 ? 99 : 50), flat(75)],
  memory_used: ['memory_pct', flat(79.9), (atMs) => (atMs === 7_200_000 ? 80 : 20)],
  swap_used: ['swap_bytes', flat(0), (atMs) => (atMs === 7_200_000 ? 1 : 0)],
  srs_memory: ['srs_memory_bytes', flat(1999 * MB), flat(2000 * MB)],
  node_heap: ['node_heap_bytes', flat(511 * MB), flat(512 * MB)],
  redis_memory: ['redis_memory_bytes', flat(199 * MB), flat(200 * MB)],
  memory_growth: ['memory_bytes', growing(9), growing(12)],
  descriptor_growth: ['descriptor_count', growing(9), growing(12)],
  pool_growth: ['pool_in_use_pct', growing(9), growing(12)],
  pool_exhausted: ['pool_refused_count', counting(0), counting(1)],
  spike_cpu_return: ['cpu_pct', flat(40), (atMs) => (atMs >= recoveryFromMs ? 45 : 40)],
  spike_heap_return: ['node_heap_bytes', flat(40), (atMs) => (atMs >= recoveryFromMs ? 45 : 40)],
  spike_memory_return: ['memory_bytes', flat(40), (atMs) => (atMs >= recoveryFromMs ? 45 : 40)],
  orphaned_connections: ['orphan_count', (atMs) => (atMs + 60_000 >= END_MS ? 0 : 500), flat(1)],
  redis_evictions: ['redis_evicted_count', counting(0), counting(1)],
  pg_cache_hits: ['pg_cache_hit_pct', flat(95.1), flat(95)],
  srs_frame_drops: ['srs_dropped_frame_count', counting(0), counting(1)],
  room_accuracy: [
    'room_members_pct',
    (atMs) => (atMs === 7_200_000 ? 95 : 100),
    (atMs) => (atMs === 7_200_000 ? 105.1 : 100),
  ],
  pg_deadlocks: ['pg_deadlock_count', counting(0), counting(1)],
};
const IDS = Object.keys(CASES) as KpiId[];

test('every row that waits for a collector is tried', () => {
  const own = KPI_IDS.filter((id) => KPIS[id].source === 'collector');
  expect([...IDS].sort()).toEqual([...own].sort());
});

describe.each(IDS)('%s', (id) => {
  const [metric, good, bad] = CASES[id] as (typeof CASES)[string];

  test('passes just within its bound, whatever source is named', () => {
    expect(judged(id, [series(metric, good)])).toMatchObject({
      status: 'pass',
      beside: { source: 'backend' },
    });
  });

  test('fails just beyond it, by the source that stands worst', () => {
    const platform = [
      series(metric, good, 'redis'),
      series(metric, bad, 'srs'),
      series(metric, good, 'nginx'),
    ];
    expect(judged(id, platform)).toMatchObject({ status: 'fail', beside: { source: 'srs' } });
  });

  test('has no data when nothing was read', () => {
    expect(judged(id, [])).toMatchObject({ status: 'no_data', samples: 0 });
    expect(judged(id, [{ metric, source: 'srs', points: [] }]).status).toBe('no_data');
  });

  test('is not judged by what viewers see', () => {
    expect(judged(id, [], 'viewer')).toMatchObject({
      status: 'not_judged',
      reason: 'no collector on the platform (gate viewer)',
    });
  });
});

test('a counter that began anew with its source has grown by what it counts since', () => {
  const restarted = series('pg_deadlock_count', (atMs) => (atMs < END_MS / 2 ? 900 : 3));
  expect(judged('pg_deadlocks', [restarted])).toMatchObject({ status: 'fail', value: 3 });
});

test('growth is not judged in a hold that is too short for a leak', () => {
  const phases = phasesOf(['hold', 'hold', HOUR_S]);
  const short = rowIn('memory_growth', measureIn(phases, []), { phases, planned, gate: 'full' });
  expect(short.reason).toBe('needs 300 min of hold, this run plans 60');
});

test('nothing before the crowd came means nothing to compare with', () => {
  const late = { ...series('cpu_pct', flat(40)), points: series('cpu_pct', flat(40)).points.slice(-20) };
  expect(judged('spike_cpu_return', [late])).toMatchObject({ status: 'no_data' });
});
