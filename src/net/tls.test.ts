import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Server as SocketServer } from 'socket.io';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { createClock } from '../seams-node.js';
import { createAllowList } from './allow-list.js';
import type { Resolve } from './connect.js';
import { createHttpFactory } from './http-node.js';
import { createSocketHub } from './socket-hub.js';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url), 'utf8');
const clock = createClock(performance.timeOrigin);
const allowList = createAllowList([]);
const resolve: Resolve = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

let server: Server;
let io: SocketServer;
let port: number;
const serverNames: unknown[] = [];

beforeAll(async () => {
  server = createServer({ key: fixture('key.pem'), cert: fixture('cert.pem') }, (request, response) => {
    serverNames.push((request.socket as TLSSocket & { servername?: unknown }).servername);
    if (request.url === '/once') response.setHeader('connection', 'close');
    response.end('x'.repeat(100_000));
  });
  io = new SocketServer(server, { serveClient: false });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await io.close();
});

describe('over TLS', () => {
  it.each(['/', '/once', '/once'])(
    'streams and reads text of %s, with the name in the handshake',
    async (path) => {
      const factory = createHttpFactory({ clock, allowList, resolve, ca: fixture('cert.pem') });
      const http = factory.forViewer();
      const request = { method: 'GET' as const, url: `https://platform.test:${port}${path}` };
      let bytes = 0;
      const kind = await new Promise<string>((done) => {
        http.stream(request, {
          onResponse: () => undefined,
          onBytes: (chunk) => {
            bytes += chunk.byteLength;
          },
          onEnd: (end) => done(end.kind),
        });
      });
      expect([kind, bytes]).toEqual(['complete', 100_000]);
      expect(await http.text(request, { maxBytes: 100_000 })).toMatchObject({
        kind: 'response',
        bodyBytes: 100_000,
      });
      expect(new Set(serverNames)).toEqual(new Set(['platform.test']));
      http.close();
    },
  );

  it('refuses a certificate that nobody vouches for', async () => {
    const http = createHttpFactory({ clock, allowList, resolve }).forViewer();
    const request = { method: 'GET' as const, url: `https://platform.test:${port}/` };
    const failure = { kind: 'failure', end: { kind: 'untrusted', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' } };
    expect(await http.text(request, { maxBytes: 100 })).toMatchObject(failure);
    const end = await new Promise((onEnd) => {
      http.stream(request, { onResponse: () => undefined, onBytes: () => undefined, onEnd });
    });
    expect(end).toMatchObject(failure.end);
    http.close();
  });

  it('carries Socket.IO', async () => {
    const hub = createSocketHub({ clock, allowList, resolve, ca: fixture('cert.pem') });
    const connection = hub.open({
      url: `https://platform.test:${port}`,
      cookieHeader: () => '',
      userAgent: 'browser',
      reconnect: { attempts: 1, delayMs: 1, delayMaxMs: 1, jitter: 0, connectTimeoutMs: 20_000 },
      rng: createRng(1, 1),
      handlers: {
        onReconnect: () => undefined,
        onReconnectAttempt: () => undefined,
        onReconnectFailed: () => undefined,
      },
    });
    const outcome = await new Promise<string>((done) => {
      connection
        .namespace('/', {
          onConnect: () => done('connected'),
          onConnectError: done,
          onDisconnect: done,
          onEvent: () => undefined,
        })
        .connect();
    });
    expect(outcome).toBe('connected');
    connection.close();
  });
});
