import { describe, expect, it } from 'vitest';
import { createRoster } from './roster.js';

describe('the roster of the chat room', () => {
  it('counts the others over all workers, and nobody twice', () => {
    const counts = new Int32Array(new SharedArrayBuffer(8));
    const [a, b, c] = [createRoster(counts, 0), createRoster(counts, 0), createRoster(counts, 1)];
    a.join();
    a.join();
    b.join();
    c.join();
    expect([a.others(), b.others(), c.others()]).toEqual([2, 2, 2]);
    b.leave();
    b.leave();
    expect([a.others(), b.others(), c.others()]).toEqual([1, 2, 1]);
  });

  it('loses the viewers of a worker whose cell was cleared', () => {
    const counts = new Int32Array(new SharedArrayBuffer(8));
    const alive = createRoster(counts, 0);
    const dead = createRoster(counts, 1);
    alive.join();
    dead.join();
    Atomics.store(counts, 1, 0);
    expect(alive.others()).toBe(0);
  });
});
