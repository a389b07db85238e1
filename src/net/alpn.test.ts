import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { Server as SocketServer } from 'socket.io';
import { afterEach, describe, expect, it } from 'vitest';
import { TLS_FIXTURE } from '../../test/support/raw-h2-server.js';
import { createRng } from '../rng.js';
import type { Http, SocketHub, TextFailure, TextResponse } from '../seams.js';
import { createClock } from '../seams-node.js';
import { createAllowList } from './allow-list.js';
import { createHttpFactory, type HttpFactory } from './http-node.js';
import { createSocketHub } from './socket-hub.js';
import { createViewerHome } from './viewer-home.js';

const clock = createClock(performance.timeOrigin);
const allowList = createAllowList([]);
const options = { clock, allowList, ca: TLS_FIXTURE.cert };
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** What a server saw of one TLS connection. */
interface Seen {
  readonly protocol: string;
  readonly resumed: boolean;
  requests: number;
}

async function startServer(
  h2 = true,
): Promise<{ origin: string; seen: Seen[]; server: Http2SecureServer | HttpsServer }> {
  const seen: Seen[] = [];
  const server = h2
    ? createSecureServer({ ...TLS_FIXTURE, allowHTTP1: true })
    : createHttpsServer(TLS_FIXTURE);
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const one = { protocol: String(socket.alpnProtocol), resumed: socket.isSessionReused(), requests: 0 };
    seen.push(one);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    for (const one of seen)
      if (one.protocol === (request.httpVersion === '2.0' ? 'h2' : 'http/1.1')) one.requests++;
    if (request.url === '/bomb') {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(10_000_000)));
    } else if (request.url === '/gzip') {
      response.setHeader('content-encoding', request.headers['accept-encoding'] ?? 'none');
      response.end(gzipSync('{"success":true}'));
    } else if (!request.url?.startsWith('/socket.io/')) response.end('ok');
  });
  server.on('sessionError', () => undefined);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

function viewerOf(factory: HttpFactory, home = createViewerHome([], 0)): Http {
  const http = factory.forViewer(home);
  stops.push(() => http.close());
  return http;
}

const text = (http: Http, url: string, maxBytes = 1000): Promise<TextResponse | TextFailure> =>
  http.text({ method: 'GET', url }, { maxBytes });
const bodyOf = async (answer: Promise<TextResponse | TextFailure>): Promise<string> => {
  const got = await answer;
  return got.kind === 'response' ? got.body : `${got.end.kind} ${got.end.detail ?? ''}`;
};
function stream(http: Http, url: string): Promise<string> {
  return new Promise((resolve) => {
    const sink = { onResponse: () => undefined, onBytes: () => undefined };
    http.stream({ method: 'GET', url }, { ...sink, onEnd: ({ kind }) => resolve(kind) });
  });
}

describe('the protocol that a TLS server picks', () => {
  it('h2: all that a viewer asks for at once waits for one handshake', async () => {
    const { origin, seen } = await startServer();
    const http = viewerOf(createHttpFactory(options));
    const all = [bodyOf(text(http, origin)), stream(http, origin), bodyOf(text(http, origin))];
    expect(await Promise.all(all)).toEqual(['ok', 'complete', 'ok']);
    expect(seen).toEqual([{ protocol: 'h2', resumed: false, requests: 3 }]);
  });

  it('each viewer has a connection of its own', async () => {
    const { origin, seen } = await startServer();
    const factory = createHttpFactory(options);
    for (let i = 0; i < 3; i++) await text(viewerOf(factory), origin);
    expect(seen).toHaveLength(3);
  });

  it('http/1.1: the connection that asked is used, and kept; other viewers do not ask again', async () => {
    const { origin, seen } = await startServer(false);
    const factory = createHttpFactory(options);
    const first = viewerOf(factory);
    expect(await bodyOf(text(first, origin))).toBe('ok');
    expect(await stream(first, origin)).toBe('complete');
    expect(seen).toEqual([{ protocol: 'http/1.1', resumed: false, requests: 2 }]);
    const second = viewerOf(factory);
    expect(await Promise.all([stream(second, origin), stream(second, origin)])).toEqual([
      'complete',
      'complete',
    ]);
    expect(seen).toHaveLength(3);
  });

  it('http/1.1: those who waited get connections of their own', async () => {
    const { origin, seen } = await startServer(false);
    const http = viewerOf(createHttpFactory(options));
    expect(
      await Promise.all([bodyOf(text(http, origin)), bodyOf(text(http, origin)), stream(http, origin)]),
    ).toEqual(['ok', 'ok', 'complete']);
    expect(seen).toHaveLength(3);
  });

  it('a request that is given up during the handshake closes it, and the next one gets another', async () => {
    let held: Socket | undefined;
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections++;
      held = socket;
      socket.on('error', () => undefined);
    });
    const origin = await listenPlain(server);
    const factory = createHttpFactory(options);
    const http = viewerOf(factory);
    const first = http.text({ method: 'GET', url: origin }, { maxBytes: 10, totalTimeoutMs: 100 });
    expect(await first).toMatchObject({ kind: 'failure', end: { kind: 'timeout' } });
    const second = bodyOf(text(http, origin));
    for (let i = 0; i < 1000 && connections < 2; i++) await new Promise<void>((done) => clock.after(1, done));
    held?.end();
    expect(await second).toBe('reset ECONNRESET');
    for (let i = 0; i < 1000 && factory.stats().openCount > 0; i++)
      await new Promise<void>((done) => clock.after(1, done));
    expect(factory.stats()).toMatchObject({ openedCount: 2, openCount: 0 });
  });

  it.each([
    ['nobody listens', 'refused ECONNREFUSED', async (): Promise<string> => 'https://127.0.0.1:1'],
    ['the host is not allowed', /^not_allowed/, async (): Promise<string> => 'https://192.0.2.1'],
    ['no TLS is spoken', /^network ERR_SSL|^network EPROTO/, plainHttp],
    ['the certificate is not vouched for', 'untrusted DEPTH_ZERO_SELF_SIGNED_CERT', selfSigned],
  ])('says so when %s', async (_, outcome, origin) => {
    const http = viewerOf(createHttpFactory({ clock, allowList }));
    const url = await origin();
    expect(await Promise.all([bodyOf(text(http, url)), bodyOf(text(http, url))])).toEqual([
      expect.stringMatching(outcome),
      expect.stringMatching(outcome),
    ]);
  });
});

describe('--insecure', () => {
  it('takes any certificate of a host that may be loaded, and no other host', async () => {
    const url = await selfSigned();
    const http = viewerOf(createHttpFactory({ clock, allowList, insecure: true }));
    expect(await bodyOf(text(http, url))).toBe('ok');
    expect(await bodyOf(text(http, 'https://192.0.2.1'))).toMatch(/^not_allowed/);
  });
});

describe('over HTTP/2', () => {
  it('JSON comes in gzip and is decoded', async () => {
    const { origin } = await startServer();
    const got = await text(viewerOf(createHttpFactory(options)), `${origin}/gzip`);
    expect(got).toMatchObject({ body: '{"success":true}', headers: { 'content-encoding': 'gzip' } });
  });

  it('a body that decodes to more than it may is cut off', async () => {
    const { origin } = await startServer();
    const http = viewerOf(createHttpFactory(options));
    expect(await text(http, `${origin}/bomb`, 100_000)).toMatchObject({ end: { kind: 'too_large' } });
    expect(await bodyOf(text(http, origin))).toBe('ok');
  });
});

describe('TLS sessions', () => {
  it('a viewer takes up its own at its next connection, also for its WebSocket; another viewer starts afresh', async () => {
    const { origin, seen, server } = await startServer();
    const io = new SocketServer(server, { serveClient: false });
    stops.push(() => void io.close());
    const factory = createHttpFactory(options);
    const hub = createSocketHub(options);
    const [mine, other] = [createViewerHome([], 0), createViewerHome([], 1)];
    await text(viewerOf(factory, mine), origin);
    expect(await connectSocket(hub.forViewer(mine), origin)).toBe('connected');
    await text(viewerOf(factory, mine), origin);
    await text(viewerOf(factory, other), origin);
    expect(seen.map(({ protocol, resumed }) => [protocol, resumed])).toEqual([
      ['h2', false],
      ['http/1.1', true],
      ['h2', true],
      ['h2', false],
    ]);
  });
});

function connectSocket(hub: SocketHub, url: string): Promise<string> {
  const nothing = (): void => undefined;
  const connection = hub.open({
    url,
    cookieHeader: () => '',
    userAgent: 'browser',
    reconnect: { attempts: 1, delayMs: 1, delayMaxMs: 1, jitter: 0, connectTimeoutMs: 20_000 },
    rng: createRng(1, 1),
    handlers: { onReconnect: nothing, onReconnectAttempt: nothing, onReconnectFailed: nothing },
  });
  stops.push(() => connection.close());
  return new Promise((done) => {
    const more = { onDisconnect: done, onConnectError: done, onEvent: nothing };
    connection.namespace('/', { ...more, onConnect: () => done('connected') }).connect();
  });
}

async function listenPlain(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function plainHttp(): Promise<string> {
  return listenPlain(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    }),
  );
}

async function selfSigned(): Promise<string> {
  return (await startServer()).origin;
}
