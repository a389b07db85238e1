import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../errors.js';
import { CLOCK_PATH, clockAnswer } from './clock-answer.js';

export interface ClockServerOptions {
  /** 0 = any free one. */
  readonly port: number;
  /** Address to listen on; absent = loopback only. */
  readonly host?: string;
  /** The clock that capture times are made with, ms since the Unix epoch: no other may be shown. */
  epochMs(): number;
}

export interface ClockServer {
  /** As `--capture-clock` of a run wants it, with the address listened on. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/** Longer than the pause between two comparisons, so that a connection lasts: a new one would cost a round trip. */
const KEEP_ALIVE_MS = 60_000;
/** A run has one connection; many runs may watch one publisher. */
const MAX_CONNECTIONS = 100;

/**
 * Shows a clock over HTTP, for runs on other machines: `GET /clock` answers with its time in microseconds.
 * @throws {ConfigError} when it cannot listen
 */
export async function startClockServer(options: ClockServerOptions): Promise<ClockServer> {
  const { port, host = LOOPBACK, epochMs } = options;
  const server = createServer((request, response) => answer(epochMs, request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  const bound = await listen(server, host, port);
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(epochMs: () => number, request: IncomingMessage, response: ServerResponse): void {
  const [path] = (request.url ?? '').split('?');
  if (path !== CLOCK_PATH) {
    response.writeHead(404).end();
    return;
  }
  if (request.method !== 'GET') {
    response.writeHead(405, { allow: 'GET' }).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(clockAnswer(epochMs())));
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const problem = `cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`;
      reject(new ConfigError([{ path: '--clock', problem }], { cause }));
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}
