import { describe, expect, it } from 'vitest';
import { FarRoomWriter, farCells } from '../far-viewers.js';
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

  it('knows of other boxes only where the run has some, and counts them apart from its own', () => {
    const alone = new Int32Array(new SharedArrayBuffer(8));
    expect(createRoster(alone, 0, 2).far).toBeUndefined();
    const cells = new Int32Array(new SharedArrayBuffer((2 + farCells(10)) * 4));
    const [a, b] = [createRoster(cells, 0, 2), createRoster(cells, 1, 2)];
    a.join();
    const writer = new FarRoomWriter(cells.subarray(2), [3], 1_800_000_000_000);
    writer.know(1_800_000_001_000, () => 77);
    expect([a.others(), b.others()]).toEqual([0, 1]);
    expect(b.far?.at(1_800_000_000_500)).toEqual({ viewers: 77, isFinal: true });
    expect([b.far?.isOwn(3), b.far?.isOwn(4)]).toEqual([true, false]);
  });
});
