import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type CtlOrder, type CtlStatus, ctlOrder } from './ctl-orders.js';

/**
 * The ear of a run that was started with `--ctl`, on 127.0.0.1 and a port that the system chooses:
 *
 *   GET  /status
 *   POST /pause   /resume   /scale?vus=N   /stop
 *
 * each with `Authorization: Bearer TOKEN`. Port and token stand in ctl.json of the run folder, which only its owner
 * can read; it goes when the run ends. 200 done, with the status; 400 not understood; 401 no token; 409 refused.
 */

/** Where `dorami-load ctl` finds a run. */
export interface CtlAddress {
  readonly v: 1;
  readonly port: number;
  readonly token: string;
  readonly pid: number;
}

export const CTL_FILE = 'ctl.json';

/** Carries an order out. */
export type OnOrder = (order: CtlOrder) => { readonly status: CtlStatus } | { readonly refused: string };

export interface CtlServer {
  close(): Promise<void>;
}

const TOKEN_BYTES = 16;
/** Whoever sends half a request does not hold a connection for long. */
const PATIENCE_MS = 3000;
const MAX_CONNECTIONS = 16;
const MAX_HEADER_BYTES = 4096;

/**
 * Listens, and says where in the run folder.
 * @throws Error when it cannot: the run goes on without
 */
export async function startCtlServer(folder: string, onOrder: OnOrder): Promise<CtlServer> {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const server = createServer(
    { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, maxHeaderSize: MAX_HEADER_BYTES },
    (request, response) => {
      request.resume();
      answer(request, response, token, onOrder);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  // Whatever comes: it is no matter of the run.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // A run that has ended does not wait for those who ask it.
  server.unref();
  const path = join(folder, CTL_FILE);
  const close = async (): Promise<void> => {
    await rm(path, { force: true }).catch(() => {});
    server.close();
    server.closeAllConnections();
  };
  const { port } = server.address() as AddressInfo;
  const address: CtlAddress = { v: 1, port, token, pid: process.pid };
  try {
    await writeFile(path, `${JSON.stringify(address)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function answer(request: IncomingMessage, response: ServerResponse, token: string, onOrder: OnOrder): void {
  const url = urlOf(request);
  const word = url?.pathname.slice(1) ?? '';
  const order = ctlOrder(word, url?.searchParams.get('vus') ?? undefined);
  if (!isToken(request.headers.authorization, token))
    write(response, 401, { message: "no token, or another run's" });
  else if (order === undefined) write(response, 400, { message: 'not understood' });
  // A page in a browser may be made to GET anything.
  else if (order.kind !== 'status' && request.method !== 'POST')
    write(response, 405, { message: `POST /${word}` });
  else {
    const result = onOrder(order);
    if ('refused' in result) write(response, 409, { message: result.refused });
    else write(response, 200, result.status);
  }
}

function urlOf({ url = '/' }: IncomingMessage): URL | undefined {
  return url.startsWith('/') && URL.canParse(`http://run${url}`) ? new URL(`http://run${url}`) : undefined;
}

function isToken(seen: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(seen ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function write(
  response: ServerResponse,
  status: number,
  body: CtlStatus | { readonly message: string },
): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    Connection: 'close',
    'Cache-Control': 'no-store',
  });
  response.end(`${JSON.stringify(body)}\n`);
}
