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
    ...{ epochMs: () => clock.epochMs(), inRoom: () => 1 },
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
