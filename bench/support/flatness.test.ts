import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/rng.js';
import { flatnessOf } from './flatness.js';

const MINUTE_MS = 60_000;
const EVERY_MS = 5000;
const rng = createRng(1, 'memory');
/** 30 minutes of 200 MB that a collector moves by up to 8, with `mbPerHour` on top. */
const memory = (mbPerHour: number) =>
  Array.from({ length: 360 }, (_, i) => ({
    atMs: i * EVERY_MS,
    value: 200 + 8 * rng.next() + (mbPerHour * i * EVERY_MS) / 3_600_000,
  }));

describe('memory of a long run', () => {
  test('that only a collector moves is flat', () => {
    expect(flatnessOf(memory(0), 0)).toMatchObject({ flat: true, points: 60 });
  });

  test('that grows by 12 MB an hour is not, nor by 0.3 MB where nothing else moves', () => {
    const grown = flatnessOf(memory(12), 0);
    expect(grown?.flat).toBe(false);
    expect(grown?.lowPerHour).toBeLessThan(12);
    expect(grown?.highPerHour).toBeGreaterThan(12);
    const still = Array.from({ length: 360 }, (_, i) => ({ atMs: i * EVERY_MS, value: 200 + i * 0.0004 }));
    expect(flatnessOf(still, 0)?.flat).toBe(false);
  });

  test('that shrinks does not grow', () => {
    expect(flatnessOf(memory(-40), 0)).toMatchObject({ flat: true });
  });

  test('is looked at after the warm-up', () => {
    const warming = memory(0).map(({ atMs, value }) => ({
      atMs,
      value: value + Math.min(atMs, 5 * MINUTE_MS) / 1000,
    }));
    expect(flatnessOf(warming, 0)?.most).toBeGreaterThan(flatnessOf(warming, 0)?.least ?? 0);
    expect(flatnessOf(warming, 5 * MINUTE_MS)).toMatchObject({ flat: true, points: 50 });
    expect(flatnessOf(warming, 29 * MINUTE_MS)).toBeUndefined();
  });

  test('whose collector runs every minute is not told to grow by chance more often than one time in ten', () => {
    let grows = 0;
    for (let seed = 0; seed < 100; seed++) {
      const draw = createRng(seed, 'saw');
      const periodMs = MINUTE_MS * (0.5 + draw.next());
      const saw = Array.from({ length: 360 }, (_, i) => ({
        atMs: i * EVERY_MS,
        value: 200 + 10 * (((i * EVERY_MS) % periodMs) / periodMs) + draw.next(),
      }));
      if (flatnessOf(saw, 0)?.flat !== true) grows++;
    }
    expect(grows).toBeLessThanOrEqual(10);
  });

  /** 22 minutes of a heap whose whole collections are minutes apart. */
  const slowly = (seed: number, mbPerHour: number) => {
    const draw = createRng(seed, 'slow');
    const periodMs = MINUTE_MS * (6 + 4 * draw.next());
    const beganMs = periodMs * draw.next();
    return Array.from({ length: 264 }, (_, i) => ({
      atMs: i * EVERY_MS,
      value:
        228 +
        4 * (((beganMs + i * EVERY_MS) % periodMs) / periodMs) +
        2 * draw.next() +
        (mbPerHour * i * EVERY_MS) / 3_600_000,
    }));
  };

  test('whose collector runs every 6 to 10 minutes is seldom told to grow, and a growth of 20 MB an hour nearly always', () => {
    const growsAt = (mbPerHour: number): number =>
      Array.from({ length: 100 }, (_, seed) => flatnessOf(slowly(seed, mbPerHour), 0)).filter(
        (seen) => seen?.flat === false,
      ).length;
    expect(growsAt(0)).toBeLessThanOrEqual(12);
    expect(growsAt(20)).toBeGreaterThanOrEqual(90);
  });
});
