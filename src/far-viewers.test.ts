import { expect, test } from 'vitest';
import { FarRoomWriter, farCells, readFarRoom } from './far-viewers.js';

const START_MS = 1_800_000_000_000;

function pair(own: number[] = []) {
  const cells = new Int32Array(new SharedArrayBuffer(farCells(1000) * 4));
  return { writer: new FarRoomWriter(cells, own, START_MS), room: readFarRoom(cells) };
}

test('an instant is final when all is known up to it, and has the number of then', () => {
  const { writer, room } = pair();
  expect(room.at(START_MS + 1000)).toEqual({ viewers: 0, isFinal: false });
  writer.know(START_MS + 2000, (atMs) => (atMs < START_MS + 1000 ? 5 : 9));
  expect(room.at(START_MS + 900)).toEqual({ viewers: 5, isFinal: true });
  expect(room.at(START_MS + 1900)).toEqual({ viewers: 9, isFinal: true });
  // What is not known yet is as it was last.
  expect(room.at(START_MS + 3000)).toEqual({ viewers: 9, isFinal: false });
});

test('nothing is asked for after what is known, wherever in a slot that ends', () => {
  for (let offMs = 0; offMs < 50; offMs++) {
    const { writer, room } = pair();
    for (let second = 1; second <= 4; second++) {
      const untilMs = START_MS + second * 1000 + offMs;
      // A box is not counted from its last word on.
      writer.know(untilMs, (atMs) => (atMs > untilMs ? 0 : 4));
    }
    for (let atMs = START_MS + 100; atMs < START_MS + 3900; atMs += 5)
      expect(room.at(atMs), `${offMs} ms off, at ${atMs - START_MS}`).toEqual({ viewers: 4, isFinal: true });
  }
});

test('it goes on for hours in the same memory, and over the border where the numbers of slots turn over', () => {
  const { writer, room } = pair();
  for (const second of [10, 3600, 7200, 100_000, 60_000_000]) {
    writer.know(START_MS + second * 1000, () => second % 97);
    expect(room.at(START_MS + second * 1000 - 5000)).toEqual({ viewers: second % 97, isFinal: true });
  }
  writer.know(START_MS, () => 1);
  expect(room.at(START_MS + 60_000_000_000)).toMatchObject({ viewers: 60_000_000 % 97 });
});

test('own viewers are known by number, and whether the others hear of them', () => {
  const { writer, room } = pair([0, 31, 32, 1000]);
  expect([0, 1, 30, 31, 32, 33, 999, 1000, 90_000].map((vu) => room.isOwn(vu))).toEqual([
    true,
    false,
    false,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
  expect(room.state).toBe('sure');
  writer.state = 'cut';
  expect(room.state).toBe('cut');
});
