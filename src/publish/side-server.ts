import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../errors.js';

/** A small HTTP server beside the broadcast, on 127.0.0.1. */
export interface SideServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves on `port` (0 = any free one). Requests that a page in a browser made, or that came under another name than
 * this machine's own, are refused: no page may steer a broadcast.
 * @param flag named when the port cannot be had
 * @throws {ConfigError} then
 */
export async function listenOnLoopback(
  flag: string,
  port: number,
  onRequest: RequestListener,
): Promise<SideServer> {
  const server = createServer((request, response) => {
    request.resume();
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const own = host === '127.0.0.1' || host === 'localhost';
    if (own && request.headers.origin === undefined) onRequest(request, response);
    else response.writeHead(403).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const problem =
        cause.code === 'EADDRINUSE' ? 'the port is taken' : `cannot listen: ${cause.code ?? cause.message}`;
      reject(new ConfigError([{ path: flag, problem, seen: String(port) }], { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
