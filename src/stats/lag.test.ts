import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLagLog, taintOf } from './lag.js';

function lagOf(...episodes: readonly (readonly [number, number])[]) {
  const lag = createLagLog();
  for (const [fromMs, toMs] of episodes) lag.add(fromMs, toMs);
  return lag;
}

describe('the lag log', () => {
  test.each([
    ['nothing logged', [], 0, 1000, 0],
    ['before', [[0, 100]], 100, 200, 0],
    ['after', [[300, 400]], 100, 300, 0],
    ['inside', [[120, 150]], 100, 200, 30],
    ['over an edge', [[50, 150]], 100, 200, 50],
    ['around', [[0, 1000]], 100, 200, 100],
    [
      'several',
      [
        [0, 110],
        [120, 130],
        [190, 500],
      ],
      100,
      200,
      30,
    ],
  ] as const)('overlap: %s', (_, episodes, fromMs, toMs, overlapMs) => {
    expect(lagOf(...episodes).overlapMs(fromMs, toMs)).toBe(overlapMs);
  });

  test('episodes that overlap each other count once', () => {
    expect(lagOf([0, 100], [50, 150]).overlapMs(0, 1000)).toBe(150);
  });

  test.each([
    [Number.NaN, 5],
    [5, Number.NaN],
    [5, 5],
    [7, 5],
    [0, Number.POSITIVE_INFINITY],
  ])('an episode from %s to %s is ignored', (fromMs, toMs) => {
    expect(lagOf([fromMs, toMs]).overlapMs(-1e9, 1e9)).toBe(0);
  });

  test('only the newest episodes are kept', () => {
    const lag = createLagLog(4);
    for (let at = 0; at < 1000; at += 10) lag.add(at, at + 1);
    expect(lag.overlapMs(0, 1e6)).toBe(4);
    expect(lag.overlapMs(0, 900)).toBe(0);
  });

  test('is never more than the span asked for', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 30 }), span, (episodes, [a, b]) => {
        const lag = lagOf(...episodes);
        const overlapMs = lag.overlapMs(Math.min(a, b), Math.max(a, b));
        expect(overlapMs).toBeGreaterThanOrEqual(0);
        expect(overlapMs).toBeLessThanOrEqual(Math.abs(a - b));
      }),
    );
  });
});

describe('what our own lag puts in doubt', () => {
  test.each([
    ['no lag', [], { doubtful: false, doubtMs: 0 }],
    ['30 ms at its start', [[10_000, 10_030]], { doubtful: false, doubtMs: 0 }],
    ['31 ms at its start: all of it', [[10_000, 10_031]], { doubtful: true, doubtMs: 400 }],
    ['31 ms just before its start: all of it', [[9960, 9991]], { doubtful: true, doubtMs: 400 }],
    ['long before', [[9000, 9900]], { doubtful: false, doubtMs: 0 }],
    ['60 ms at its end: those, it stays a rebuffer', [[10_340, 10_400]], { doubtful: false, doubtMs: 60 }],
    ['290 ms of 400 later on: still a rebuffer', [[10_105, 10_395]], { doubtful: false, doubtMs: 290 }],
    ['long after', [[10_500, 11_000]], { doubtful: false, doubtMs: 0 }],
  ] as const)('a rebuffer of 400 ms, %s', (_, episodes, taint) => {
    expect(taintOf(lagOf(...episodes), 10_000, 400)).toEqual(taint);
  });

  test('a rebuffer of which lag leaves less than 100 ms may have been none', () => {
    expect(taintOf(lagOf([10_110, 10_160]), 10_000, 160)).toEqual({ doubtful: false, doubtMs: 50 });
    expect(taintOf(lagOf([10_080, 10_170]), 10_000, 150)).toEqual({ doubtful: true, doubtMs: 70 });
  });
});
