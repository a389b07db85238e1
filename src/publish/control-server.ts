/**
 * The control API of a running broadcast, on 127.0.0.1 only:
 *
 *   GET  /status
 *   POST /pause   /resume   /drop?s=5   /new-timestamps?s=0
 *
 * 200 done, 400 not understood, 409 not possible now; JSON bodies.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Broadcast } from './broadcast.js';
import { carryOut, controlCommand } from './control.js';
import { listenOnLoopback, type SideServer } from './side-server.js';
import { type PublishStatus, statusOf } from './status.js';

interface Answer {
  readonly status: number;
  readonly body: PublishStatus | { readonly message: string };
}

/** @throws {ConfigError} when the port cannot be had */
export function startControlServer(port: number, broadcast: Broadcast): Promise<SideServer> {
  return listenOnLoopback('--control', port, (request, response) => {
    void answer(request, broadcast).then(({ status, body }) => write(response, status, body));
  });
}

async function answer(request: IncomingMessage, broadcast: Broadcast): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://control');
  const command = controlCommand(url.pathname.slice(1), url.searchParams.get('s') ?? undefined);
  const asked = `${request.method} ${url.pathname}${url.search}`.slice(0, 200);
  if (command === undefined) return { status: 400, body: { message: `not understood: ${asked}` } };
  if (command.kind === 'status') return { status: 200, body: statusOf(broadcast) };
  // A browser on this machine may be made to GET anything by any page.
  if (request.method !== 'POST') return { status: 405, body: { message: `POST /${command.kind}` } };
  const refusal = await carryOut(command, broadcast);
  if (refusal !== undefined) return { status: 409, body: { message: refusal } };
  return { status: 200, body: statusOf(broadcast) };
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
