import { describe, expect, test } from 'vitest';
import { type MeterLine, PlatformLog } from './platform-log.js';
import type { PlatformMetric, PlatformSeries } from './platform-series.js';

const EVERY_MS = 5000;

function logOf(lines: readonly MeterLine[]): PlatformLog {
  const log = new PlatformLog();
  for (const line of lines) log.add(line);
  return log;
}

function seriesOf(lines: readonly MeterLine[], metric: PlatformMetric): readonly PlatformSeries[] {
  return logOf(lines)
    .data(EVERY_MS)
    .series.filter((one) => one.metric === metric);
}

const redis = (atMs: number, evicted: number, more: Partial<MeterLine> = {}): MeterLine => ({
  ...{ atMs, redis: { used_memory_mb: 118, evicted_keys: evicted }, spans_ms: { redis: EVERY_MS } },
  ...more,
});

test('a figure comes in the unit of its row, by the name of its container or process', () => {
  const lines = [
    { atMs: 5000, process: { srs: { cpu_pct: 45.2, mem_mb: 1024 } }, docker: { redis: { mem_mb: 120 } } },
  ];
  expect(seriesOf(lines, 'memory_bytes')).toEqual([
    { metric: 'memory_bytes', source: 'srs', points: [{ atMs: 5000, value: 1.024e9 }] },
    { metric: 'memory_bytes', source: 'redis', points: [{ atMs: 5000, value: 1.2e8 }] },
  ]);
});

test('a count carries the span that it was made in, a level does not', () => {
  const lines = [redis(5000, 0), redis(20_000, 3, { spans_ms: { redis: 15_000 } })];
  expect(seriesOf(lines, 'redis_evicted_count')[0]?.points).toEqual([
    { atMs: 5000, value: 0, spanMs: 5000 },
    { atMs: 20_000, value: 3, spanMs: 15_000 },
  ]);
  expect(seriesOf(lines, 'redis_memory_bytes')[0]?.points[1]).toEqual({ atMs: 20_000, value: 1.18e8 });
});

test('a source that was asked and never answered has a series without points', () => {
  const lines = [{ atMs: 5000, gaps: { redis: 'ECONNREFUSED', 'process.srs': 'no process' } }];
  expect(seriesOf(lines, 'redis_evicted_count')).toEqual([
    { metric: 'redis_evicted_count', source: 'redis', points: [] },
  ]);
  expect(seriesOf(lines, 'cpu_pct')).toEqual([{ metric: 'cpu_pct', source: 'srs', points: [] }]);
});

test('an engine that is silent is missed as itself only while none of its containers is known', () => {
  const silent = { atMs: 5000, gaps: { docker: 'ENOENT' } };
  expect(seriesOf([silent], 'cpu_pct')).toEqual([{ metric: 'cpu_pct', source: 'docker', points: [] }]);
  const known = { atMs: 0, docker: { srs: { cpu_pct: 10 } } };
  expect(seriesOf([known, silent], 'cpu_pct').map(({ source }) => source)).toEqual(['srs']);
});

test('a health check that is silent does not stand for the heap, which another source tells', () => {
  const health = { atMs: 5000, gaps: { 'backend.health': 'no answer' } };
  const monitoring = { atMs: 5000, gaps: { 'backend.monitoring': 'no answer' } };
  expect(seriesOf([health], 'node_heap_bytes')).toEqual([]);
  expect(seriesOf([monitoring], 'node_heap_bytes')).toHaveLength(1);
});

test('members of the room are laid against our own viewers of the same instant, and against nothing else', () => {
  const room = (atMs: number, members: number, run?: object): MeterLine => ({
    ...{ atMs, redis: { viewers_set: members } },
    ...(run === undefined ? {} : { run }),
  });
  const lines = [room(-500, 3), room(0, 3, { joined: 0 }), room(5000, 95, { joined: 100 })];
  expect(seriesOf(lines, 'room_members_pct')[0]?.points).toEqual([{ atMs: 5000, value: 95 }]);
});

test('restarts stand at their source: as the line tells them, and where every process of it is a new one', () => {
  const lines = [
    redis(5000, 0),
    redis(10_000, 0, { restarted: ['redis'] }),
    { atMs: 15_000, process: { srs: { cpu_pct: 1, pids: 2, started: 1 } } },
    { atMs: 20_000, process: { srs: { cpu_pct: 1, pids: 2, started: 2 } } },
  ];
  expect(seriesOf(lines, 'redis_evicted_count')[0]?.restartsAtMs).toEqual([10_000]);
  expect(seriesOf(lines, 'cpu_pct')[0]?.restartsAtMs).toEqual([20_000]);
});

describe('what nobody tells', () => {
  test('is named with the reason that the lines give, or that there is no source', () => {
    const { untold } = logOf([
      redis(5000, 0, { absent: { 'srs.dropped_frame_lines': 'the log is at warn' } }),
    ]).data(EVERY_MS);
    expect(untold.srs_dropped_frame_count).toBe('the log is at warn');
    expect(untold.pool_refused_count).toBe('no source tells it');
    expect(untold.redis_evicted_count).toBeUndefined();
  });

  test('is not what was silent: a collector that wrote nothing excuses no row', () => {
    expect(logOf([]).data(EVERY_MS).untold).toEqual({});
  });
});

test('nonsense in a line is not taken for a number', () => {
  const lines: MeterLine[] = [
    { atMs: 5000, redis: 'down', process: ['x'], docker: { a: null, b: { cpu_pct: '5' } } },
    { atMs: 10_000, redis: { used_memory_mb: Number.NaN }, gaps: { 'no such': 1 }, restarted: [{}] },
  ];
  expect(logOf(lines).data(EVERY_MS).series).toEqual([]);
});

test('a run of a day keeps a bounded number of points, and neither peaks nor counts are lost', () => {
  const log = new PlatformLog();
  const lines = (24 * 3_600_000) / EVERY_MS;
  for (let i = 0; i < lines; i++) {
    log.add({
      ...redis(i * EVERY_MS, i === 7000 ? 2 : 0),
      process: { srs: { cpu_pct: i === 7000 ? 99 : 10 } },
    });
  }
  const { series } = log.data(EVERY_MS);
  for (const { points } of series) expect(points.length).toBeLessThanOrEqual(2048);
  const [cpu] = series.filter(({ metric }) => metric === 'cpu_pct');
  const [evicted] = series.filter(({ metric }) => metric === 'redis_evicted_count');
  expect(Math.max(...(cpu?.points ?? []).map(({ high, value }) => high ?? value))).toBe(99);
  const sum = (of: (point: NonNullable<typeof evicted>['points'][number]) => number): number =>
    (evicted?.points ?? []).reduce((total, point) => total + of(point), 0);
  expect(sum(({ value }) => value)).toBe(2);
  expect(sum(({ readings = 1 }) => readings)).toBe(lines);
  expect(sum(({ spanMs = 0 }) => spanMs)).toBe(lines * EVERY_MS);
});

test('any number of names is bounded, too', () => {
  const log = new PlatformLog();
  for (let i = 0; i < 5000; i++) log.add({ atMs: i, process: { [`p${i}`]: { cpu_pct: 1 } } });
  expect(log.data(EVERY_MS).series.length).toBeLessThanOrEqual(600);
});
