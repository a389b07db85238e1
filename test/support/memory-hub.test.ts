import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/rng.js';
import type { ConnectionOptions, Namespace } from '../../src/seams.js';
import { type MemoryConnection, MemoryHub } from './memory-hub.js';
import { VirtualClock } from './virtual-clock.js';

function setUp(cookie = 'accessToken=u1') {
  const clock = new VirtualClock();
  const hub = new MemoryHub(clock);
  const log: string[] = [];
  const open = (name = '', cookieHeader = cookie): MemoryConnection => {
    const options: ConnectionOptions = {
      url: 'http://platform.test',
      cookieHeader: () => cookieHeader,
      userAgent: 'test',
      reconnect: { attempts: 2, delayMs: 1000, delayMaxMs: 10_000, jitter: 0, connectTimeoutMs: 20_000 },
      rng: createRng(1, name),
      handlers: {
        onReconnect: (attempt, atMs) => log.push(`${name}reconnect ${attempt}@${atMs}`),
        onReconnectAttempt: (attempt, atMs) => log.push(`${name}attempt ${attempt}@${atMs}`),
        onReconnectFailed: (atMs) => log.push(`${name}failed@${atMs}`),
      },
    };
    return hub.open(options);
  };
  const handlers = (name: string) => ({
    onConnect: (atMs: number) => log.push(`${name} connect@${atMs}`),
    onConnectError: (reason: string, atMs: number) => log.push(`${name} error ${reason}@${atMs}`),
    onDisconnect: (reason: string, atMs: number) => log.push(`${name} disconnect ${reason}@${atMs}`),
    onEvent: (event: string, _: readonly unknown[], atMs: number) => log.push(`${name} ${event}@${atMs}`),
  });
  return { clock, hub, log, open, handlers };
}

describe('MemoryHub', () => {
  it('connects namespaces over one transport, and drops what is sent before the ready event', () => {
    const { clock, hub, log, open, handlers } = setUp();
    const connection = open();
    const chat = connection.namespace('/chat', {
      ...handlers('/chat'),
      onConnect: () => chat.emit('chat:join-room', { liveId: 'k' }),
      onEvent: (event, _, atMs) => {
        log.push(`${event}@${atMs}`);
        if (event === 'connection:success') chat.emit('chat:join-room', { liveId: 'k' });
      },
    });
    const root = connection.namespace('/', handlers('/'));
    expect(chat.emit('chat:join-room', {})).toBe(false);
    chat.connect();
    root.connect();
    clock.advance(1000);
    expect(hub.platform.received.map(({ handled }) => handled)).toEqual([false, true]);
    expect(log).toEqual([
      '/ connect@4',
      'connection:success@19',
      '/ connected@19',
      'chat:user-joined@21',
      'chat:join-room:success@21',
    ]);
    expect(connection.handshakeCookies).toEqual(['accessToken=u1']);
  });

  it('refuses a guest in /chat with an error event and a server disconnect', () => {
    const { clock, log, open, handlers } = setUp('');
    const chat = open().namespace('/chat', handlers('/chat'));
    chat.connect();
    clock.advance(1000);
    expect(log.map((line) => line.split('@')[0])).toEqual([
      '/chat connect',
      '/chat error',
      '/chat disconnect io server disconnect',
    ]);
    expect(chat.connected).toBe(false);
  });

  it('reconnects after a drop by the policy, and gives up when the server stays away', () => {
    const { clock, hub, log, open, handlers } = setUp();
    const connection = open();
    connection.namespace('/', handlers('/')).connect();
    clock.advance(100);
    log.length = 0;
    connection.drop();
    clock.advance(1100);
    expect(log).toEqual([
      '/ disconnect transport close@100',
      'attempt 1@1100',
      'reconnect 1@1102',
      '/ connect@1104',
      '/ connected@1119',
    ]);
    log.length = 0;
    hub.up = false;
    hub.dropAll();
    clock.advance(60_000);
    expect(log.map((line) => line.split('@')[0])).toEqual([
      '/ disconnect transport close',
      'attempt 1',
      '/ error websocket error',
      'attempt 2',
      '/ error websocket error',
      'failed',
    ]);
    expect(clock.pending).toBe(0);
  });

  it('sends a chat message to the room, to the sender only, or to nobody, as switched', () => {
    const { clock, hub, log, open, handlers } = setUp();
    const chats = ['a', 'b'].map((name) => {
      const chat = open(name, `accessToken=${name}`).namespace('/chat' as Namespace, handlers(name));
      chat.connect();
      return chat;
    });
    clock.advance(100);
    for (const chat of chats) chat.emit('chat:join-room', { liveId: 'k' });
    clock.advance(100);
    const who = (): string[] => {
      log.length = 0;
      chats[0]?.emit('chat:send-message', { liveId: 'k', message: 'hi', clientMessageId: '1' });
      clock.advance(10);
      return log.filter((line) => line.includes('chat:message')).map((line) => line.slice(0, 1));
    };
    expect(who()).toEqual(['a', 'b']);
    hub.platform.chat = 'sender';
    expect(who()).toEqual(['a']);
    hub.platform.chat = 'nobody';
    expect(who()).toEqual([]);
  });

  it('counts accounts and not sockets, and says nothing after close', () => {
    const { clock, hub, log, open, handlers } = setUp();
    const one = open('1');
    const sockets = [one, open('2')].map((connection) => connection.namespace('/streaming', handlers('s')));
    for (const socket of sockets) socket.connect();
    clock.advance(100);
    for (const socket of sockets) socket.emit('stream:viewer:join', { streamKey: 'k' });
    clock.advance(100);
    expect(hub.platform.viewerCount('k')).toBe(1);
    log.length = 0;
    for (const connection of hub.connections) connection.close();
    clock.advance(60_000);
    expect(log).toEqual([]);
    expect(hub.platform.sockets.size).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
