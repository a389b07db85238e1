import { expect, test } from 'vitest';
import { FirstListings } from './first-listings.js';

const seen = (captureEpochMs: number, afterMs: number, atMs: number) => ({
  captureEpochMs,
  afterMs,
  atMs,
  protocol: 'hls' as const,
  phase: 'hold',
});

test('of all viewers that saw a segment the earliest counts, once, and in its phase', () => {
  const listings = new FirstListings<string>();
  listings.add(seen(5000, 1900, 8000));
  listings.add({ ...seen(5000, 1200, 8400), phase: 'spike' });
  listings.add(seen(5000.4, 1500, 8500));
  listings.add(seen(6000, 1100, 9000));
  expect(listings.take(18_000).map(({ afterMs, phase }) => [afterMs, phase])).toEqual([[1200, 'spike']]);
  expect(listings.take(18_999)).toEqual([]);
  expect(listings.take(19_000).map(({ afterMs }) => afterMs)).toEqual([1100]);
});

test('the end of a run takes what is still open', () => {
  const listings = new FirstListings<string>();
  listings.add(seen(5000, 1900, 8000));
  expect(listings.take(8001)).toEqual([]);
  expect(listings.take(8001, true)).toHaveLength(1);
  expect(listings.take(8001, true)).toEqual([]);
});

test('a stream of wild capture times takes no more room than a real one, and loses nothing', () => {
  const listings = new FirstListings<string>();
  for (let i = 0; i < 10_000; i++) listings.add(seen(i * 7, 100, 1000));
  expect(listings.take(1000)).toHaveLength(10_000 - 256);
  expect(listings.take(1000, true)).toHaveLength(256);
});
