import { expect, test } from 'vitest';
import { wilson } from './wilson.js';

test.each([
  // Textbook values: Newcombe 1998, table I.
  [81, 263, 25.53, 36.62],
  [15, 148, 6.24, 16.05],
  [0, 20, 0, 16.11],
  [1, 29, 0.61, 17.18],
])('%d of %d may be %d to %d %%', (part, whole, low, high) => {
  const interval = wilson(part, whole);
  expect(interval.low).toBeCloseTo(low, 1);
  expect(interval.high).toBeCloseTo(high, 1);
});

test('all of them is not surely all, and the more there were the surer', () => {
  expect(wilson(50, 50)).toMatchObject({ high: 100 });
  expect(wilson(50, 50).low).toBeCloseTo(92.9, 1);
  expect(wilson(5000, 5000).low).toBeGreaterThan(99.9);
});
