import { describe, expect, it, test } from 'vitest';
import { medianOf, rankRange, shareRange, tTails, zOf } from './chance.js';

describe('the tails of the t distribution', () => {
  // Any table of Student's t: two-sided 5 % and 1 %.
  test.each([
    [12.706, 1, 0.05],
    [4.303, 2, 0.05],
    [2.776, 4, 0.05],
    [4.604, 4, 0.01],
    [2.228, 10, 0.05],
    [2.042, 30, 0.05],
  ])('beyond %d with %d degrees of freedom hold %d', (t, df, p) => {
    expect(tTails(t, df)).toBeCloseTo(p, 3);
    expect(tTails(-t, df)).toBeCloseTo(p, 3);
  });

  it('hold everything at 0 and nothing at infinity', () => {
    expect(tTails(0, 4)).toBe(1);
    expect(tTails(Number.POSITIVE_INFINITY, 4)).toBe(0);
  });
});

test.each([
  [0.05, 1.95996],
  [0.01, 2.57583],
  [0.0025, 3.02334],
])('all but %d of a normal distribution lie within %d', (alpha, z) => {
  expect(zOf(alpha)).toBeCloseTo(z, 3);
});

test('where a percentile lies is bounded above only by enough samples', () => {
  expect(rankRange(0.95, 50, 1.96).high).toBe(Number.POSITIVE_INFINITY);
  const many = rankRange(0.95, 1000, 1.96);
  expect(many.low).toBeCloseTo(0.936, 3);
  expect(many.high).toBeCloseTo(0.964, 3);
});

// Newcombe 1998, table I.
test.each([
  [81, 263, 0.2553, 0.3662],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%d of %d may be %d to %d', (part, whole, low, high) => {
  const range = shareRange(part / whole, whole, 1.96);
  expect(range.low).toBeCloseTo(low, 3);
  expect(range.high).toBeCloseTo(high, 3);
});

test('the middle of an even number of values lies between the two in the middle', () => {
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(medianOf([9, 1, 3])).toBe(3);
});
