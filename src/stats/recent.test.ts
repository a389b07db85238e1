import { describe, expect, it } from 'vitest';
import { player, recorderOf, reported, session } from '../../test/support/measured.js';
import { decodeHistograms } from './merge.js';
import { RecentWindow } from './recent.js';
import type { Tick } from './tick.js';

/** One worker's ticks, one a second, with these latencies (FLV, ms) in them. */
function ticksOf(latencies: readonly (number | undefined)[], worker = 0): Tick[] {
  const recorder = recorderOf(worker);
  return latencies.flatMap((latencyMs, second) => {
    const atMs = second * 1000 + 500;
    recorder.gauge('vus_watching_count', 10);
    recorder.count('generator_cpu_ms', 20, atMs);
    if (latencyMs !== undefined)
      recorder.on(reported(player('flv', { kind: 'latency', latencyMs, source: 'stamp' }, atMs)));
    return recorder.takeTick((second + 1) * 1000);
  });
}

function windowOf(ticks: readonly Tick[]): RecentWindow {
  const recent = new RecentWindow();
  for (const tick of ticks) recent.add(tick);
  return recent;
}

const TIMES = (count: number, ms: number | undefined) => Array.from({ length: count }, () => ms);

describe('RecentWindow', () => {
  it('forgets what is older than 10 s', () => {
    const recent = windowOf(ticksOf([...TIMES(20, 9000), ...TIMES(10, 1000)]));
    expect(recent.p95Ms('latency_ms', 'flv')).toBe(1000);
  });

  it('says the same of ticks that somebody unpacked already', () => {
    const ticks = ticksOf([...TIMES(3, 1000), 9000, 2000]);
    const given = new RecentWindow();
    for (const tick of ticks) given.add(tick, decodeHistograms(tick));
    expect(given.p95Ms('latency_ms', 'flv')).toBe(9000);
    expect(given.p95Ms('latency_ms', 'flv')).toBe(windowOf(ticks).p95Ms('latency_ms', 'flv'));
    expect(given.maxMs('latency_ms', 'flv')).toBe(windowOf(ticks).maxMs('latency_ms', 'flv'));
  });

  it('shows at least the last 5 s', () => {
    for (let length = 6; length < 26; length++) {
      const recent = windowOf(ticksOf([...TIMES(length - 1, 1000), 9000]));
      expect(recent.p95Ms('latency_ms', 'flv')).toBe(9000);
      expect(recent.watchingMs).toBeGreaterThanOrEqual(5000 * 10);
      expect(recent.watchingMs).toBeLessThanOrEqual(10_000 * 10);
    }
  });

  it('adds all workers, in any order', () => {
    const one = ticksOf(TIMES(9, 1000));
    const other = ticksOf(TIMES(9, 3000), 1);
    const recent = windowOf([...one, ...other]);
    expect(recent.p95Ms('latency_ms', 'flv')).toBeCloseTo(3000, -1);
    expect(recent.count('generator_cpu_ms')).toBe(2 * recent.watchingMs * (20 / 1000 / 20));
  });

  it('has no percentiles of nothing, and keeps protocols apart', () => {
    const recent = windowOf(ticksOf(TIMES(3, 1000)));
    expect(recent.p95Ms('latency_ms', 'hls')).toBeUndefined();
    expect(recent.p95Ms('chat_delivery_since_due_ms', '-')).toBeUndefined();
  });

  it('forgets all after a silence', () => {
    const ticks = ticksOf([...TIMES(10, 1000), ...TIMES(20, undefined)]);
    expect(windowOf([...ticks.slice(0, 10), ...ticks.slice(-1)]).p95Ms('latency_ms', 'flv')).toBeUndefined();
  });

  it('leaves out a tick that comes too late for it', () => {
    const ticks = ticksOf([9000, ...TIMES(29, 1000)]);
    expect(windowOf([...ticks.slice(1), ...ticks.slice(0, 1)]).p95Ms('latency_ms', 'flv')).toBe(1000);
  });

  it('knows how long chat took', () => {
    const recorder = recorderOf();
    recorder.on(reported(session({ kind: 'chat_delivered', deliveryMs: 10, sinceDueMs: 12 }, 500)));
    expect(windowOf(recorder.takeTick(1000)).p95Ms('chat_delivery_since_due_ms', '-')).toBe(12);
  });
});
