import { describe, expect, it } from 'vitest';
import { FlvJitter } from './flv-jitter.js';

const corrected = (...times: number[]): number[] => {
  const jitter = new FlvJitter();
  return times.map((time) => jitter.correct(time));
};

describe("one viewer's own FLV time", () => {
  it('puts the first tag of a running stream at 10 ms and keeps the distances', () => {
    expect(corrected(512_340, 512_348, 512_373)).toEqual([10, 18, 43]);
  });

  it('leaves a stream that begins now as it is', () => {
    expect(corrected(0, 23, 43, 56)).toEqual([0, 23, 43, 56]);
  });

  it.each([
    [250, 250],
    [251, 10],
    [-251, 10],
    [5000, 10],
  ])('takes a step of %i ms for one of %i ms', (step, seen) => {
    const [first, second] = corrected(100_000, 100_000 + step) as [number, number];
    expect(second - first).toBe(seen);
  });

  it('follows a small step back, but never below 0', () => {
    expect(corrected(100, 60)).toEqual([100, 60]);
    expect(corrected(1000, 900)).toEqual([10, 0]);
  });
});
