import { describe, expect, it } from 'vitest';
import { RateWindow } from './rates.js';
import { TrendRing } from './trends.js';

describe('TrendRing', () => {
  it('keeps the last minutes and no more, however long it goes on', () => {
    const ring = new TrendRing({ spanMs: 300_000, everyMs: 2000 });
    for (let atMs = 0; atMs <= 6 * 3600_000; atMs += 1000) ring.add(atMs, { a: atMs });
    const { atS, values } = ring.columns();
    expect(atS.length).toBe(151);
    expect([atS[0], atS.at(-1)]).toEqual([6 * 3600 - 300, 6 * 3600]);
    expect(values.a).toHaveLength(151);
  });

  it('takes a point as often as it is told and no more often', () => {
    const ring = new TrendRing({ spanMs: 300_000, everyMs: 2000 });
    expect(ring.add(0, { a: 1 })).toEqual({ atS: 0, values: { a: 1 } });
    expect(ring.add(1000, { a: 2 })).toBeUndefined();
    expect(ring.add(1990, { a: 3 })).toEqual({ atS: 2, values: { a: 3 } });
  });

  it('leaves a hole where a value was not known, and forgets a curve that ended', () => {
    const ring = new TrendRing({ spanMs: 4000, everyMs: 1000 });
    ring.add(0, { a: 1, b: 5 });
    ring.add(1000, { a: undefined, b: Number.NaN });
    ring.add(2000, { a: 3 });
    expect(ring.columns().values).toEqual({ a: [1, null, 3], b: [5, null, null] });
    for (let atMs = 3000; atMs <= 9000; atMs += 1000) ring.add(atMs, { a: 4 });
    expect(Object.keys(ring.columns().values)).toEqual(['a']);
  });

  it('takes only so many curves: the names of containers are not ours', () => {
    const ring = new TrendRing({ spanMs: 300_000, everyMs: 1000 });
    for (let at = 0; at < 200; at++) ring.add(at * 1000, { [`cpu:${at}`]: 1 });
    expect(Object.keys(ring.columns().values)).toHaveLength(64);
  });
});

describe('RateWindow', () => {
  const view = (ok: number, failed: number, chat = 0) =>
    ({
      count: () => chat,
      byLabel: () => ({ ok, server_fault: failed }),
    }) as unknown as Parameters<RateWindow['look']>[1];

  it('knows nothing after one look', () => {
    expect(new RateWindow().look(1000, view(5, 0))).toBeUndefined();
  });

  it('counts the last ten seconds, and what failed of them', () => {
    const rates = new RateWindow();
    for (let second = 0; second <= 30; second++)
      rates.look(second * 1000, view(second * 3, second > 25 ? 10 : 0, second));
    expect(rates.look(30_000, view(90, 10, 30))).toEqual({ callsPerS: 4, failedPct: 25, chatPerS: 1 });
    for (let second = 31; second <= 40; second++) rates.look(second * 1000, view(90, 10, 30));
    expect(rates.look(40_000, view(90, 10, 30))).toEqual({ callsPerS: 0, chatPerS: 0 });
  });
});
