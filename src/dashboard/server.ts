import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventHub } from './event-hub.js';
import { type Route, routeOf } from './routes.js';

/** What the server answers with. */
export interface Answers {
  readonly page: { readonly text: string; readonly policy: string };
  readonly hub: EventHub;
  /** Text of `/metrics` and its type. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
  /** Whether a run is there to be looked at. */
  health(): object;
}

export interface DashboardServer {
  readonly port: number;
  /** Closes when all that was written is sent, or soon after. */
  close(): Promise<void>;
}

/** Whoever sends half a request does not hold a connection for long. */
const PATIENCE_MS = 5000;
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 16_384;
/** A page that does not read its last words does not hold up the end of a run. */
const LAST_WORDS_MS = 500;

/**
 * Listens on 127.0.0.1 alone.
 * @throws the system's error, e.g. EADDRINUSE
 */
export async function startDashboardServer(port: number, answers: Answers): Promise<DashboardServer> {
  const server = createServer(
    { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, maxHeaderSize: MAX_HEADER_BYTES },
    (request, response) => {
      request.resume();
      answer(request, response, answers, boundPort());
    },
  );
  const boundPort = (): number => (server.address() as AddressInfo | null)?.port ?? port;
  server.maxConnections = MAX_CONNECTIONS;
  // Whatever comes: it is no matter of the run.
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.on('error', () => {});
  return {
    port: boundPort(),
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

const PLAIN = 'text/plain; charset=utf-8';

const SAFE_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

function answer(request: IncomingMessage, response: ServerResponse, answers: Answers, port: number): void {
  const { method, url, headers } = request;
  const site = headers['sec-fetch-site'];
  const route = routeOf(
    { method, url, host: headers.host, site: typeof site === 'string' ? site : undefined },
    port,
  );
  response.on('error', () => {});
  if (route.kind === 'refused') refuse(response, route);
  else if (route.kind === 'page') {
    const { text, policy } = answers.page;
    const headers = { 'Content-Security-Policy': policy, 'X-Frame-Options': 'DENY' };
    write(response, 200, 'text/html; charset=utf-8', text, headers);
  } else if (route.kind === 'health')
    write(response, 200, 'application/json', `${JSON.stringify(answers.health())}\n`);
  else if (route.kind === 'events') openStream(response, answers.hub);
  else
    answers.metrics().then(
      ({ type, text }) => write(response, 200, type, text),
      () => write(response, 500, PLAIN, 'the metrics cannot be told\n'),
    );
}

function openStream(response: ServerResponse, hub: EventHub): void {
  if (hub.isFull) {
    write(response, 503, PLAIN, 'too many pages are open\n', { 'Retry-After': '10' });
    return;
  }
  response.writeHead(200, { ...SAFE_HEADERS, 'Content-Type': 'text/event-stream', Connection: 'close' });
  hub.add(response);
}

function refuse(response: ServerResponse, { status, words }: Extract<Route, { kind: 'refused' }>): void {
  const allow = status === 405 ? { Allow: 'GET' } : {};
  write(response, status, PLAIN, `${words}\n`, { ...allow, Connection: 'close' });
}

function write(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...SAFE_HEADERS,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    ...more,
  });
  response.end(text);
}
