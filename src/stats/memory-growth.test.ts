import { describe, expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { memoryGrowth } from './memory-growth.js';
import type { Stretch } from './timeline.js';

const HOUR_MS = 3_600_000;

function hold(forMs: number, rssBytes: (atMs: number) => number | undefined): Stretch[] {
  return Array.from({ length: forMs / 60_000 }, (_, i) => ({
    ...{ fromMs: i * 60_000, toMs: (i + 1) * 60_000, rssBytes: rssBytes(i * 60_000) },
    ...{ lowest: () => undefined, count: () => 0, spread: () => undefined },
  }));
}

describe('the growth of the generator itself', () => {
  test('is what is added each hour, with its interval, whatever single minutes were', () => {
    const rng = createRng(1, 'memory');
    const growth = memoryGrowth(
      hold(
        3 * HOUR_MS,
        (atMs) => 300e6 + (20e6 * atMs) / HOUR_MS + 4e6 * rng.next() + (rng.next() < 0.1 ? 2e8 : 0),
      ),
    );
    expect((growth?.bytesPerHour ?? 0) / 1e6).toBeCloseTo(20, -1);
    expect(growth?.lowBytesPerHour).toBeGreaterThan(15e6);
    expect(growth?.highBytesPerHour).toBeLessThan(25e6);
    expect(growth?.overMs).toBeGreaterThan(1.9 * HOUR_MS);
  });

  test('may be none: the interval of memory that only trembles holds zero', () => {
    const rng = createRng(2, 'memory');
    const growth = memoryGrowth(hold(2 * HOUR_MS, () => 300e6 + 30e6 * rng.next()));
    expect(growth?.lowBytesPerHour).toBeLessThan(0);
    expect(growth?.highBytesPerHour).toBeGreaterThan(0);
  });

  test('leaves the warm-up out', () => {
    const growth = memoryGrowth(hold(HOUR_MS, (atMs) => 300e6 + Math.min(atMs, HOUR_MS / 4) * 100));
    expect(growth).toMatchObject({ bytesPerHour: 0, lowBytesPerHour: 0, highBytesPerHour: 0 });
  });

  test('is not spoken of where the hold was short, or memory not measured', () => {
    expect(memoryGrowth(hold(900_000, (atMs) => atMs))).toBeUndefined();
    expect(memoryGrowth(hold(HOUR_MS, () => undefined))).toBeUndefined();
    expect(memoryGrowth([])).toBeUndefined();
  });
});
