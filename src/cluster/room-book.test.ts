import { expect, onTestFinished, test } from 'vitest';
import { FaultyBroker } from '../../test/support/faulty-broker.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { readFarRoom } from '../far-viewers.js';
import { writeWire } from './agent-messages.js';
import { RoomBook, roomCells } from './room-book.js';
import { runNames } from './wire-names.js';

test('one word of a box on a time to come, or none of its words, does not keep out what is true', async () => {
  const clock = new VirtualClock();
  const broker = new FaultyBroker(clock);
  const [own, other] = [broker.link(), broker.link()];
  const cells = new Int32Array(new SharedArrayBuffer(roomCells([0]) * 4));
  const book = new RoomBook({
    ...{ link: own, clock, run: 'r1', box: 'a', epoch: 'e1', boxes: ['a', 'b'], own: [0], cells },
    ...{ epochMs: () => clock.epochMs(), inRoom: () => 1, onUnheard: () => {} },
  });
  onTestFinished(() => book.close());
  const tell = (untilEpochMs: number, viewers: number): void =>
    other.publish(
      runNames('r1').roomOf('b'),
      writeWire({ kind: 'room', box: 'b', epoch: 'e2', untilEpochMs, counts: [[0, viewers]] }),
    );
  tell(Number.MAX_VALUE, 1000);
  tell(clock.epochMs() + 60_000, 1000);
  other.publish(runNames('r1').roomOf('b'), new TextEncoder().encode('[]'));
  expect(book.garbageCount).toBe(3);
  for (let turn = 0; turn < 10; turn++) {
    await clock.run(400);
    tell(clock.epochMs(), 7);
  }
  await clock.run(800);
  expect(readFarRoom(cells).at(clock.epochMs() - 1500)).toEqual({ viewers: 7, isFinal: true });
});

/** A book of box a among a, b and c, and what b and c may say. */
function amongThree() {
  const clock = new VirtualClock();
  const broker = new FaultyBroker(clock);
  const [own, other] = [broker.link(), broker.link()];
  const unheard: string[] = [];
  const book = new RoomBook({
    ...{ link: own, clock, run: 'r1', box: 'a', epoch: 'e1', boxes: ['a', 'b', 'c'], own: [0] },
    cells: new Int32Array(new SharedArrayBuffer(roomCells([0]) * 4)),
    ...{ epochMs: () => clock.epochMs(), inRoom: () => 1 },
    onUnheard: (box, silentMs) => unheard.push(`${box} ${Math.round(silentMs / 1000)} s`),
  });
  onTestFinished(() => book.close());
  const tell = (box: string, viewers: number, left?: true): void =>
    other.publish(
      runNames('r1').roomOf(box),
      writeWire({
        ...{ kind: 'room', box, epoch: 'e2', untilEpochMs: clock.epochMs(), counts: [[0, viewers]] },
        ...(left === undefined ? {} : { left }),
      }),
    );
  const forS = async (seconds: number, each: () => void): Promise<void> => {
    for (let turn = 0; turn < seconds * 2; turn++) {
      each();
      await clock.run(500);
    }
  };
  return { book, tell, forS, unheard };
}

test('a box whose room is never heard of after the start is told of, once; before it nobody has to speak', async () => {
  const { book, tell, forS, unheard } = amongThree();
  await forS(60, () => {});
  expect(unheard).toEqual([]);
  book.begin();
  await forS(5, () => tell('b', 3));
  expect(unheard).toEqual([]);
  await forS(60, () => tell('b', 3));
  expect(unheard).toEqual(['c 6 s']);
});

test('a room that was heard of and is no more is told of, but not one that was empty, or whose viewers have left', async () => {
  const silent = amongThree();
  silent.book.begin();
  await silent.forS(10, () => ['b', 'c'].map((box) => silent.tell(box, 3)));
  await silent.forS(10, () => silent.tell('c', 3));
  expect(silent.unheard).toEqual(['b 6 s']);
  const done = amongThree();
  done.book.begin();
  await done.forS(10, () => ['b', 'c'].map((box) => done.tell(box, 3)));
  done.tell('b', 3, true);
  done.tell('c', 0);
  await done.forS(20, () => {});
  expect(done.unheard).toEqual([]);
});
