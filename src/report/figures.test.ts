import { expect, test } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatJoined,
  formatMoreKinds,
  formatNumber,
  formatValue,
} from './figures.js';

test.each([
  [0, '0'],
  [42, '42'],
  [99.96, '99.96'],
  [1234.5678, '1234.6'],
  [0.4999, '0.5'],
  [0.49951, '0.5'],
  [0.00123, '0.00123'],
  [2.974e-7, '0.000000297'],
  [1.005, '1'],
])('%s is shown as %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test('an absent value is a dash, never a zero', () => {
  expect([formatValue(null, 'ms'), formatValue(undefined, 'ms'), formatValue(0, 'ms')]).toEqual([
    '-',
    '-',
    '0 ms',
  ]);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [345_000_000, '345 MB'],
  [2e15, '2000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-5, '0:00'],
  [7400, '0:07'],
  [750_000, '12:30'],
  [3_723_000, '1:02:03'],
])('%d ms are %s', (ms, text) => {
  expect(formatClock(ms)).toBe(text);
});

test('what is alone is one, and who comes more often than there are any is a visitor', () => {
  expect([formatMoreKinds(1), formatMoreKinds(2)]).toEqual(['1 more kind', '2 more kinds']);
  expect([formatJoined({ joined: 9, planned: 10 }), formatJoined({ joined: 21, planned: 10 })]).toEqual([
    '9 of 10 viewers joined',
    '21 visits by 10 viewers',
  ]);
});
