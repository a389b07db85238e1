import { describe, expect, it } from 'vitest';
import type { Clock } from '../seams.js';
import { startLagProbe } from './lag-probe.js';

/** A clock whose timers fire as late as the test says. */
function lateClock() {
  let nowMs = 0;
  let due: (() => void) | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    after: (_delayMs, fn) => {
      due = fn;
      return () => {
        due = undefined;
      };
    },
  };
  return {
    clock,
    fireAt(atMs: number) {
      nowMs = atMs;
      const fn = due;
      due = undefined;
      fn?.();
    },
    armed: () => due !== undefined,
  };
}

describe('startLagProbe', () => {
  it('reports every delay, and an episode only beyond 30 ms', () => {
    const { clock, fireAt } = lateClock();
    const delays: number[] = [];
    const episodes: [number, number][] = [];
    startLagProbe({
      clock,
      onDelay: (ms) => delays.push(ms),
      onEpisode: (from, to) => episodes.push([from, to]),
    });
    fireAt(20); // in time
    fireAt(70); // due at 40: 30 late, still normal
    fireAt(190); // due at 90: 100 late
    fireAt(210); // in time again
    expect(delays).toEqual([0, 30, 100, 0]);
    expect(episodes).toEqual([[90, 190]]);
  });

  it('stops for good', () => {
    const { clock, fireAt, armed } = lateClock();
    const delays: number[] = [];
    const stop = startLagProbe({ clock, onDelay: (ms) => delays.push(ms), onEpisode: () => {} });
    stop();
    expect(armed()).toBe(false);
    fireAt(20);
    expect(delays).toEqual([]);
  });
});
