import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryHub } from '../../test/support/memory-hub.js';
import { EventLog, STREAM_KEY } from '../../test/support/viewer-harness.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { createRng } from '../rng.js';
import type { Namespace } from '../seams.js';
import { createSockets, type Sockets, type SocketsDeps } from './sockets.js';

let clock: VirtualClock;
let hub: MemoryHub;
let log: EventLog;
let lost: string[];
let chat: unknown[];

beforeEach(() => {
  clock = new VirtualClock();
  hub = new MemoryHub(clock);
  log = new EventLog();
  lost = [];
  chat = [];
});

function viewer(overrides: Partial<SocketsDeps> = {}): Sockets {
  return createSockets({
    clock,
    rng: createRng(1, 1),
    hub,
    url: 'http://127.0.0.1:4000',
    streamKey: STREAM_KEY,
    userAgent: 'test',
    isGuest: false,
    behaviour: 'strategy',
    cookieHeader: () => 'accessToken=u1',
    emit: (event) => log.add(event),
    onJoined: () => {},
    onChatMessage: (payload) => chat.push(payload),
    onLost: (reason) => lost.push(reason),
    ...overrides,
  });
}

function namespaces(kind: 'socket_ready' | 'join_attempt' | 'join_confirmed' | 'join_lost'): Namespace[] {
  return log
    .of(kind)
    .map(({ namespace }) => namespace)
    .sort();
}

/** Namespaces whose join the platform did not confirm although it had said that it listens. */
function joinTimeouts(): Namespace[] {
  const failed = log.of('socket_failed').filter(({ reason }) => reason === 'join_timeout');
  return failed.map(({ namespace }) => namespace).sort();
}

function fromServer(namespace: Namespace, event: string, payload: unknown): void {
  for (const socket of hub.platform.sockets) if (socket.namespace === namespace) socket.send(event, payload);
  clock.advance(5);
}

describe('the realtime channel of one viewer', () => {
  it('is one connection with three namespaces, each ready and joined', () => {
    const sockets = viewer();
    sockets.open();
    expect(sockets.allJoined).toBe(false);
    clock.advance(100);
    expect(sockets.allJoined).toBe(true);
    expect(hub.connections).toHaveLength(1);
    expect(namespaces('socket_ready')).toEqual(['/', '/chat', '/streaming']);
    expect(namespaces('join_attempt')).toEqual(['/', '/chat', '/streaming']);
    expect(namespaces('join_confirmed')).toEqual(['/', '/chat', '/streaming']);
    // 2 ms for the transport, 1 to CONNECT, 15 to authenticate, 1 back; then one round trip for the join.
    for (const event of log.of('socket_ready')) expect(event.sinceOpenMs).toBe(19);
    for (const event of log.of('join_confirmed')) expect(event.sinceAttemptMs).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('sends nothing before the platform says that it is ready, so that no join is lost', () => {
    hub.platform.authMs = 400;
    const sockets = viewer();
    sockets.open();
    clock.advance(1000);
    expect(hub.platform.received.map(({ handled }) => handled)).toEqual([true, true, true]);
    expect(Math.min(...hub.platform.received.map(({ atMs }) => atMs))).toBeGreaterThan(400);
    expect(sockets.allJoined).toBe(true);
  });

  it('leaves /chat out for a guest, and knows a guest by its session', () => {
    const sockets = viewer({ isGuest: true, cookieHeader: () => '' });
    sockets.open();
    clock.advance(100);
    expect(sockets.allJoined).toBe(true);
    expect(sockets.chatJoined).toBe(false);
    expect(namespaces('join_confirmed')).toEqual(['/', '/streaming']);
    expect(sockets.sendChat({})).toBe(false);
  });

  it("does not take another viewer's user:joined for its own", () => {
    hub.platform.handlers.set('/ join:stream', (socket) => {
      socket.send('user:joined', { userId: 'somebody', streamId: STREAM_KEY, timestamp: 't' });
    });
    const sockets = viewer();
    sockets.open();
    clock.advance(6000);
    expect(sockets.allJoined).toBe(false);
    expect(joinTimeouts()).toEqual(['/']);
  });

  it('reports each namespace that is never ready, once, after 10 s, and asks for nothing', () => {
    hub.platform.ready = false;
    viewer().open();
    clock.advance(60_000);
    expect(log.of('socket_failed').map(({ reason, atMs }) => [reason, atMs])).toEqual([
      ['ready_timeout', 10_000],
      ['ready_timeout', 10_000],
      ['ready_timeout', 10_000],
    ]);
    expect(log.of('join_attempt')).toEqual([]);
    expect(hub.platform.received).toEqual([]);
  });

  it('takes a ready that comes too late, without a second report of the opening', () => {
    hub.platform.authMs = 12_000;
    const sockets = viewer();
    sockets.open();
    clock.advance(13_000);
    expect(log.of('socket_failed')).toHaveLength(3);
    expect(log.of('socket_ready')).toEqual([]);
    expect(sockets.allJoined).toBe(true);
  });

  it('counts a join that is never confirmed as failed, per namespace; only /chat asks again', () => {
    hub.platform.confirmJoins = false;
    hub.platform.handlers.set('/ join:stream', () => {});
    viewer().open();
    clock.advance(6000);
    expect(joinTimeouts()).toEqual(['/', '/chat', '/streaming']);
    expect(log.of('join_lost')).toEqual([]);
    expect(namespaces('join_attempt')).toEqual(['/', '/chat', '/streaming']);
    const sent = hub.platform.received.map(({ event }) => event);
    expect(sent.filter((event) => event === 'join:stream')).toHaveLength(1);
    expect(sent.filter((event) => event === 'stream:viewer:join')).toHaveLength(1);
    expect(sent.filter((event) => event === 'chat:join-room')).toHaveLength(6);
  });

  it('takes a late confirmation, without a second report of the join', () => {
    hub.platform.confirmJoins = false;
    const sockets = viewer();
    sockets.open();
    clock.advance(7000);
    fromServer('/chat', 'chat:join-room:success', { type: 'x', data: { roomName: `live:${STREAM_KEY}` } });
    expect(sockets.chatJoined).toBe(true);
    expect(namespaces('join_confirmed')).toEqual(['/']);
    const before = hub.platform.received.length;
    clock.advance(5000);
    expect(hub.platform.received).toHaveLength(before);
  });

  it('tells a refused token from a broken connection', () => {
    viewer({ cookieHeader: () => '' }).open();
    clock.advance(60_000);
    expect(log.of('socket_error').map(({ code }) => code)).toEqual(['auth']);
    expect(log.of('socket_failed')).toMatchObject([{ namespace: '/chat', reason: 'auth_refused' }]);
    expect(lost).toEqual(['auth']);
    expect(namespaces('join_confirmed')).toEqual(['/', '/streaming']);
  });

  it('comes back after a broken transport: ready and joined again, with the span from the break', () => {
    const sockets = viewer();
    sockets.open();
    clock.advance(1000);
    hub.dropAll();
    expect(sockets.allJoined).toBe(false);
    clock.advance(3000);
    expect(sockets.allJoined).toBe(true);
    expect(log.of('socket_disconnected')).toMatchObject([{ reason: 'transport', atMs: 1000 }]);
    const [back] = log.of('socket_reconnected');
    const ready = log.of('socket_ready').slice(3);
    expect(ready).toHaveLength(3);
    expect(back?.downMs).toBeCloseTo((ready[0]?.atMs ?? 0) + 2 - 1000, 6);
    expect(back?.downMs).toBeGreaterThan(600);
    expect(log.of('socket_reconnected')).toHaveLength(1);
    expect(log.of('join_attempt')).toHaveLength(6);
  });

  it('reports a second break as a second break', () => {
    viewer().open();
    for (let i = 0; i < 2; i++) {
      clock.advance(5000);
      hub.dropAll('ping timeout');
    }
    clock.advance(5000);
    expect(log.of('socket_disconnected')).toHaveLength(2);
    expect(log.of('socket_reconnected')).toHaveLength(2);
  });

  it('gives up when all attempts are used', () => {
    viewer().open();
    clock.advance(1000);
    hub.up = false;
    hub.dropAll();
    clock.advance(60_000);
    expect(log.of('socket_gave_up')).toHaveLength(1);
    expect(lost).toEqual(['socket']);
    const failures = log.of('socket_failed');
    expect(failures.every(({ reason }) => reason === 'connect_error')).toBe(true);
    expect(failures).toHaveLength(15);
  });

  it('opens a namespace that the server ended once more, and is lost when that happens again', () => {
    const sockets = viewer();
    sockets.open();
    clock.advance(100);
    const kick = (): void => {
      for (const socket of [...hub.platform.sockets]) if (socket.namespace === '/streaming') socket.kick();
    };
    kick();
    clock.advance(500);
    expect(sockets.allJoined).toBe(false);
    clock.advance(1000);
    expect(sockets.allJoined).toBe(true);
    expect(log.of('socket_disconnected')).toMatchObject([{ reason: 'server' }]);
    expect(log.of('socket_reconnected')).toHaveLength(1);
    hub.platform.ready = false;
    kick();
    clock.advance(1500);
    kick();
    clock.advance(60_000);
    expect(lost).toEqual(['socket']);
  });

  it('opens an ended namespace again even when the transport breaks before its second try', () => {
    const sockets = viewer();
    sockets.open();
    clock.advance(100);
    for (const socket of [...hub.platform.sockets]) if (socket.namespace === '/streaming') socket.kick();
    clock.advance(100);
    hub.dropAll();
    clock.advance(5000);
    expect(sockets.allJoined).toBe(true);
  });

  it('keeps three refusals of the chat apart', () => {
    viewer().open();
    clock.advance(100);
    for (const errorCode of [
      'RATE_LIMIT_EXCEEDED',
      'INVALID_MESSAGE',
      'MESSAGE_TOO_LONG',
      'INTERNAL_ERROR',
      'NEW',
    ]) {
      fromServer('/chat', 'error', { type: 'error', errorCode, message: 'x', timestamp: 't' });
    }
    expect(log.of('socket_error').map(({ code }) => code)).toEqual([
      'rate_limit',
      'invalid_message',
      'invalid_message',
      'internal',
      'other',
    ]);
    expect(lost).toEqual([]);
  });

  it('reads what the platform tells its viewers', () => {
    viewer().open();
    clock.advance(100);
    const before = log.events.length;
    fromServer('/', 'live:product:soldout', { type: 'x', data: { productId: 'p1' } });
    fromServer('/streaming', 'stream:viewer:update', {
      type: 'x',
      data: { streamKey: STREAM_KEY, viewerCount: 7 },
    });
    fromServer('/streaming', 'stream:ended', { streamKey: STREAM_KEY });
    fromServer('/chat', 'chat:message', { type: 'x', data: {} });
    fromServer('/', 'something:new', 1);
    expect(log.events.slice(before)).toMatchObject([
      { kind: 'product_event' },
      { kind: 'viewer_count', count: 7 },
      { kind: 'stream_ended_notice' },
    ]);
    expect(chat).toHaveLength(1);
  });

  it('leaves as a page does, then closes', () => {
    const sockets = viewer();
    sockets.open();
    clock.advance(100);
    let done = 0;
    sockets.leave(() => done++);
    clock.advance(1000);
    expect(done).toBe(1);
    expect(hub.platform.received.slice(3).map(({ event }) => event)).toEqual([
      'chat:leave-room',
      'stream:viewer:leave',
    ]);
    expect(hub.connections[0]?.state).toBe('closed');
    expect(clock.pending).toBe(0);
  });

  it('closes as soon as the platform confirms, or after 0.5 s', () => {
    const say = (event: string) => ({ type: event, data: { timestamp: 't' } });
    for (const event of ['chat:leave-room', 'stream:viewer:leave']) {
      const namespace = event.startsWith('chat') ? '/chat' : '/streaming';
      hub.platform.handlers.set(`${namespace} ${event}`, (socket) =>
        socket.send(`${event}:success`, say(`${event}:success`)),
      );
    }
    const doneAtMs: number[] = [];
    const sockets = viewer();
    sockets.open();
    clock.advance(100);
    sockets.leave(() => doneAtMs.push(clock.nowMs()));
    clock.advance(1000);
    expect(doneAtMs).toEqual([102]);
    expect(hub.platform.received.slice(3).map(({ event }) => event)).toEqual([
      'chat:leave-room',
      'stream:viewer:leave',
    ]);
    expect(log.of('socket_disconnected')).toEqual([]);

    hub.platform.handlers.delete('/chat chat:leave-room');
    const slow = viewer();
    slow.open();
    clock.advance(100);
    const fromMs = clock.nowMs();
    slow.leave(() => doneAtMs.push(clock.nowMs() - fromMs));
    clock.advance(1000);
    expect(doneAtMs[1]).toBe(500);
  });

  it('is quiet after close', () => {
    const sockets = viewer();
    sockets.open();
    clock.advance(10);
    sockets.close();
    sockets.close();
    const before = log.events.length;
    clock.advance(60_000);
    expect(log.events).toHaveLength(before);
  });
});

describe('a payload without the agreed shape', () => {
  const CONTRACT_EVENTS: [Namespace, string][] = [
    ['/', 'user:joined'],
    ['/', 'user:left'],
    ['/', 'live:product:updated'],
    ['/', 'order:new'],
    ['/', 'error'],
    ['/chat', 'chat:join-room:success'],
    ['/chat', 'chat:history'],
    ['/chat', 'error'],
    ['/streaming', 'stream:viewer:update'],
    ['/streaming', 'stream:viewer:join:success'],
    ['/streaming', 'stream:ended'],
  ];

  it.each(CONTRACT_EVENTS)('of %s %s is counted as garbage', (namespace, event) => {
    viewer().open();
    clock.advance(100);
    const junk = [undefined, null, 7, 'x'.repeat(100_000), [], [[[]]]];
    for (const payload of junk) fromServer(namespace, event, payload);
    expect(log.of('socket_garbage')).toHaveLength(junk.length);
    expect(log.of('socket_garbage').every((garbage) => garbage.namespace === namespace)).toBe(true);
  });

  it('does not make a namespace ready', () => {
    hub.platform.ready = false;
    viewer().open();
    clock.advance(100);
    fromServer('/', 'connected', 'yes');
    fromServer('/chat', 'connection:success', { type: 'x', data: { userId: 7 } });
    expect(log.of('socket_garbage')).toHaveLength(2);
    expect(log.of('join_attempt')).toEqual([]);
  });

  it('never throws, whatever comes', () => {
    viewer().open();
    clock.advance(100);
    const events = fc.oneof(fc.constantFrom(...CONTRACT_EVENTS.map(([, event]) => event)), fc.string());
    fc.assert(
      fc.property(
        fc.constantFrom<Namespace>('/', '/chat', '/streaming'),
        events,
        fc.anything(),
        (ns, event, payload) => {
          if (event !== 'connect' && event !== 'disconnect') fromServer(ns, event, payload);
        },
      ),
    );
  });
});

describe('the realtime channel of a page', () => {
  const inOrder = (namespace: Namespace): [string, boolean][] =>
    hub.platform.received
      .filter((received) => received.namespace === namespace)
      .map(({ event, handled }) => [event, handled]);

  function page(overrides: Partial<SocketsDeps> = {}): Sockets {
    const sockets = viewer({ behaviour: 'page', ...overrides });
    sockets.open();
    clock.advance(10);
    sockets.openNamespace('/chat');
    sockets.openNamespace('/streaming');
    return sockets;
  }

  it('opens / alone, and the others when it is told to, each once', () => {
    const sockets = viewer({ behaviour: 'page' });
    sockets.open();
    clock.advance(100);
    expect(namespaces('socket_ready')).toEqual(['/']);
    expect(sockets.allJoined).toBe(false);
    sockets.openNamespace('/chat');
    clock.advance(50);
    sockets.openNamespace('/chat');
    sockets.openNamespace('/streaming');
    clock.advance(100);
    expect(namespaces('socket_ready')).toEqual(['/', '/chat', '/streaming']);
    expect(sockets.allJoined).toBe(true);
  });

  it('loses the joins of / and /streaming to a platform that still looks at the token, and never repeats them', () => {
    const sockets = page();
    clock.advance(60_000);
    expect(inOrder('/')).toEqual([
      ['join:stream', false],
      ['join:stream', false],
    ]);
    expect(inOrder('/streaming')).toEqual([['stream:viewer:join', false]]);
    expect(inOrder('/chat')).toEqual([['chat:join-room', true]]);
    expect(namespaces('join_attempt')).toEqual(['/', '/chat', '/streaming']);
    expect(namespaces('join_confirmed')).toEqual(['/chat']);
    expect(namespaces('join_lost')).toEqual(['/', '/streaming']);
    for (const { namespace, atMs } of log.of('join_lost')) {
      const sent = log.of('join_attempt').find((attempt) => attempt.namespace === namespace);
      expect(atMs - (sent?.phaseAtMs ?? 0)).toBe(5000);
    }
    expect(log.of('socket_failed')).toEqual([]);
    // The page has done all that it does, and does not know better.
    expect(sockets.allJoined).toBe(true);
    expect(sockets.chatJoined).toBe(true);
  });

  it('has its joins heard where nothing stands before the handlers, as with a guest', () => {
    hub.platform.authMs = 0;
    const sockets = page({ isGuest: true, cookieHeader: () => '' });
    clock.advance(100);
    expect(inOrder('/')).toEqual([
      ['join:stream', true],
      ['join:stream', true],
    ]);
    expect(namespaces('join_confirmed')).toEqual(['/', '/streaming']);
    expect(sockets.allJoined).toBe(true);
    clock.advance(60_000);
    expect(log.of('join_lost')).toEqual([]);
  });

  it('joins / once and /streaming once after a reconnect, waits in /chat, and is timed until all is done again', () => {
    page();
    clock.advance(1000);
    hub.platform.received.length = 0;
    hub.dropAll();
    clock.advance(5000);
    expect(inOrder('/')).toEqual([['join:stream', false]]);
    expect(inOrder('/streaming')).toEqual([['stream:viewer:join', false]]);
    expect(inOrder('/chat')).toEqual([['chat:join-room', true]]);
    const [back, ...more] = log.of('socket_reconnected');
    expect(more).toEqual([]);
    expect(back?.downMs).toBeGreaterThan(600);
    expect(back?.downMs).toBeLessThan(1500);
    // One opening and one reconnect: each with a join of its own that was lost.
    clock.advance(10_000);
    expect(
      log
        .of('join_lost')
        .map(({ namespace }) => namespace)
        .sort(),
    ).toEqual(['/', '/streaming']);
    expect(log.of('join_attempt')).toHaveLength(6);
  });

  it('times a reconnect although a namespace was never opened', () => {
    const sockets = viewer({ behaviour: 'page' });
    sockets.open();
    clock.advance(100);
    hub.dropAll();
    clock.advance(5000);
    expect(log.of('socket_reconnected')).toHaveLength(1);
  });

  it('reports an unheard join when it leaves before its patience is over, and none that is only just sent', () => {
    const sockets = page();
    clock.advance(1500);
    sockets.leave(() => {});
    clock.advance(1000);
    expect(namespaces('join_lost')).toEqual(['/', '/streaming']);
    const quick = viewer({ behaviour: 'page', emit: (event) => log.add(event, 1) });
    quick.open();
    clock.advance(100);
    quick.leave(() => {});
    clock.advance(1000);
    expect(log.of('join_lost')).toHaveLength(2);
    // What became of the second page's joins nobody knows: they are no attempts that failed.
    expect(namespaces('join_attempt')).toEqual(['/', '/chat', '/streaming']);
  });

  it('tells when / connects, when products change and when the stream has ended', () => {
    const told: string[] = [];
    page({
      onRootConnect: () => told.push('connect'),
      onProductsChanged: () => told.push('products'),
      onStreamEnded: () => told.push('ended'),
    });
    clock.advance(100);
    const product = { type: 'x', data: { productId: 'p1' } };
    for (const event of ['added', 'updated', 'soldout', 'deleted'])
      fromServer('/', `live:product:${event}`, product);
    fromServer('/streaming', 'stream:ended', { streamKey: STREAM_KEY });
    hub.dropAll();
    clock.advance(5000);
    expect(told).toEqual(['connect', 'products', 'products', 'products', 'ended', 'connect']);
  });
});
