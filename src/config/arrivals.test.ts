import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import { formatArrivals, parseArrivals } from './arrivals.js';

function read(text: string): ReturnType<typeof parseArrivals> | string {
  const issues: ConfigIssue[] = [];
  const arrivals = parseArrivals(text, '--arrivals', issues);
  return arrivals ?? issues.map(({ problem }) => problem).join();
}

describe('parseArrivals', () => {
  it.each([
    [
      '12/s for 5m, stay 3m',
      { perS: 12, spacing: 'poisson', forMs: 300_000, stayMs: 180_000, stay: 'fixed' },
    ],
    [
      '30/m paced for 1h, stay about 10m',
      { perS: 0.5, spacing: 'paced', forMs: 3_600_000, stayMs: 600_000, stay: 'exponential' },
    ],
    [
      ' 1.5 / s  for 90s ,stay 20s',
      { perS: 1.5, spacing: 'poisson', forMs: 90_000, stayMs: 20_000, stay: 'fixed' },
    ],
  ])('reads %s', (text, wanted) => {
    expect(read(text)).toEqual(wanted);
  });

  it.each(['12/s for 5m, stay 3m', '30/m paced for 1h, stay about 10m', '1.5/s for 1m30s, stay 20s'])(
    'writes %s again as it was',
    (text) => {
      expect(formatArrivals(read(text) as never)).toBe(text);
    },
  );

  it.each([
    ['12/s', 'not arrivals'],
    ['', 'not arrivals'],
    ['12/s for 5, stay 3m', 'not a duration'],
    ['0/s for 5m, stay 3m', 'nobody comes'],
    ['1/h for 5m, stay 3m', 'nobody comes in that time'],
    ['12/s for 5m, stay 100h', 'out of range'],
    ['9999/s for 1h, stay 3m', 'more viewers than one run lets come'],
    ['12/s for 3m, stay 3m', 'the crowd never stands still, so there is nothing to judge by'],
    ['12/s for 3m, stay about 1m', 'the crowd never stands still, so there is nothing to judge by'],
  ])('refuses "%s": %s', (text, problem) => {
    expect(read(text)).toBe(problem);
  });
});
