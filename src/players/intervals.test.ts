import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Intervals } from './intervals.js';

describe('intervals', () => {
  it('join what touches or overlaps and keep apart what does not', () => {
    const list = new Intervals(10, 0);
    list.add(0, 100);
    list.add(105, 200);
    list.add(300, 400);
    expect(list.count).toBe(2);
    expect(list.endFrom(50)).toBe(200);
    expect(list.endFrom(250)).toBe(250);
    expect(list.nextStart(250)).toBe(300);
    list.add(195, 305);
    expect(list.count).toBe(1);
    expect(list.endFrom(0)).toBe(400);
  });

  it('count a position shortly before an interval as inside only within the lead', () => {
    const strict = new Intervals(60, 0);
    const lenient = new Intervals(60);
    for (const list of [strict, lenient]) list.add(1000, 2000);
    expect(strict.endFrom(950)).toBe(950);
    expect(lenient.endFrom(950)).toBe(2000);
    expect(strict.coveredFrom(950)).toBe(1000);
    expect(lenient.coveredFrom(950)).toBe(950);
  });

  it('ignore empty and backward spans', () => {
    const list = new Intervals(10);
    list.add(5, 5);
    list.add(9, 3);
    list.add(Number.NaN, 10);
    expect(list.count).toBe(0);
  });

  it('agree with a plain set of milliseconds, in any order of adding, many or few', () => {
    const span = fc.record({
      from: fc.integer({ min: 0, max: 380 }),
      length: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 40 }), fc.integer({ min: -5, max: 400 }), (spans, at) => {
        const list = new Intervals(0, 0);
        const covered = new Set<number>();
        for (const { from, length } of spans) {
          list.add(from, from + length);
          for (let i = from; i < from + length; i++) covered.add(i);
        }
        let end = at;
        while (covered.has(end)) end++;
        expect(list.endFrom(at)).toBe(end);
        const starts = [...covered].filter((ms) => !covered.has(ms - 1)).sort((a, b) => a - b);
        expect(list.nextStart(at)).toBe(starts.find((ms) => ms > at));
        let upTo: number | undefined = at;
        while (upTo !== undefined && !covered.has(upTo) && !covered.has(upTo - 1))
          upTo = upTo > 0 ? upTo - 1 : undefined;
        expect(list.coveredUpTo(at)).toBe(upTo);
      }),
    );
  });

  it('never hold more than their capacity: the oldest goes first', () => {
    const list = new Intervals(0, 0, 4);
    for (let i = 0; i < 50; i++) list.add(i * 10, i * 10 + 5);
    expect(list.count).toBe(4);
    expect(list.firstMs).toBe(460);
    expect(list.lastMs).toBe(495);
  });

  it('trim at a position and know what is covered up to one', () => {
    const list = new Intervals(0, 0);
    list.add(0, 10);
    list.add(20, 30);
    list.add(40, 50);
    list.trimBefore(15);
    expect(list.firstMs).toBe(20);
    expect(list.coveredUpTo(100)).toBe(50);
    expect(list.coveredUpTo(35)).toBe(30);
    expect(list.coveredUpTo(5)).toBeUndefined();
  });

  it('loses what is taken away: at its ends, in its middle, and over several intervals', () => {
    const intervals = new Intervals(0);
    intervals.add(0, 100);
    intervals.add(200, 300);
    intervals.add(400, 500);
    intervals.remove(20, 40);
    expect([intervals.endFrom(0), intervals.coveredFrom(20), intervals.endFrom(40)]).toEqual([20, 40, 100]);
    intervals.remove(90, 450);
    expect([intervals.count, intervals.endFrom(40), intervals.coveredFrom(90)]).toEqual([3, 90, 450]);
    intervals.remove(460, Number.POSITIVE_INFINITY);
    expect(intervals.lastMs).toBe(460);
    intervals.remove(0, 1000);
    expect(intervals.count).toBe(0);
  });
});
