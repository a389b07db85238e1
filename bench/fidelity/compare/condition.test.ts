import { describe, expect, test } from 'vitest';
import { run, spansOf } from '../../../test/support/fidelity-stories.js';
import type { RunRecord, Story } from '../story.js';
import { BOUNDS } from './bounds.js';
import { compareCondition, type Metric } from './condition.js';

const waits = (...pairs: readonly (readonly [number, number?])[]): Partial<Story> => ({
  waits: spansOf(...pairs),
});

function missed(runs: readonly RunRecord[], protocol: 'hls' | 'flv' = 'hls'): readonly Metric[] {
  return [...new Set(compareCondition(runs, protocol, BOUNDS).misses.map(({ metric }) => metric))];
}

describe('compareCondition', () => {
  test('two stories that are alike have no misses, and nothing to say about rebuffers that nobody had', () => {
    const result = compareCondition([run({}, {})], 'hls', BOUNDS);
    expect(result.misses).toEqual([]);
    expect(result.judgements).toEqual({
      count: 'ok',
      boundary: 'nothing',
      total: 'nothing',
      firstFrame: 'ok',
      latency: 'ok',
      endState: 'ok',
    });
  });

  test('a wait of 150 ms is a rebuffer, one of 149 ms is not', () => {
    expect(missed([run(waits([5000, 5149]), {})])).toEqual([]);
    expect(missed([run(waits([5000, 5150]), {})])).toEqual(['count', 'boundary', 'total']);
  });

  test('a boundary may be 50 ms off on HLS and 100 ms on FLV', () => {
    const at = (ms: number) => [run(waits([5000, 7000]), waits([5000 + ms, 7000]))];
    expect([missed(at(50)), missed(at(51)), missed(at(-51))]).toEqual([[], ['boundary'], ['boundary']]);
    expect([missed(at(100), 'flv'), missed(at(101), 'flv')]).toEqual([[], ['boundary', 'total']]);
  });

  test('the end of a rebuffer counts as well, and the miss names place and numbers', () => {
    const { misses } = compareCondition(
      [run(waits([5000, 7000], [9000, 9500]), waits([5000, 7000], [9000, 9580]))],
      'hls',
      BOUNDS,
    );
    expect(misses).toEqual([
      { metric: 'boundary', where: 'rebuffer 2, end', browser: '9500 ms', ours: '9580 ms', bound: '50 ms' },
    ]);
  });

  test('all rebuffering may differ by 100 ms, or by 5 % of what the browser had', () => {
    const total = (browserMs: number, oursMs: number) =>
      missed([run(waits([1000, 1000 + browserMs]), waits([1000, 1000 + oursMs]))], 'flv');
    expect(total(1000, 1101)).toContain('total');
    expect(total(1000, 1100)).toEqual([]);
    expect(total(6000, 6300)).not.toContain('total');
    expect(total(6000, 6301)).toContain('total');
  });

  test('first frame and median latency may be 100 ms off; one that only one side has is a miss', () => {
    const latency = (latencyMs: number) => ({ latency: [{ atMs: 1000, latencyMs }] });
    expect(missed([run({ firstFrameMs: 300 }, { firstFrameMs: 400 })])).toEqual([]);
    expect(missed([run({ firstFrameMs: 300 }, { firstFrameMs: 401 })])).toEqual(['firstFrame']);
    expect(missed([run(latency(2000), latency(1900))])).toEqual([]);
    expect(missed([run(latency(2000), latency(1899))])).toEqual(['latency']);
    expect(missed([run(latency(2000), { latency: [] })])).toEqual(['latency']);
    expect(compareCondition([run({ latency: [] }, { latency: [] })], 'hls', BOUNDS).judgements.latency).toBe(
      'nothing',
    );
  });

  test('the end state has to be the same in every run, not in most of them', () => {
    const fine = run({ endState: 'playing' }, { endState: 'playing' });
    const { misses } = compareCondition(
      [fine, fine, run({ endState: 'stalled' }, { endState: 'playing' })],
      'hls',
      BOUNDS,
    );
    expect(misses).toMatchObject([
      { metric: 'endState', where: '1 run', browser: 'stalled', ours: 'playing' },
    ]);
  });

  test('medians are compared: one run out of three that is off is no miss', () => {
    const fine = run(waits([5000, 7000]), waits([5000, 7000]));
    const off = run(waits([5300, 7000]), waits([5000, 7000]));
    expect(missed([fine, off, fine])).toEqual([]);
    expect(missed([off, off, fine])).toEqual(['boundary', 'total']);
  });

  test('a repeat with another number of rebuffers is left out of the medians of boundaries', () => {
    const two = run(waits([5000, 7000], [8000, 8400]), waits([5000, 7000], [8000, 8400]));
    const one = run(waits([5000, 9000]), waits([5000, 9000]));
    const { browser } = compareCondition([two, one, two], 'hls', BOUNDS);
    expect(browser.rebuffers).toEqual(spansOf([5000, 7000], [8000, 8400]));
    expect(browser.counts).toEqual([2, 1, 2]);
  });

  test('waits that are open at the end agree with each other, and miss one that is closed', () => {
    expect(missed([run(waits([15_000]), waits([15_010]))])).toEqual([]);
    expect(missed([run(waits([15_000]), waits([15_000, 19_990]))])).toEqual(['boundary']);
  });

  test('what only the side that ran longer was there to see is not held against the other', () => {
    const longer = { ...waits([19_000, 22_000]), watchedMs: 25_000 };
    expect(missed([run(longer, waits([19_000]))])).toEqual([]);
  });

  test('with unequal numbers rebuffers are matched by overlap, and the lone one gives two boundaries', () => {
    const { boundaries } = compareCondition(
      [run(waits([2000, 2400], [5000, 7000]), waits([5010, 7010]))],
      'hls',
      BOUNDS,
    );
    expect(boundaries.map(({ ok }) => ok)).toEqual([false, false, true, true]);
  });

  test('a run without a browser is refused', () => {
    const record = run({}, {});
    const stories = record.stories.filter(({ side }) => side !== 'browser');
    expect(() => compareCondition([{ ...record, stories }], 'hls', BOUNDS)).toThrow(/no story of browser/);
  });
});
