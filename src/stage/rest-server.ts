/**
 * The HTTP side of REST (contract 2, 3.1, 3.2): cookies, double-submit CSRF, token guard, throttle, envelope,
 * gzip; and the faults that strike here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Accounts, StageUser } from './accounts.js';
import type { Capacity } from './capacity.js';
import { bearerToken, parseCookies } from './cookies.js';
import { countRest, type StageCounts } from './counts.js';
import type { FaultBoard, FaultRecord } from './fault-board.js';
import type { FaultKind } from './fault-spec.js';
import { type RestAnswer, type RestCall, RestError, type RestRoute } from './rest-call.js';
import { checkCsrf, matchPattern, parseBody, readBody, sendNginxError, sessionCookies } from './rest-http.js';
import { ShopRefusal } from './shop.js';
import type { StageClock } from './stage-clock.js';
import { isoTime } from './stage-socket.js';
import type { Throttle } from './throttle.js';

export interface RestServerOptions {
  readonly clock: StageClock;
  readonly accounts: Accounts;
  readonly counts: StageCounts;
  readonly faults: FaultBoard;
  readonly capacity: Pick<Capacity, 'refusesCall'>;
  readonly throttle: Throttle;
  readonly routes: readonly RestRoute[];
}

const GZIP_ABOVE_BYTES = 1024;
const DEFAULT_SLOW_MS = 1000;
/** Writes of the cart and of orders run in serializable transactions. */
const CONFLICT_ROUTES = /^POST \/api\/(cart|orders)/;
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
      await this.#delay(exchange);
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
    if (route.access === 'user' && !route.allowsIncomplete && !this.#options.accounts.isComplete(user))
      throw new RestError(403, 'Profile is not complete', 'PROFILE_INCOMPLETE');
    this.#throttle(exchange, route);
    const method = route.method;
    if (!SAFE_METHODS.has(method) && !route.csrfExempt) checkCsrf(exchange.request, exchange.cookies);
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

  async #delay(exchange: Exchange): Promise<void> {
    const slow = this.#fault('slow', exchange);
    if (slow === undefined) return;
    const ms = typeof slow.parameters.ms === 'number' ? slow.parameters.ms : DEFAULT_SLOW_MS;
    await new Promise<void>((resolve) => this.#options.clock.after(ms, resolve));
  }

  /** Faults that answer in place of the route. True if one did. */
  #strike(exchange: Exchange): boolean {
    const refused = this.#options.capacity.refusesCall();
    if (this.#fault('http-503', exchange) || (refused !== undefined && refused !== 429)) {
      sendNginxError(exchange.response, 503, 'Service Temporarily Unavailable');
      countRest(this.#options.counts, exchange.route, 503, 0);
      return true;
    }
    if (this.#fault('http-429', exchange) || refused === 429) {
      exchange.response.setHeader('Retry-After-short', '1');
      throw new RestError(429, 'ThrottlerException: Too Many Requests');
    }
    const conflict = CONFLICT_ROUTES.test(exchange.route) && this.#fault('order-conflicts', exchange);
    if (conflict || this.#fault('http-5xx', exchange)) {
      throw new RestError(500, 'Internal server error', 'INTERNAL_SERVER_ERROR');
    }
    return false;
  }

  /** The running fault of this kind, if it strikes the path of this call. */
  #fault(kind: FaultKind, { url }: Exchange): FaultRecord | undefined {
    const fault = this.#options.faults.active(kind);
    const path = fault?.parameters.path;
    return typeof path === 'string' && !url.pathname.startsWith(path) ? undefined : fault;
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
