import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { SampleWheel } from './sample-wheel.js';

function member(log: number[]) {
  return { sample: (nowMs: number) => void log.push(nowMs) };
}

describe('SampleWheel', () => {
  it('samples everyone once a second and spreads them over it', () => {
    const clock = new VirtualClock();
    const wheel = new SampleWheel(clock);
    const logs = Array.from({ length: 40 }, () => [] as number[]);
    for (const log of logs) wheel.add(member(log));
    clock.advance(3000);
    for (const log of logs) {
      expect(log).toHaveLength(3);
      expect((log[1] ?? 0) - (log[0] ?? 0)).toBe(1000);
    }
    const perInstant = new Map<number, number>();
    for (const at of logs.flat()) perInstant.set(at, (perInstant.get(at) ?? 0) + 1);
    expect(Math.max(...perInstant.values())).toBe(2);
  });

  it('does not sample who was taken out, nor anyone after stop', () => {
    const clock = new VirtualClock();
    const wheel = new SampleWheel(clock);
    const log: number[] = [];
    const takeOut = wheel.add(member(log));
    takeOut();
    const other: number[] = [];
    wheel.add(member(other));
    clock.advance(1000);
    wheel.stop();
    clock.advance(5000);
    expect(log).toEqual([]);
    expect(other).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('after a hold-up samples everyone once, not once per missed second', () => {
    let nowMs = 0;
    let due: () => void = () => {};
    const wheel = new SampleWheel({
      nowMs: () => nowMs,
      epochMs: () => nowMs,
      after: (_ms, fn) => {
        due = fn;
        return () => {};
      },
    });
    const log: number[] = [];
    wheel.add(member(log));
    nowMs = 10_000;
    due();
    expect(log).toEqual([10_000]);
  });
});
