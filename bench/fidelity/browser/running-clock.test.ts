import { expect, test } from 'vitest';
import { runningMs, runningSpans, runningWithin } from './running-clock.js';

const ticks = (...parts: (readonly [number, number])[]): (readonly [number, number])[] => parts;

test('a clock that moves with time runs, one that stands does not, and a jump is no running', () => {
  const spans = runningSpans(
    ticks([0, 0], [20, 0.02], [40, 0.04], [60, 0.04], [80, 0.04], [100, 0.06], [120, 3], [140, 3.02]),
  );
  expect(spans).toEqual([
    { fromMs: 0, toMs: 40 },
    { fromMs: 80, toMs: 100 },
    { fromMs: 120, toMs: 140 },
  ]);
});

test('the running parts of a stretch are cut at its ends and summed', () => {
  const spans = [
    { fromMs: 0, toMs: 40 },
    { fromMs: 80, toMs: 100 },
  ];
  expect(runningWithin(spans, 30, 90)).toEqual([
    { fromMs: 30, toMs: 40 },
    { fromMs: 80, toMs: 90 },
  ]);
  expect(runningMs(spans, 30, 90)).toBe(20);
  expect(runningMs(spans, 41, 79)).toBe(0);
});
