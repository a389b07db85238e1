import { describe, expect, it } from 'vitest';
import { plannedAt } from './planned-levels.js';

describe('plannedAt', () => {
  const line = [
    { atMs: 0, level: 0 },
    { atMs: 10_000, level: 50 },
    { atMs: 20_000, level: 50 },
    { atMs: 20_000, level: 20 },
    { atMs: 30_000, level: 20 },
  ];

  it.each([
    { atMs: -1, viewers: 0 },
    { atMs: 0, viewers: 0 },
    { atMs: 5000, viewers: 25 },
    { atMs: 15_000, viewers: 50 },
    { atMs: 20_000, viewers: 20 },
    { atMs: 29_999, viewers: 20 },
    { atMs: 30_000, viewers: 0 },
  ])('wants $viewers viewers at $atMs ms', ({ atMs, viewers }) => {
    expect(plannedAt(line, atMs)).toBe(viewers);
  });

  it('knows nothing without a plan', () => {
    expect(plannedAt(undefined, 0)).toBeUndefined();
    expect(plannedAt([], 0)).toBeUndefined();
  });
});
