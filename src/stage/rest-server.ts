/**
 * The HTTP side of REST (contract 2, 3.1, 3.2): cookies, double-submit CSRF, token guard, throttle, envelope,
 * gzip; and the faults that strike here.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Accounts, StageUser } from './accounts.js';
import { bearerToken, parseCookies } from './cookies.js';
import { countRest, type StageCounts } from './counts.js';
import type { FaultBoard } from './fault-board.js';
import { type RestAnswer, type RestCall, RestError, type RestRoute } from './rest-call.js';
import { ShopRefusal } from './shop.js';
import type { StageClock } from './stage-clock.js';
import { isoTime } from './stage-socket.js';
import type { Throttle } from './throttle.js';

export interface RestServerOptions {
  readonly clock: StageClock;
  readonly accounts: Accounts;
  readonly counts: StageCounts;
  readonly faults: FaultBoard;
  readonly throttle: Throttle;
  readonly routes: readonly RestRoute[];
}

const GZIP_ABOVE_BYTES = 1024;
const MAX_BODY_BYTES = 1_000_000;
const DAY_S = 86_400;
const DEFAULT_SLOW_MS = 1000;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Matched {
  readonly route: RestRoute;
  readonly params: Readonly<Record<string, string>>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly cookies: ReadonlyMap<string, string>;
  /** For the counts: the route's pattern, never the path. */
  readonly route: string;
}

export class RestServer {
  readonly #options: RestServerOptions;

  constructor(options: RestServerOptions) {
    this.#options = options;
  }

  /** Answers one request below `/api`. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const method = request.method ?? 'GET';
    const matched = this.#match(method, url.pathname.slice('/api'.length));
    const cookies = parseCookies(request.headers.cookie);
    const route = `${method} /api${matched?.route.pattern ?? '/*'}`;
    const exchange = { request, response, url, cookies, route };
    try {
      const body = await readBody(request);
      await this.#delay();
      if (this.#strike(exchange)) return;
      this.#send(exchange, this.#answerOf(exchange, matched, body));
    } catch (cause) {
      this.#sendError(exchange, cause);
    }
  }

  #match(method: string, path: string): Matched | undefined {
    for (const route of this.#options.routes) {
      const params = route.method === method ? matchPattern(route.pattern, path) : undefined;
      if (params) return { route, params };
    }
    return undefined;
  }

  #answerOf(exchange: Exchange, matched: Matched | undefined, body: string): RestAnswer {
    if (!matched) throw new RestError(404, `Cannot ${exchange.request.method} ${exchange.url.pathname}`);
    const { route, params } = matched;
    const user = route.ignoresToken ? undefined : this.#userOf(exchange);
    if (route.access === 'user' && user === undefined)
      throw new RestError(401, 'Unauthorized', 'UNAUTHORIZED');
    this.#throttle(exchange, route);
    const method = route.method;
    if (!SAFE_METHODS.has(method) && !route.csrfExempt) checkCsrf(exchange);
    const { url, cookies } = exchange;
    const call = { method, path: url.pathname, query: url.searchParams, params, user, cookies };
    return route.answer({ ...call, body: parseBody(body) } satisfies RestCall);
  }

  /** A token that is there must be good, on public routes too. */
  #userOf({ request, cookies }: Exchange): StageUser | undefined {
    const token = cookies.get('accessToken') ?? bearerToken(request.headers.authorization);
    if (token === undefined || token === '') return undefined;
    const user = this.#options.accounts.userOf(token, 'access');
    if (user === undefined) throw new RestError(401, 'Invalid or expired token', 'UNAUTHORIZED');
    return user;
  }

  #throttle(exchange: Exchange, route: RestRoute): void {
    const session = exchange.cookies.get('session_id');
    if (route.throttle === 'none' || session === undefined) return;
    const tracker = `${session} ${exchange.request.headers['user-agent'] ?? ''}`;
    const nowMs = this.#options.clock.epochMs();
    const skipShort = route.throttle === 'no-short';
    const { blocked, headers } = this.#options.throttle.take(exchange.route, tracker, nowMs, skipShort);
    for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value);
    if (blocked) throw new RestError(429, 'ThrottlerException: Too Many Requests');
  }

  async #delay(): Promise<void> {
    const slow = this.#options.faults.active('slow');
    if (slow === undefined) return;
    const ms = typeof slow.parameters.ms === 'number' ? slow.parameters.ms : DEFAULT_SLOW_MS;
    await new Promise<void>((resolve) => this.#options.clock.after(ms, resolve));
  }

  /** Faults that answer in place of the route. True if one did. */
  #strike(exchange: Exchange): boolean {
    const { faults } = this.#options;
    if (faults.active('http-503')) {
      sendNginxError(exchange.response, 503, 'Service Temporarily Unavailable');
      countRest(this.#options.counts, exchange.route, 503, 0);
      return true;
    }
    if (faults.active('http-429')) {
      exchange.response.setHeader('Retry-After-short', '1');
      throw new RestError(429, 'ThrottlerException: Too Many Requests');
    }
    if (faults.active('http-5xx')) throw new RestError(500, 'Internal server error', 'INTERNAL_SERVER_ERROR');
    return false;
  }

  #sendError(exchange: Exchange, cause: unknown): void {
    const timestamp = isoTime(this.#options.clock.epochMs());
    if (cause instanceof RestError && cause.status === 429) {
      this.#write(exchange, 429, { success: false, timestamp, message: cause.message }, []);
      return;
    }
    const known = cause instanceof RestError || cause instanceof ShopRefusal;
    const status = known ? cause.status : 500;
    const message = known ? cause.message : 'Internal server error';
    const errorCode = known ? cause.errorCode : 'INTERNAL_SERVER_ERROR';
    const codes = errorCode === undefined ? {} : { errorCode };
    this.#write(exchange, status, { success: false, timestamp, message, ...codes, statusCode: status }, []);
  }

  #send(exchange: Exchange, answer: RestAnswer): void {
    const envelope = () => ({
      ...{ data: answer.data, success: true, timestamp: isoTime(this.#options.clock.epochMs()) },
    });
    const body = answer.status === 204 ? undefined : (answer.raw ?? envelope());
    this.#write(exchange, answer.status, body, answer.setCookies ?? []);
  }

  #write(exchange: Exchange, status: number, body: unknown, setCookies: readonly string[]): void {
    const { request, response, cookies } = exchange;
    const all = [...setCookies, ...sessionCookies(request, cookies)];
    if (all.length > 0) response.setHeader('Set-Cookie', all);
    let bytes: Buffer = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body), 'utf8');
    if (bytes.length > 0) response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Vary', 'Accept-Encoding');
    if (
      bytes.length > GZIP_ABOVE_BYTES &&
      /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    ) {
      bytes = gzipSync(bytes, { level: 6 });
      response.setHeader('Content-Encoding', 'gzip');
    }
    if (status !== 204) response.setHeader('Content-Length', bytes.length);
    response.writeHead(status);
    response.end(bytes);
    countRest(this.#options.counts, exchange.route, status, bytes.length);
  }
}

function sessionCookies(request: IncomingMessage, cookies: ReadonlyMap<string, string>): string[] {
  const made: string[] = [];
  if (!cookies.has('session_id')) {
    made.push(`session_id=${randomUUID()}; Max-Age=${DAY_S}; Path=/; HttpOnly; SameSite=Lax`);
  }
  if (request.method === 'GET' && !cookies.has('csrf-token')) {
    made.push(`csrf-token=${randomBytes(32).toString('hex')}; Max-Age=${DAY_S}; Path=/; SameSite=Strict`);
  }
  return made;
}

function checkCsrf({ request, cookies }: Exchange): void {
  const cookie = cookies.get('csrf-token');
  const header = request.headers['x-csrf-token'];
  if (cookie === undefined || typeof header !== 'string') {
    throw new RestError(403, 'CSRF token missing', 'CSRF_TOKEN_MISSING');
  }
  if (cookie !== header) throw new RestError(403, 'CSRF token invalid', 'CSRF_TOKEN_INVALID');
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RestError(400, 'Malformed JSON');
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new RestError(413, 'Payload too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The values of a pattern's `:name` parts if `path` matches. */
function matchPattern(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const seen = path.replace(/\/$/, '').split('/');
  if (wanted.length !== seen.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = seen[index] as string;
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

/** An error page as nginx makes it, without the platform's envelope. */
export function sendNginxError(response: ServerResponse, status: number, reason: string): void {
  const line = `${status} ${reason}`;
  const body = [
    `<html>\r\n<head><title>${line}</title></head>\r\n<body>\r\n<center><h1>${line}</h1></center>`,
    '<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  ].join('\r\n');
  const headers = { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(body), Server: 'nginx' };
  response.writeHead(status, headers);
  response.end(body);
}
