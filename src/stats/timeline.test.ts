import { describe, expect, test } from 'vitest';
import { createLagLog } from './lag.js';
import { addTick, createTotals } from './merge.js';
import { createRecorder } from './recorder.js';
import type { Tick } from './tick.js';

function worker(number: number): ReturnType<typeof createRecorder> {
  return createRecorder({ phaseAt: () => 'hold', lag: createLagLog(), box: 'local', worker: number });
}

/** Ticks of two workers, `seconds` long. */
function ticks(seconds: number, gauge: (worker: number, second: number) => number | undefined): Tick[] {
  const made: Tick[] = [];
  for (const number of [0, 1]) {
    const recorder = worker(number);
    for (let second = 1; second <= seconds; second++) {
      const value = gauge(number, second);
      if (value !== undefined) recorder.gauge('vus_watching_count', value);
      recorder.on({
        vuId: number,
        joinProtocol: 'flv',
        event: {
          kind: 'latency',
          protocol: 'flv',
          atMs: second * 1000 - 1,
          latencyMs: 900 + second,
          source: 'stamp',
        },
      });
      made.push(...recorder.takeTick(second * 1000));
    }
  }
  return made;
}

const timelineOf = (all: readonly Tick[]) => {
  const totals = createTotals();
  for (const tick of all) addTick(totals, tick);
  return totals.timeline.stretches().map((stretch) => ({
    fromMs: stretch.fromMs,
    toMs: stretch.toMs,
    lowest: stretch.lowest('vus_watching_count'),
    p95: stretch.spread('latency_ms', 'flv')?.percentileMs(95),
    samples: stretch.spread('latency_ms', 'flv')?.count,
  }));
};

describe('the timeline', () => {
  test('adds up the lowest of each worker in each stretch of ten seconds', () => {
    const lines = timelineOf(ticks(30, (who, second) => (who === 1 && second === 15 ? 7 : 10)));
    expect(lines.map(({ fromMs, toMs, lowest }) => [fromMs, toMs, lowest])).toEqual([
      [0, 10_000, 20],
      [10_000, 20_000, 17],
      [20_000, 30_000, 20],
    ]);
  });

  test('does not know how many there were while a worker said nothing', () => {
    const silent = ticks(20, () => 10).filter(({ worker: who, toMs }) => who === 0 || toMs > 10_000);
    expect(timelineOf(silent).map(({ lowest }) => lowest)).toEqual([undefined, 20]);
  });

  test('is the same for ticks in any order, and a tick that came twice counts once', () => {
    const all = ticks(3000, (who, second) => 10 + ((second * 7 + who) % 5));
    const shuffled = [...all].sort((a, b) => ((a.seq * 7919) % 3001) - ((b.seq * 7919) % 3001));
    expect(timelineOf([...shuffled, ...all.slice(0, 100)])).toEqual(timelineOf(all));
  });

  test('has a bounded number of stretches however long the run, and loses no sample', () => {
    const recorder = worker(0);
    const totals = createTotals();
    for (let hour = 0; hour < 60; hour++) {
      for (let i = 0; i < 40; i++) {
        const atMs = (hour * 40 + i) * 90_000;
        recorder.on({
          vuId: 0,
          joinProtocol: 'flv',
          event: { kind: 'latency', protocol: 'flv', atMs, latencyMs: 1000, source: 'stamp' },
        });
        for (const tick of recorder.takeTick(atMs + 1)) addTick(totals, tick);
      }
    }
    const stretches = totals.timeline.stretches();
    expect(stretches.length).toBeLessThanOrEqual(256);
    const samples = stretches.reduce((sum, each) => sum + (each.spread('latency_ms', 'flv')?.count ?? 0), 0);
    expect(samples).toBe(2400);
  });

  test('has percentiles that are right to a percent', () => {
    const [line] = timelineOf(ticks(10, () => 1));
    expect(line?.samples).toBe(20);
    expect(Math.abs((line?.p95 ?? 0) / 910 - 1)).toBeLessThan(0.0101);
  });
});
