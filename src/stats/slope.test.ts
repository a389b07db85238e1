import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { type At, growthAlong, slopeOf, slopeOfSeries } from './slope.js';

const line = (count: number, value: (i: number) => number): At[] =>
  Array.from({ length: count }, (_, i) => ({ atMs: i * 1000, value: value(i) }));

describe('the robust slope', () => {
  test('of a line is the line, and its interval is nothing', () => {
    const slope = slopeOf(line(50, (i) => 100 + 3 * i));
    expect(slope?.perMs).toBeCloseTo(0.003, 12);
    expect([slope?.lowPerMs, slope?.highPerMs]).toEqual([slope?.perMs, slope?.perMs]);
    expect(slope?.at(10_000)).toBeCloseTo(130, 9);
  });

  test('is not moved by a fifth of the points that lie anywhere, nor by the two end points', () => {
    const wild = line(50, (i) => (i % 5 === 0 ? 1e6 * (i % 2) : 100 + 3 * i));
    expect(slopeOf(wild)?.perMs).toBeCloseTo(0.003, 4);
    const ends = line(50, (i) => (i === 0 ? 1e6 : i === 49 ? -1e6 : 100));
    expect(slopeOf(ends)?.perMs).toBe(0);
  });

  test('of what is flat but noisy has an interval with zero in it, about 19 times in 20', () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'noise');
      const slope = slopeOf(line(60, () => 100 + rng.next() + rng.next() + rng.next()));
      if (slope && slope.lowPerMs <= 0 && slope.highPerMs >= 0) covered++;
    }
    expect(covered).toBeGreaterThan(180);
    expect(covered).toBeLessThan(200);
  });

  test('is as well known upwards as downwards: of values turned round the interval is turned round', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 30 }), (values) => {
        for (const slope of [slopeOf, slopeOfSeries]) {
          const up = slope(values.map((value, i) => ({ atMs: i, value })));
          const down = slope(values.map((value, i) => ({ atMs: i, value: -value })));
          expect([down?.lowPerMs, down?.highPerMs].map((end) => (end ?? 0) + 0)).toEqual(
            [up?.highPerMs, up?.lowPerMs].map((end) => 0 - (end ?? 0)),
          );
        }
      }),
    );
  });

  test('does not depend on the unit of the value', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 4, maxLength: 40 }), (values) => {
        const once = slopeOf(values.map((value, i) => ({ atMs: i, value })));
        const tenfold = slopeOf(values.map((value, i) => ({ atMs: i, value: value * 10 })));
        expect(tenfold?.perMs).toBeCloseTo((once?.perMs ?? 0) * 10, 6);
      }),
    );
  });

  test('of too few points is unknown, and of very many is thinned to what can be paired', () => {
    expect(slopeOf([])).toBeUndefined();
    expect(slopeOf(line(2, (i) => i))).toBeUndefined();
    expect(slopeOf([1, 2, 3].map((value) => ({ atMs: 5, value })))).toBeUndefined();
    const many = slopeOf(line(100_000, (i) => i));
    expect(many?.points).toBeLessThanOrEqual(256);
    expect(many?.perMs).toBeCloseTo(0.001, 12);
  });
});

describe('the slope of a series whose points follow each other', () => {
  /** Each point keeps `kept` of the one before, as what a collector leaves does. */
  const series = (seed: number, kept: number, perPoint = 0): At[] => {
    const rng = createRng(seed, 'series');
    let at = 0;
    return line(44, (i) => {
      at = kept * at + rng.next() + rng.next() + rng.next() - 1.5;
      return 100 + at + perPoint * i;
    });
  };
  const missed = (of: typeof slopeOf, kept: number): number => {
    let wrong = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { lowPerMs = 1, highPerMs = -1 } = of(series(seed, kept)) ?? {};
      if (lowPerMs > 0 || highPerMs < 0) wrong++;
    }
    return wrong / 300;
  };

  test('is the same line, and where points are independent nearly the same interval', () => {
    const points = series(1, 0);
    expect(slopeOfSeries(points)?.perMs).toBe(slopeOf(points)?.perMs);
    expect(missed(slopeOfSeries, 0)).toBeLessThan(0.08);
  });

  test('is not known better than it is: what is flat is taken for a slope about as seldom as said', () => {
    expect(missed(slopeOf, 0.6)).toBeGreaterThan(0.2);
    expect(missed(slopeOfSeries, 0.6)).toBeLessThan(0.12);
  });

  test('of what grows is still known to grow', () => {
    for (let seed = 0; seed < 50; seed++)
      expect(slopeOfSeries(series(seed, 0.6, 0.15))?.lowPerMs, `${seed}`).toBeGreaterThan(0);
  });

  test('of a line, of a constant and of too few points is what it is without', () => {
    expect(slopeOfSeries(line(50, (i) => 100 + 3 * i))?.perMs).toBeCloseTo(0.003, 12);
    expect(slopeOfSeries(line(50, () => 7))).toMatchObject({ perMs: 0, lowPerMs: 0, highPerMs: 0 });
    expect(slopeOfSeries(line(2, (i) => i))).toBeUndefined();
    expect(slopeOfSeries(line(3, (i) => i))).toEqual({
      ...slopeOf(line(3, (i) => i)),
      at: expect.any(Function),
    });
  });
});

describe('growth', () => {
  test('leaves the warm-up out', () => {
    const warming = line(200, (i) => (i < 15 ? 50 + i * 10 : 200));
    expect(growthAlong(warming)?.pct).toBe(0);
  });

  test('is along the line, of the level after the warm-up', () => {
    const grown = growthAlong(line(101, (i) => 100 + i * 0.1));
    expect(grown?.pct).toBeCloseTo((9 / 101) * 100, 6);
    expect(
      growthAlong(
        line(101, (i) => 100 + i * 0.1),
        { overMs: 900_000 },
      )?.pct,
    ).toBeCloseTo(89.1, 1);
  });

  test('is not known better than it is where what lifts one point lifts the next ones', () => {
    // The same values: as they come, up and down for a quarter of the time, and shuffled.
    const waves = line(200, (i) => 100 + 5 * Math.sin((i * 2 * Math.PI) / 50));
    const rng = createRng(1, 'shuffled');
    const shuffled = waves
      .map(({ value }) => ({ value, at: rng.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }, i) => ({ atMs: i * 1000, value }));
    const width = (points: readonly At[]): number => {
      const grown = growthAlong(points);
      return (grown?.highPct ?? 0) - (grown?.lowPct ?? 0);
    };
    expect(width(waves)).toBeGreaterThan(2 * width(shuffled));
  });

  test('of next to nothing is measured against the floor', () => {
    const tiny = line(100, (i) => 1 + i / 100);
    expect(growthAlong(tiny)?.pct).toBeGreaterThan(80);
    expect(growthAlong(tiny, { floor: 100 })?.pct).toBeLessThan(1);
    expect(growthAlong(line(100, () => 0))).toBeUndefined();
    expect(growthAlong(line(100, (i) => Math.max(0, i - 50)))).toBeUndefined();
  });
});
