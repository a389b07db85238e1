import { expect, it } from 'vitest';
import { Reads } from './reads.js';

it('pieces that arrive together are one read', () => {
  const reads = new Reads(5);
  expect(reads.take(13, 0)).toEqual({ bytes: 13, goesOn: false });
  expect(reads.take(379, 0.3)).toEqual({ bytes: 379, goesOn: true });
  expect(reads.take(3000, 33)).toEqual({ bytes: 3000, goesOn: false });
});

it('a burst is one read up to what the network passes on first, and one more for all the rest', () => {
  const reads = new Reads(5);
  reads.take(13, 0);
  expect(reads.take(60_000, 0)).toEqual({ bytes: 60_000, goesOn: true });
  expect(reads.take(60_000, 0)).toEqual({ bytes: 5523, goesOn: true });
  expect(reads.take(54_477, 0.5)).toEqual({ bytes: 54_477, goesOn: false });
  expect(reads.take(200_000, 1)).toEqual({ bytes: 200_000, goesOn: true });
  expect(reads.take(3000, 33)).toEqual({ bytes: 3000, goesOn: false });
});

it('what comes while the head of the answer is dealt with belongs to the first read, and later no more', () => {
  const reads = new Reads(5);
  reads.take(4000, 0);
  expect(reads.take(30_000, 5)).toEqual({ bytes: 30_000, goesOn: true });
  expect(reads.take(3000, 8)).toEqual({ bytes: 3000, goesOn: false });
  expect(reads.take(3000, 11)).toEqual({ bytes: 3000, goesOn: false });
});

it('a read is cut where the pipe to the page begins anew, each 2 MiB', () => {
  const reads = new Reads(5);
  const sizes: number[] = [];
  for (let read = 0; read < 84; read++) {
    for (let left = 50_000; left > 0; ) {
      const { bytes, goesOn } = reads.take(left, read * 350);
      expect(goesOn).toBe(false);
      sizes.push(bytes);
      left -= bytes;
    }
  }
  const first = sizes.findIndex((size) => size !== 50_000);
  expect(first).toBe(41);
  expect(sizes.slice(first, first + 2)).toEqual([2_097_152 - 41 * 50_000, 42 * 50_000 - 2_097_152]);
  // The second time after twice as many.
  expect(sizes.filter((size) => size !== 50_000)).toHaveLength(4);
});
