import { expect, it } from 'vitest';
import { Reads } from './reads.js';

it('pieces that arrive together are one read', () => {
  const reads = new Reads();
  expect(reads.take(13, 0)).toEqual({ bytes: 13, goesOn: false });
  expect(reads.take(379, 0.3)).toEqual({ bytes: 379, goesOn: true });
  expect(reads.take(3000, 33)).toEqual({ bytes: 3000, goesOn: false });
});

it('a read holds no more than a browser hands over at once', () => {
  const reads = new Reads();
  reads.take(13, 0);
  expect(reads.take(40_000, 0)).toEqual({ bytes: 32_755, goesOn: true });
  expect(reads.take(7245, 0)).toEqual({ bytes: 7245, goesOn: false });
});
