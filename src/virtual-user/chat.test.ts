import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventLog, SharedRoster, STREAM_KEY } from '../../test/support/viewer-harness.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { FarRoomWriter, farCells, readFarRoom } from '../far-viewers.js';
import { createRng } from '../rng.js';
import { type Chat, createChat, ECHO_PATIENCE_MS, type Roster } from './chat.js';
import { createChatIdCodec } from './chat-id.js';
import { createChatMessages } from './chat-messages.js';

interface Sent {
  readonly liveId: string;
  readonly message: string;
  readonly clientMessageId: string;
}

let clock: VirtualClock;
let roster: SharedRoster;
let sent: Sent[];
const messages = createChatMessages('run-1');

beforeEach(() => {
  clock = new VirtualClock({ startMs: 5000 });
  roster = new SharedRoster();
  sent = [];
});

function member(
  vuId: number,
  send = (payload: unknown) => sent.push(payload as Sent) > 0,
  more: { queueLimit?: number } = {},
): [Chat, EventLog] {
  const log = new EventLog();
  const chat = createChat({
    clock,
    rng: createRng(1, vuId),
    messages,
    vuId,
    streamKey: STREAM_KEY,
    roster: roster.of(vuId),
    emit: (event) => log.add(event),
    send,
    ...more,
  });
  return [chat, log];
}

/** The message as the room gets it. */
function broadcast({ liveId, message, clientMessageId }: Sent): unknown {
  const data = { id: 'm1', liveId, userId: 'u', username: 'u', message, clientMessageId, timestamp: 't' };
  return { type: 'chat:message', data };
}

function withId(clientMessageId: unknown): unknown {
  return broadcast({
    liveId: STREAM_KEY,
    message: 'hello hello',
    clientMessageId: clientMessageId as string,
  });
}

describe('the chat of one viewer', () => {
  it('times its own message from the send and from when it was due', () => {
    const [chat, log] = member(1);
    chat.inRoom(true);
    chat.write(4990);
    clock.advance(40);
    chat.received(broadcast(sent[0] as Sent), clock.nowMs());
    expect(log.events).toEqual([
      { kind: 'chat_sent', atMs: 5000, expectedOthers: 0 },
      { kind: 'chat_echo', atMs: 5040, phaseAtMs: 5000, deliveryMs: 40, sinceDueMs: 50 },
    ]);
  });

  it('writes what the platform neither strips nor refuses', () => {
    const [chat] = member(1);
    chat.inRoom(true);
    for (let i = 0; i < 200; i++) chat.write(clock.nowMs());
    for (const { liveId, message } of sent) {
      expect(liveId).toBe(STREAM_KEY);
      expect(message).toMatch(/^[^<>]{10,40}$/);
      expect(message.trim()).toBe(message);
    }
    expect(new Set(sent.map(({ clientMessageId }) => clientMessageId)).size).toBe(200);
  });

  it('is timed at every other viewer too, and the sender says how many should see it', () => {
    const [sender, senderLog] = member(1);
    const readers = [2, 3, 4].map((vuId) => member(vuId));
    for (const [chat] of [member(1), ...readers]) chat.inRoom(true);
    sender.inRoom(true);
    sender.write(4970);
    clock.advance(30);
    for (const [chat] of readers) chat.received(broadcast(sent[0] as Sent), clock.nowMs());
    expect(senderLog.of('chat_sent')).toMatchObject([{ expectedOthers: 3 }]);
    for (const [, log] of readers) {
      const [delivered] = log.of('chat_delivered');
      expect(delivered?.deliveryMs).toBeCloseTo(30, 2);
      expect(delivered?.sinceDueMs).toBeCloseTo(60, 2);
      expect(delivered?.phaseAtMs).toBeCloseTo(5000, 2);
      expect(log.events).toHaveLength(1);
    }
  });

  it('counts a message that comes twice once', () => {
    const [sender] = member(1);
    const [reader, log] = member(2);
    reader.inRoom(true);
    sender.inRoom(true);
    sender.write(5000);
    clock.advance(1);
    sender.write(5001);
    for (const message of [...sent, ...sent]) reader.received(broadcast(message), clock.nowMs());
    expect(log.of('chat_delivered')).toHaveLength(2);
    const [own, ownLog] = member(1);
    own.inRoom(true);
    own.write(5000);
    for (let i = 0; i < 2; i++) own.received(broadcast(sent[2] as Sent), clock.nowMs());
    expect(ownLog.of('chat_echo')).toHaveLength(1);
  });

  it('knows a viewer that came back from its first stay', () => {
    const [reader, log] = member(2);
    reader.inRoom(true);
    for (let stay = 0; stay < 2; stay++) {
      const [sender] = member(1);
      sender.inRoom(true);
      sender.write(clock.nowMs());
      reader.received(broadcast(sent[stay] as Sent), clock.nowMs());
      clock.advance(1000);
    }
    expect(log.of('chat_delivered')).toHaveLength(2);
  });

  it('counts a delivery only where the sender counted the reader', () => {
    const [sender, senderLog] = member(1);
    const [reader, log] = member(2);
    sender.inRoom(true);
    sender.write(5000);
    clock.advance(10);
    reader.inRoom(true);
    reader.received(broadcast(sent[0] as Sent), clock.nowMs());
    sender.write(5010);
    clock.advance(10);
    reader.inRoom(false);
    reader.received(broadcast(sent[1] as Sent), clock.nowMs());
    sender.write(5020);
    clock.advance(10);
    reader.received(broadcast(sent[2] as Sent), clock.nowMs());
    expect(senderLog.of('chat_sent').map(({ expectedOthers }) => expectedOthers)).toEqual([0, 1, 0]);
    expect(log.of('chat_delivered').map(({ phaseAtMs }) => Math.round(phaseAtMs ?? 0))).toEqual([5010]);
  });

  it('says that it could not write when it is not in the room', () => {
    const [chat, log] = member(1, () => false);
    chat.write(5000);
    expect(log.events).toEqual([{ kind: 'chat_not_sent', atMs: 5000, reason: 'not_joined' }]);
    clock.advance(ECHO_PATIENCE_MS + 1);
    chat.sample(clock.nowMs());
    expect(log.of('chat_echo_lost')).toEqual([]);
  });

  it('reports an echo that does not come within 10 s, once, in the phase of the send', () => {
    const [chat, log] = member(1);
    chat.inRoom(true);
    chat.write(5000);
    clock.advance(9999);
    chat.sample(clock.nowMs());
    expect(log.of('chat_echo_lost')).toEqual([]);
    clock.advance(1);
    chat.sample(clock.nowMs());
    chat.sample(clock.nowMs());
    expect(log.of('chat_echo_lost')).toEqual([{ kind: 'chat_echo_lost', atMs: 15_000, phaseAtMs: 5000 }]);
    chat.received(broadcast(sent[0] as Sent), clock.nowMs());
    expect(log.of('chat_echo')).toEqual([]);
  });

  it('loses on leaving what had 3 s to come back, and leaves younger messages open', () => {
    const [chat, log] = member(1);
    chat.inRoom(true);
    chat.write(5000);
    clock.advance(2000);
    chat.write(7000);
    clock.advance(1500);
    chat.close();
    expect(log.of('chat_echo_lost').map(({ phaseAtMs }) => phaseAtMs)).toEqual([5000]);
    expect(roster.size).toBe(0);
  });

  it('keeps no more than 64 messages under way', () => {
    const [chat, log] = member(1);
    chat.inRoom(true);
    for (let i = 0; i < 100; i++) chat.write(5000);
    expect(log.of('chat_echo_lost')).toHaveLength(36);
    for (const message of sent) chat.received(broadcast(message), clock.nowMs());
    expect(log.of('chat_echo')).toHaveLength(64);
  });

  it('knows messages of others and garbage from its own', () => {
    const [chat, log] = member(1);
    chat.inRoom(true);
    const ofOtherRun = createChatIdCodec('run-2').encode({ vuId: 3, seq: 0, sentEpochMs: 1, dueEpochMs: 1 });
    const future = { vuId: 3, seq: 0, sentEpochMs: clock.epochMs() + 2000, dueEpochMs: clock.epochMs() };
    for (const payload of [
      withId(undefined),
      withId('a-page-of-a-real-person'),
      withId(ofOtherRun),
      withId(7),
      withId('dl1.run1.1.2'),
      withId(messages.nameOf(future)),
      { type: 'chat:message', data: { userId: 'u', message: '', clientMessageId: 'x' } },
      null,
    ]) {
      chat.received(payload, clock.nowMs());
    }
    expect(log.kinds).toEqual([
      'chat_foreign',
      'chat_foreign',
      'chat_foreign',
      'socket_garbage',
      'socket_garbage',
      'socket_garbage',
      'socket_garbage',
      'socket_garbage',
    ]);
  });

  it('never throws, whatever comes', () => {
    const [chat] = member(1);
    chat.inRoom(true);
    fc.assert(
      fc.property(fc.anything(), fc.string(), (payload, id) => {
        chat.received(payload, clock.nowMs());
        chat.received({ data: payload }, clock.nowMs());
        chat.received(withId(id), clock.nowMs());
        chat.received(withId(`dl1.run1.${id}`), clock.nowMs());
      }),
    );
  });
});

describe('the queue of a page', () => {
  it('keeps what is written outside of the room, sends it at the door, and times it from when it was due', () => {
    const [chat, log] = member(0, undefined, { queueLimit: 50 });
    chat.write(clock.nowMs());
    clock.advance(2000);
    expect(sent).toEqual([]);
    expect(log.events).toEqual([]);
    chat.inRoom(true);
    expect(sent).toHaveLength(1);
    clock.advance(30);
    chat.received(broadcast(sent[0] as Sent), clock.nowMs());
    expect(log.of('chat_echo')).toMatchObject([{ deliveryMs: 30, sinceDueMs: 2030 }]);
    chat.inRoom(false);
    chat.write(clock.nowMs());
    expect(sent).toHaveLength(1);
  });

  it('holds 50 messages; what is beyond and what never left is not sent', () => {
    const [chat, log] = member(0, () => false, { queueLimit: 50 });
    for (let i = 0; i < 53; i++) chat.write(clock.nowMs());
    expect(log.of('chat_not_sent')).toHaveLength(3);
    chat.close();
    expect(log.of('chat_not_sent')).toHaveLength(53);
    expect(log.of('chat_sent')).toEqual([]);
  });
});

describe('chat of a run over several boxes', () => {
  /** Two boxes on one clock: viewer 1 on one, viewers 2 and 3 on the other. */
  function boxes() {
    const cells = () => new Int32Array(new SharedArrayBuffer(farCells(10) * 4));
    const here = { cells: cells(), roster: new SharedRoster() };
    const there = { cells: cells(), roster: new SharedRoster() };
    const writers = [
      new FarRoomWriter(here.cells, [1], clock.epochMs()),
      new FarRoomWriter(there.cells, [2, 3], clock.epochMs()),
    ] as const;
    const join = (box: typeof here, vuId: number): [Chat, EventLog] => {
      const log = new EventLog();
      const handle = box.roster.of(vuId);
      const own: Roster = {
        join: () => handle.join(),
        leave: () => handle.leave(),
        others: () => handle.others(),
        far: readFarRoom(box.cells),
      };
      const chat = createChat({
        ...{ clock, rng: createRng(1, vuId), messages, vuId, streamKey: STREAM_KEY, roster: own },
        emit: (event) => log.add(event),
        send: (payload) => sent.push(payload as Sent) > 0,
      });
      chat.inRoom(true);
      return [chat, log];
    };
    return { here, there, writers, join };
  }
  const far = (log: EventLog) => log.of('chat_expected_far').map(({ count }) => count);

  it('expects deliveries at the other boxes for the instant of sending, as soon as they have told', () => {
    const { here, there, writers, join } = boxes();
    const [writer, log] = join(here, 1);
    const [reader, readerLog] = join(there, 2);
    clock.advance(1000);
    writer.write(clock.nowMs());
    const sentAtMs = clock.nowMs();
    const sentEpochMs = clock.epochMs();
    reader.received(broadcast(sent[0] as Sent), clock.nowMs());
    expect(log.of('chat_sent')).toMatchObject([{ expectedOthers: 0 }]);
    writer.sample(clock.nowMs());
    expect(far(log)).toEqual([]);
    clock.advance(1000);
    // Two then, none any more now.
    writers[0].know(clock.epochMs(), (atMs) => (atMs < sentEpochMs + 100 ? 2 : 0));
    writer.sample(clock.nowMs());
    writer.sample(clock.nowMs());
    expect(log.of('chat_expected_far')).toMatchObject([{ count: 2, phaseAtMs: sentAtMs }]);
    // One of them got it: one is lost, and nothing hides it.
    expect(readerLog.of('chat_delivered')).toHaveLength(1);
  });

  it('settles with what it knows when a box does not tell, or when the viewer goes', () => {
    const { here, writers, join } = boxes();
    const [writer, log] = join(here, 1);
    writers[0].know(clock.epochMs() + 500, () => 4);
    clock.advance(1000);
    writer.write(clock.nowMs());
    clock.advance(9000);
    writer.sample(clock.nowMs());
    expect(far(log)).toEqual([4]);
    writer.write(clock.nowMs());
    writer.close();
    expect(far(log)).toEqual([4, 4]);
  });

  it('lets a delivery bring its own expectation along where the others count us no more, after a short silence not', () => {
    const { here, there, writers, join } = boxes();
    const [writer] = join(here, 1);
    const [mate] = join(there, 3);
    const [reader, log] = join(there, 2);
    const say = (who: Chat): void => {
      clock.advance(100);
      who.write(clock.nowMs());
      reader.received(broadcast(sent.at(-1) as Sent), clock.nowMs());
      reader.sample(clock.nowMs());
    };
    say(writer);
    writers[1].state = 'unsure';
    say(writer);
    writers[1].state = 'sure';
    say(writer);
    expect(far(log)).toEqual([]);
    writers[1].state = 'unsure';
    say(writer);
    say(mate);
    writers[1].state = 'cut';
    say(writer);
    // Own ones are expected by their senders here.
    say(mate);
    expect(far(log)).toEqual([2]);
    expect(log.of('chat_delivered')).toHaveLength(7);
  });
});
