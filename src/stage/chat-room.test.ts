import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { ChatRooms } from './chat-room.js';
import { emptyCounts, type StageCounts } from './counts.js';
import { FaultBoard } from './fault-board.js';
import type { StageRooms, StageSocket } from './stage-socket.js';
import { ViewerSets } from './viewer-set.js';

type Heard = [event: string, payload: { data?: Record<string, unknown>; errorCode?: string }];

class FakeSocket implements StageSocket {
  readonly heard: Heard[] = [];
  readonly rooms = new Set<string>();
  readonly id: string;
  readonly user: { userId: string; name: string } | undefined;
  constructor(id: string, userId: string | undefined) {
    this.id = id;
    this.user = userId === undefined ? undefined : { userId, name: `name of ${userId}` };
  }
  join(room: string): void {
    this.rooms.add(room);
  }
  leave(room: string): void {
    this.rooms.delete(room);
  }
  emit(event: string, payload: unknown): void {
    this.heard.push([event, payload as Heard[1]]);
  }
  on(): void {}
  onDisconnect(): void {}
  names(): string[] {
    return this.heard.map(([event]) => event);
  }
  last(): Heard {
    return this.heard.at(-1) as Heard;
  }
}

let sockets: FakeSocket[];
let clock: VirtualClock;
let faults: FaultBoard;
let counts: StageCounts;

const rooms: StageRooms = {
  toRoom(room, event, payload) {
    const members = sockets.filter((socket) => socket.rooms.has(room));
    for (const member of members) member.emit(event, payload);
    return members.length;
  },
  toAll: () => 0,
};

beforeEach(() => {
  clock = new VirtualClock();
  faults = new FaultBoard(clock);
  counts = emptyCounts();
  sockets = [new FakeSocket('s0', 'u0'), new FakeSocket('s1', 'u1'), new FakeSocket('s2', undefined)];
});

const three = (): [FakeSocket, FakeSocket, FakeSocket] => sockets as [FakeSocket, FakeSocket, FakeSocket];

describe('the chat', () => {
  let chat: ChatRooms;
  let first: FakeSocket;
  let second: FakeSocket;
  const send = (message: unknown, clientMessageId = 'c'): void => {
    chat.send(first, { liveId: 'k', message, clientMessageId });
  };

  beforeEach(() => {
    chat = new ChatRooms(clock, rooms, counts.chat, faults);
    [first, second] = three();
    chat.join(first, { liveId: 'k' });
    chat.join(second, { liveId: 'k' });
  });

  it('tells the room who came, then the caller that the join is done, with no history yet', () => {
    expect(first.names()).toEqual(['chat:user-joined', 'chat:join-room:success', 'chat:user-joined']);
    expect(first.heard[1]?.[1].data).toMatchObject({ roomName: 'live:k' });
    expect(first.last()[1].data).toMatchObject({ userId: 'u1', authenticated: true, liveId: 'k' });
  });

  it('delivers a message to everyone in the room, the sender included, before it confirms', () => {
    send(' hello <b>you</b> ', 'c7');
    expect(second.last()).toMatchObject([
      'chat:message',
      {
        type: 'chat:message',
        data: { message: 'hello you', clientMessageId: 'c7', userId: 'u0', liveId: 'k' },
      },
    ]);
    expect(first.names().slice(-2)).toEqual(['chat:message', 'chat:send-message:success']);
    expect(counts.chat).toMatchObject({ accepted: 1, deliveries: 2 });
  });

  it.each([
    [undefined, 'INVALID_MESSAGE'],
    ['', 'INVALID_MESSAGE'],
    [7, 'INVALID_MESSAGE'],
    ['<p></p>', 'MESSAGE_TOO_LONG'],
    ['x'.repeat(501), 'MESSAGE_TOO_LONG'],
  ])('refuses %j with %s', (message, errorCode) => {
    send(message);
    expect(first.last()).toMatchObject(['error', { type: 'error', errorCode }]);
    expect(counts.chat).toMatchObject({ accepted: 0, refused: 1, deliveries: 0 });
  });

  it('accepts a message of one who has not joined, who then hears only the confirmation', () => {
    const outsider = new FakeSocket('s9', 'u9');
    chat.send(outsider, { liveId: 'k', message: 'hi' });
    expect(outsider.names()).toEqual(['chat:send-message:success']);
    expect(second.last()[0]).toBe('chat:message');
  });

  it('gives at most the last 100 messages, oldest first, before it confirms a join', () => {
    for (let index = 0; index < 105; index++) send(`m${index}`);
    const late = new FakeSocket('s9', 'u9');
    sockets.push(late);
    chat.join(late, { liveId: 'k' });
    expect(late.names()).toEqual(['chat:history', 'chat:user-joined', 'chat:join-room:success']);
    const messages = late.heard[0]?.[1].data?.messages as { message: string }[];
    expect(messages.map(({ message }) => message)).toEqual(
      Array.from({ length: 100 }, (_, index) => `m${index + 5}`),
    );
  });

  it('mute-chat: confirms and tells nobody', () => {
    faults.plant({ kind: 'mute-chat', atSeconds: 0, parameters: {} });
    send('hi');
    expect(first.last()[0]).toBe('chat:send-message:success');
    expect([...first.names(), ...second.names()]).not.toContain('chat:message');
    expect(counts.chat).toMatchObject({ accepted: 1, deliveries: 0 });
  });

  it('echo-to-sender-only: the sender hears itself and nobody else does', () => {
    faults.plant({ kind: 'echo-to-sender-only', atSeconds: 0, parameters: {} });
    send('hi');
    expect(first.names()).toContain('chat:message');
    expect(second.names()).not.toContain('chat:message');
    expect(counts.chat.deliveries).toBe(1);
  });

  it('leaves: the room hears it, the caller is out already', () => {
    chat.leave(second, { liveId: 'k' });
    expect(first.last()[0]).toBe('chat:user-left');
    expect(second.last()[0]).toBe('chat:leave-room:success');
    expect(second.names()).not.toContain('chat:user-left');
  });
});

describe('the viewer set', () => {
  let viewers: ViewerSets;
  beforeEach(() => {
    viewers = new ViewerSets(clock, rooms, counts.viewers, faults);
  });

  it('updates the room, the caller included, before it confirms a join', () => {
    const [first] = three();
    viewers.join(first, { streamKey: 'k' });
    expect(first.heard).toMatchObject([
      ['stream:viewer:update', { data: { streamKey: 'k', viewerCount: 1 } }],
      ['stream:viewer:join:success', { data: { streamKey: 'k', viewerCount: 1 } }],
    ]);
  });

  it('counts one account on two sockets once, and either disconnect removes it', () => {
    const [first, second, guest] = three();
    const twin = new FakeSocket('s3', 'u0');
    for (const socket of [first, second, guest, twin]) viewers.join(socket, { streamKey: 'k' });
    expect(viewers.count('k')).toBe(3);
    viewers.disconnected(twin);
    expect(viewers.count('k')).toBe(2);
    viewers.disconnected(first);
    expect(viewers.count('k')).toBe(2);
  });

  it('tells those who stay when one leaves', () => {
    const [first, second] = three();
    viewers.join(first, { streamKey: 'k' });
    viewers.join(second, { streamKey: 'k' });
    viewers.leave(second, { streamKey: 'k' });
    expect(first.last()).toMatchObject(['stream:viewer:update', { data: { viewerCount: 1 } }]);
    expect(second.last()[0]).toBe('stream:viewer:leave:success');
    viewers.disconnected(second);
    expect(counts.viewers).toEqual({ joins: 2, leaves: 1, now: 1 });
  });

  it('late-reap: a socket that closed leaves later, and takes its viewer along who is back', () => {
    const [first, second] = three();
    for (const socket of [first, second]) viewers.join(socket, { streamKey: 'k' });
    faults.plant({ kind: 'late-reap', atSeconds: 0, parameters: { ms: 500 } });
    viewers.disconnected(first);
    viewers.join(new FakeSocket('s9', 'u0'), { streamKey: 'k' });
    clock.advance(499);
    expect(viewers.count('k')).toBe(2);
    clock.advance(1);
    expect(viewers.count('k')).toBe(1);
    viewers.disconnected(second);
    viewers.close();
    expect(clock.pending).toBe(0);
  });
});
