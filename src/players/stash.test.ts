import { describe, expect, it } from 'vitest';
import { Stash } from './stash.js';

describe('the stash', () => {
  it('keeps what fits, hands on the old content before a piece that overflows it', () => {
    const stash = new Stash(512);
    expect(stash.arrive(9, 0)).toBe('keep');
    expect(stash.arrive(400, 1)).toBe('keep');
    expect(stash.arrive(4000, 2)).toBe('before');
    expect(stash.arrive(4000, 3)).toBe('before');
  });

  it('lets a large piece through while it is empty, and keeps the rest of a split tag', () => {
    const stash = new Stash(512);
    expect(stash.arrive(4000, 0)).toBe('through');
    stash.remain(0);
    expect(stash.arrive(4000, 1)).toBe('through');
    stash.remain(100);
    expect(stash.arrive(600, 2)).toBe('before');
  });

  it('grows to an eighth of a second of the speed once that is known', () => {
    const stash = new Stash(512);
    // 2.6 Mbit/s: 325 kB/s, rounded down to 256 KiB/s.
    for (let t = 0; t < 490; t += 10) stash.arrive(3250, t);
    expect(stash.sizeBytes).toBe(512);
    for (let t = 490; t < 3000; t += 10) stash.arrive(3250, t);
    expect(stash.sizeBytes).toBe((256 * 1024) / 8);
  });

  it('counts the time of its speed from the first read on', () => {
    const stash = new Stash(512, 14);
    for (let t = 0; t < 510; t += 10) stash.arrive(3250, t);
    expect(stash.sizeBytes).toBe(512);
    stash.arrive(3250, 515);
    expect(stash.sizeBytes).toBe((256 * 1024) / 8);
  });

  it.each([
    [1.0, 96],
    [1.2, 128],
    [1.8, 192],
  ])('rounds the speed of a stream of %f Mbit/s down to %i KiB/s', (mbitPerS, kibPerS) => {
    const stash = new Stash(512);
    for (let t = 0; t < 3000; t += 10) stash.arrive((mbitPerS * 1e6) / 800, t);
    expect(stash.sizeBytes).toBe((kibPerS * 1024) / 8);
  });

  it('counts the beginning of a split tag that stayed when the rest was handed on', () => {
    const stash = new Stash(512);
    stash.arrive(400, 0);
    expect(stash.arrive(200, 1)).toBe('before');
    stash.remain(100 + 200);
    expect(stash.arrive(200, 2)).toBe('keep');
    expect(stash.arrive(200, 3)).toBe('before');
  });

  it('judges the pieces of one read together', () => {
    const through = new Stash(512);
    expect(through.arrive(13, 0)).toBe('keep');
    expect(through.arrive(300, 0, true)).toBe('keep');
    expect(through.arrive(4000, 0, true)).toBe('through');
    expect(through.arrive(4000, 0, true)).toBe('through');

    const before = new Stash(512);
    before.arrive(300, 0);
    expect(before.arrive(100, 1)).toBe('keep');
    expect(before.arrive(200, 1, true)).toBe('before');
    before.remain(50 + 300);
    expect(before.arrive(4000, 1, true)).toBe('keep');
    expect(before.arrive(1, 2)).toBe('before');
  });
});
