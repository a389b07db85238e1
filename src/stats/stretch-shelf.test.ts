import { expect, test } from 'vitest';
import { StretchShelf } from './stretch-shelf.js';
import type { Tick } from './tick.js';

const stretch = (seq: number, hdr = 'HIST'): Tick => ({
  ...{ v: 1, box: 'séries', worker: 0, seq, fromMs: seq * 1000, toMs: seq * 1000 + 1000 },
  ...{
    gauges: { rss_bytes: seq },
    counters: { 'played_ms|hold|hls': seq },
    histograms: { latency_ms: { v2: hdr, count: 1, min: 0, max: 1, sum: 1 } },
  },
});

test('what was put on it comes back, oldest first, and the newest one can be taken off', () => {
  const shelf = new StretchShelf(3);
  for (let seq = 0; seq < 3; seq++) shelf.push(stretch(seq));
  expect([shelf.length, shelf.all()]).toEqual([3, [stretch(0), stretch(1), stretch(2)]]);
  expect(shelf.pop()).toEqual(stretch(2));
  shelf.push(stretch(7));
  expect(shelf.all()).toEqual([stretch(0), stretch(1), stretch(7)]);
  shelf.clear();
  expect([shelf.length, shelf.all(), shelf.pop()]).toEqual([0, [], undefined]);
});

test('takes its memory at the beginning, and no more for as many stretches as it was made for', () => {
  const shelf = new StretchShelf(240);
  const before = shelf.heldBytes;
  for (let seq = 0; seq < 240; seq++) shelf.push(stretch(seq, 'x'.repeat(5000)));
  expect([shelf.heldBytes, before > 1e6]).toEqual([before, true]);
});

test('more and larger stretches than expected are kept, characters of several bytes among them', () => {
  const shelf = new StretchShelf(1);
  const given = [stretch(0), stretch(1, 'ü'.repeat(20_000)), stretch(2), stretch(3, 'é'.repeat(9000))];
  for (const one of given) shelf.push(one);
  expect(shelf.all()).toEqual(given);
  expect(new StretchShelf(0).all()).toEqual([]);
});
