import { expect, it } from 'vitest';
import { Reads } from './reads.js';

it('pieces that arrive together are one read', () => {
  const reads = new Reads();
  expect(reads.take(13, 0)).toEqual({ bytes: 13, goesOn: false });
  expect(reads.take(379, 0.3)).toEqual({ bytes: 379, goesOn: true });
  expect(reads.take(3000, 33)).toEqual({ bytes: 3000, goesOn: false });
});

it('a burst is one read up to what the network passes on first, and one more for all the rest', () => {
  const reads = new Reads();
  reads.take(13, 0);
  expect(reads.take(60_000, 0)).toEqual({ bytes: 60_000, goesOn: true });
  expect(reads.take(60_000, 0)).toEqual({ bytes: 5523, goesOn: true });
  expect(reads.take(54_477, 0.5)).toEqual({ bytes: 54_477, goesOn: false });
  expect(reads.take(200_000, 1)).toEqual({ bytes: 200_000, goesOn: true });
  expect(reads.take(3000, 33)).toEqual({ bytes: 3000, goesOn: false });
});

it('a read holds no more than can wait for the page', () => {
  const reads = new Reads();
  reads.take(65_536, 0);
  expect(reads.take(600_000, 0)).toEqual({ bytes: 524_288, goesOn: false });
  expect(reads.take(75_712, 0)).toEqual({ bytes: 75_712, goesOn: false });
});
