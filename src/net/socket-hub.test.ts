import { createHash } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket as ServerSocket } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RawRequest, RawServer } from '../../test/support/raw-server.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { createRng } from '../rng.js';
import type { Clock, ConnectionOptions, Namespace, NamespaceSocket, SocketConnection } from '../seams.js';
import { createClock } from '../seams-node.js';
import { createAllowList } from './allow-list.js';
import { createSocketHub, type NodeSocketHub } from './socket-hub.js';

const NAMESPACES: readonly Namespace[] = ['/', '/chat', '/streaming'];
const realClock = createClock(performance.timeOrigin);

/** A real Socket.IO server on loopback that can be stopped and started again on the same port. */
class Platform {
  io!: Server;
  port = 0;
  /** Server sockets by namespace, in order of connection. */
  readonly sockets = new Map<string, ServerSocket[]>();
  private http!: HttpServer;

  async start(options: { pingInterval?: number; pingTimeout?: number } = {}): Promise<void> {
    this.http = createServer();
    this.io = new Server(this.http, { serveClient: false, ...options });
    for (const name of NAMESPACES) {
      this.io.of(name).on('connection', (socket) => {
        this.sockets.set(name, [...(this.sockets.get(name) ?? []), socket]);
        socket.on('say', (payload) => socket.emit('said', payload, name));
      });
    }
    await new Promise<void>((resolve) => this.http.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.io.close();
  }

  socket(name: Namespace, index = 0): ServerSocket {
    const socket = this.sockets.get(name)?.[index];
    if (!socket) throw new Error(`nobody in ${name}`);
    return socket;
  }

  /** The raw WebSocket under a connection. */
  wire(name: Namespace): { send(data: string | Buffer): void } {
    return (this.socket(name).conn.transport as unknown as { socket: { send(data: string | Buffer): void } })
      .socket;
  }
}

interface Vu {
  connection: SocketConnection;
  sockets: Record<Namespace, NamespaceSocket>;
  log: string[];
}

let platform: Platform;
let hub: NodeSocketHub;
let thrown: unknown[];
let open: SocketConnection[];

beforeEach(async () => {
  thrown = [];
  open = [];
  platform = new Platform();
  await platform.start();
  hub = createHub(realClock);
});
afterEach(async () => {
  for (const connection of open) connection.close();
  await platform.stop();
  expect(thrown).toEqual([]);
});

function createHub(clock: Clock): NodeSocketHub {
  return createSocketHub({
    clock,
    allowList: createAllowList([]),
    onInternalError: (error) => thrown.push(error),
    resolve: (_host, _options, done) => done(null, [{ address: '192.0.2.1', family: 4 }]),
  });
}

const POLICY = { attempts: 5, delayMs: 5, delayMaxMs: 20, jitter: 0.4, connectTimeoutMs: 20_000 };

function viewer(more: Partial<ConnectionOptions> = {}, from: NodeSocketHub = hub): Vu {
  const log: string[] = [];
  const connection = from.open({
    url: `http://127.0.0.1:${platform.port}`,
    cookieHeader: () => 'accessToken=t',
    userAgent: 'browser',
    reconnect: POLICY,
    rng: createRng(1, 1),
    handlers: {
      onReconnect: () => log.push('reconnect'),
      onReconnectAttempt: (attempt) => log.push(`attempt ${attempt}`),
      onReconnectFailed: () => log.push('failed'),
    },
    ...more,
  });
  open.push(connection);
  const entries = NAMESPACES.map((name) => {
    const socket = connection.namespace(name, {
      onConnect: () => log.push(`${name} connect`),
      onConnectError: (reason) => log.push(`${name} error ${reason}`),
      onDisconnect: (reason) => log.push(`${name} disconnect ${reason}`),
      onEvent: (event, args) => log.push(`${name} ${event} ${JSON.stringify(args)}`),
    });
    return [name, socket] as const;
  });
  return { connection, sockets: Object.fromEntries(entries) as Vu['sockets'], log };
}

function connectAll({ sockets }: Vu): void {
  for (const name of NAMESPACES) sockets[name].connect();
}

const isUp = ({ sockets }: Vu): boolean => NAMESPACES.every((name) => sockets[name].connected);

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !condition(); i++) await new Promise<void>((done) => realClock.after(1, done));
  expect(condition()).toBe(true);
}

describe('connections', () => {
  it('opens one WebSocket per viewer for three namespaces, each with its own cookie', async () => {
    const vus = ['a', 'b', 'c'].map((name) => viewer({ cookieHeader: () => `accessToken=${name}` }));
    for (const vu of vus) connectAll(vu);
    await until(() => vus.every(isUp));
    expect(platform.io.engine.clientsCount).toBe(3);
    expect(hub.stats().openedCount).toBe(3);
    for (const name of NAMESPACES) {
      const handshakes = (platform.sockets.get(name) ?? []).map(({ handshake }) => handshake.headers);
      expect(handshakes.map(({ cookie }) => cookie).sort()).toEqual([
        'accessToken=a',
        'accessToken=b',
        'accessToken=c',
      ]);
      expect(new Set(handshakes.map((headers) => headers['user-agent']))).toEqual(new Set(['browser']));
    }
    const conns = new Set(
      NAMESPACES.flatMap((name) => (platform.sockets.get(name) ?? []).map(({ conn }) => conn)),
    );
    expect(conns.size).toBe(3);
    expect(platform.socket('/').conn.transport.name).toBe('websocket');
  });

  it('connects a namespace only when it is asked to', async () => {
    const vu = viewer();
    vu.sockets['/'].connect();
    await until(() => vu.sockets['/'].connected);
    expect(platform.sockets.get('/chat')).toBeUndefined();
    vu.sockets['/chat'].connect();
    await until(() => vu.sockets['/chat'].connected);
    expect(platform.io.engine.clientsCount).toBe(1);
  });

  it('sends no cookie header when there is no cookie', async () => {
    const vu = viewer({ cookieHeader: () => '' });
    connectAll(vu);
    await until(() => isUp(vu));
    expect(platform.socket('/').handshake.headers).not.toHaveProperty('cookie');
  });

  it('forwards events with all their arguments, and leaves acknowledgements out', async () => {
    const vu = viewer();
    connectAll(vu);
    await until(() => isUp(vu));
    expect(vu.sockets['/chat'].emit('say', { text: '안녕' })).toBe(true);
    platform.socket('/').emit('asked', 1, () => undefined);
    await until(
      () => vu.log.some((line) => line.includes('said')) && vu.log.some((line) => line.includes('asked')),
    );
    expect(vu.log).toContain('/chat said [{"text":"안녕"},"/chat"]');
    expect(vu.log).toContain('/ asked [1]');
  });

  it('hands one decoding of a broadcast to every viewer, in order with what came before and after it', async () => {
    const payloads = new Map<Vu, unknown[]>();
    const vus = [1, 2, 3].map(() => viewer());
    for (const vu of vus) {
      const seen: unknown[] = [];
      payloads.set(vu, seen);
      vu.connection.namespace('/chat', {
        onConnect: () => {},
        onConnectError: () => {},
        onDisconnect: () => {},
        onEvent: (event, args) => seen.push(event, ...args),
      });
      connectAll(vu);
    }
    await until(() => vus.every(isUp));
    const room = platform.io.of('/chat');
    room.emit('first', { n: 1 });
    for (const socket of platform.sockets.get('/chat') ?? []) socket.emit('said', 2);
    room.emit('last', { n: 3 });
    await until(() => [...payloads.values()].every((seen) => seen.includes('last')));
    const [one = [], ...others] = [...payloads.values()];
    expect(one).toEqual(['first', { n: 1 }, 'said', 2, 'last', { n: 3 }]);
    for (const seen of others) {
      expect(seen).toEqual(one);
      expect(seen[1]).toBe(one[1]);
    }
  });

  it('keeps the order of a connect and the events behind it in one piece of the stream', async () => {
    const server = await RawServer.listen(
      upgradeAndSay(HELLO, '40{"sid":"s"}', '42["early",1]', '42["later",2]'),
    );
    const vu = viewer({ url: server.origin });
    vu.sockets['/'].connect();
    await until(() => vu.log.includes('/ later [2]'));
    expect(vu.log.slice(0, 3)).toEqual(['/ connect', '/ early [1]', '/ later [2]']);
    vu.connection.close();
    await server.close();
  });

  it('drops what is sent while not connected instead of keeping it for later', async () => {
    const vu = viewer();
    expect(vu.sockets['/'].emit('say', 'early')).toBe(false);
    connectAll(vu);
    expect(vu.sockets['/'].emit('say', 'early')).toBe(false);
    await until(() => isUp(vu));
    vu.sockets['/'].emit('say', 'in time');
    await until(() => vu.log.some((line) => line.includes('said')));
    expect(vu.log.filter((line) => line.includes('said'))).toEqual(['/ said ["in time","/"]']);
  });

  it('drops what is sent when a ping is overdue, which the client would keep', async () => {
    await platform.stop();
    await platform.start({ pingInterval: 20, pingTimeout: 20 });
    const vu = viewer({ reconnect: { ...POLICY, attempts: 0 } });
    connectAll(vu);
    await until(() => isUp(vu));
    const blockedUntil = performance.now() + 150;
    while (performance.now() < blockedUntil);
    expect(vu.sockets['/'].emit('say', 'late')).toBe(false);
  });

  it('reports what a handler throws as our own fault and goes on', async () => {
    const fault = new Error('handler broke');
    const connection = viewer().connection;
    const seen: string[] = [];
    const socket = connection.namespace('/', {
      onConnect: () => {
        throw fault;
      },
      onConnectError: () => undefined,
      onDisconnect: () => undefined,
      onEvent: (event) => seen.push(event),
    });
    socket.connect();
    await until(() => socket.connected);
    socket.emit('say', 1);
    await until(() => seen.includes('said'));
    expect(thrown.splice(0)).toEqual([fault]);
  });
});

describe('losses', () => {
  it('reconnects after a restart of the server, with the cookie as it is then', async () => {
    let cookie = 'accessToken=old';
    const vu = viewer({ cookieHeader: () => cookie, reconnect: { ...POLICY, attempts: 1000 } });
    connectAll(vu);
    await until(() => isUp(vu));
    cookie = 'accessToken=new';
    platform.sockets.clear();
    await platform.stop();
    await until(() => vu.log.includes('attempt 1'));
    await platform.start();
    await until(() => isUp(vu));
    for (const name of NAMESPACES) expect(vu.log).toContain(`${name} disconnect transport close`);
    expect(vu.log.filter((line) => line === 'reconnect')).toHaveLength(1);
    expect(vu.log.indexOf('reconnect')).toBeLessThan(vu.log.lastIndexOf('/ connect'));
    expect(platform.socket('/').handshake.headers.cookie).toBe('accessToken=new');
    expect(platform.io.engine.clientsCount).toBe(1);
  });

  it('gives up after the attempts of the policy', async () => {
    const vu = viewer({ reconnect: { ...POLICY, attempts: 3 } });
    connectAll(vu);
    await until(() => isUp(vu));
    await platform.stop();
    await until(() => vu.log.includes('failed'));
    const lines = vu.log.filter((line) => /^(attempt|failed)/.test(line));
    expect(lines).toEqual(['attempt 1', 'attempt 2', 'attempt 3', 'failed']);
    await platform.start();
  });

  it('waits between its attempts as its own generator of chance says', async () => {
    await platform.stop();
    const waits = async (stream: number): Promise<number[]> => {
      const atMs: number[] = [];
      let failed = false;
      const reconnect = { ...POLICY, attempts: 2, delayMs: 100, delayMaxMs: 400, jitter: 1 };
      const handlers = {
        onReconnect: () => {},
        onReconnectAttempt: (_attempt: number, at: number) => void atMs.push(at),
        onReconnectFailed: () => {
          failed = true;
        },
      };
      // Always the shortest or always the longest wait of the law.
      const rng = { next: () => stream };
      const vu = viewer({ reconnect, rng, handlers });
      vu.sockets['/'].connect();
      await until(() => failed);
      return atMs;
    };
    const [shortFirst = 0, shortSecond = 0] = await waits(0.899);
    const [longFirst = 0, longSecond = 0] = await waits(0.999);
    expect(shortSecond - shortFirst).toBeLessThan(150);
    expect(longSecond - longFirst).toBeGreaterThan(350);
    await platform.start();
  });

  it('gives up on a server that was never there, and says why', async () => {
    await platform.stop();
    const vu = viewer({ reconnect: { ...POLICY, attempts: 2 } });
    vu.sockets['/'].connect();
    await until(() => vu.log.includes('failed'));
    expect(vu.log).toEqual([
      '/ error ECONNREFUSED',
      'attempt 1',
      '/ error ECONNREFUSED',
      'attempt 2',
      '/ error ECONNREFUSED',
      'failed',
    ]);
    await platform.start();
  });

  it('gives up at once with a policy of no attempts', async () => {
    const vu = viewer({ reconnect: { ...POLICY, attempts: 0 } });
    connectAll(vu);
    await until(() => isUp(vu));
    await platform.stop();
    await until(() => vu.log.includes('failed'));
    expect(vu.log.filter((line) => line.startsWith('attempt'))).toEqual([]);
    await platform.start();
  });

  it('reports a namespace that the server ended, and leaves the others alone', async () => {
    const vu = viewer();
    connectAll(vu);
    await until(() => isUp(vu));
    platform.socket('/chat').disconnect();
    await until(() => !vu.sockets['/chat'].connected);
    expect(vu.log).toContain('/chat disconnect io server disconnect');
    expect(vu.sockets['/'].connected && vu.sockets['/streaming'].connected).toBe(true);
    vu.sockets['/chat'].connect();
    await until(() => isUp(vu));
    expect(platform.io.engine.clientsCount).toBe(1);
  });
});

describe('the allow list', () => {
  it.each(['http://192.0.2.1:1', 'http://platform.test', 'https://platform.test', 'http://localhost'])(
    'lets no socket open to %s',
    async (url) => {
      const vu = viewer({ url, reconnect: { ...POLICY, attempts: 1 } });
      vu.sockets['/'].connect();
      await until(() => vu.log.includes('failed'));
      expect(vu.log).toEqual(['/ error not_allowed', 'attempt 1', '/ error not_allowed', 'failed']);
      await until(() => hub.stats().openCount === 0);
      expect(hub.stats().notAllowedCount).toBe(2);
    },
  );
});

/** Answers the WebSocket handshake (RFC 6455 4.2.2) and sends these text frames, whatever they are. */
function upgradeAndSay(...messages: string[]): (request: RawRequest) => void {
  return ({ socket, head }) => {
    const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    for (const message of messages) {
      const bytes = Buffer.from(message);
      socket.write(Buffer.concat([Buffer.from([0x81, bytes.byteLength]), bytes]));
    }
  };
}

const HELLO = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';

describe('garbage from the server', () => {
  it.each<[string, (socket: RawRequest) => void]>([
    ['no HTTP at all', ({ socket }) => void socket.end('garbage\r\n\r\n')],
    [
      'an HTML page',
      ({ socket }) => void socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>'),
    ],
    [
      'a redirect',
      ({ socket }) => void socket.end('HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n'),
    ],
    ['a handshake that is no JSON', upgradeAndSay('0{bad')],
    ['a handshake that is null', upgradeAndSay('0null')],
    ['an unknown engine packet', upgradeAndSay(HELLO, 'xyz')],
    ['a packet that is no JSON', upgradeAndSay(HELLO, '42["a"')],
    ['a packet of an unknown type', upgradeAndSay(HELLO, '49')],
    ['a connect without an id', upgradeAndSay(HELLO, '40[]')],
    [
      'a frame that is no WebSocket frame',
      ({ socket, ...more }) => {
        upgradeAndSay(HELLO)({ socket, ...more });
        socket.write(Buffer.from([0xff, 0xff, 0xff]));
      },
    ],
  ])('%s ends the connection and not the process', async (_, act) => {
    const server = await RawServer.listen(act);
    const vu = viewer({ url: server.origin, reconnect: { ...POLICY, attempts: 2 } });
    vu.sockets['/'].connect();
    // Either it never got so far as to be open, or it is opened again and again.
    await until(() => vu.log.includes('failed') || vu.log.filter((line) => line === 'attempt 1').length >= 2);
    expect(vu.sockets['/'].connected).toBe(false);
    expect(hub.stats().notAllowedCount).toBe(0);
    vu.connection.close();
    await server.close();
  });

  it('counts as a disconnect on a connection that was fine', async () => {
    const vu = viewer();
    connectAll(vu);
    await until(() => isUp(vu));
    platform.wire('/').send('4{"garbage":');
    await until(() => vu.log.includes('reconnect') && isUp(vu));
    for (const name of NAMESPACES) expect(vu.log).toContain(`${name} disconnect parse error`);
  });

  it('ends a connection whose message is beyond all measure', async () => {
    const vu = viewer();
    connectAll(vu);
    await until(() => isUp(vu));
    platform.socket('/').emit('huge', 'x'.repeat(5 * 2 ** 20));
    await until(() => vu.log.includes('reconnect'));
    expect(vu.log.some((line) => line.startsWith('/ huge'))).toBe(false);
  });
});

describe('close', () => {
  it('leaves no socket behind and calls nothing any more', async () => {
    const vu = viewer();
    connectAll(vu);
    await until(() => isUp(vu));
    vu.log.length = 0;
    vu.connection.close();
    vu.connection.close();
    await until(() => hub.stats().openCount === 0 && platform.io.engine.clientsCount === 0);
    expect(vu.log).toEqual([]);
    vu.sockets['/'].connect();
    expect(vu.sockets['/'].emit('say', 1)).toBe(false);
    expect(hub.stats().openedCount).toBe(1);
  });

  it('ends an attempt to reconnect', async () => {
    const vu = viewer({ reconnect: { ...POLICY, attempts: 1000 } });
    connectAll(vu);
    await until(() => isUp(vu));
    await platform.stop();
    await until(() => vu.log.includes('attempt 2'));
    vu.connection.close();
    const opened = hub.stats().openedCount;
    await platform.start();
    vu.log.length = 0;
    await new Promise<void>((done) => realClock.after(100, done));
    expect(hub.stats()).toMatchObject({ openedCount: opened, openCount: 0 });
    expect(vu.log).toEqual([]);
  });

  it('does not wait for a server that ignores the closing handshake', async () => {
    const server = await RawServer.listen(upgradeAndSay(HELLO, '40{"sid":"n"}'));
    const time = new VirtualClock();
    const slow = createHub(time);
    const vu = viewer({ url: server.origin }, slow);
    vu.sockets['/'].connect();
    await until(() => vu.sockets['/'].connected);
    vu.connection.close();
    expect(slow.stats().openCount).toBe(1);
    time.advance(1000);
    await until(() => slow.stats().openCount === 0 && server.open === 0);
    expect(time.pending).toBe(0);
    await server.close();
  });

  it('ends a connection that is still being made', async () => {
    const server = await RawServer.listen(() => undefined);
    const vu = viewer({ url: server.origin });
    vu.sockets['/'].connect();
    await until(() => server.requests.length === 1);
    vu.connection.close();
    await until(() => hub.stats().openCount === 0 && server.open === 0);
    await server.close();
  });
});
