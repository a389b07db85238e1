import type {
  Cancel,
  Http,
  HttpRequest,
  ResponseHeaders,
  StreamEndKind,
  StreamOptions,
  StreamSink,
  TextFailure,
  TextOptions,
  TextResponse,
} from '../../src/seams.js';
import { ScriptedExchange } from './scripted-exchange.js';
import type { VirtualClock } from './virtual-clock.js';

/** One piece of a body, `atMs` after the request. */
export interface Piece {
  readonly atMs: number;
  readonly bytes: Uint8Array | string;
}

/** What the origin does with one request; all times count from the request. */
export interface Answer {
  /** Default 200. */
  readonly status?: number;
  /** Lower-case names. */
  readonly headers?: ResponseHeaders;
  /** When status line and headers arrive; default: with the first piece, or at once. */
  readonly headersAtMs?: number;
  /** The final URL, for an answer that came after redirects. */
  readonly url?: string;
  /** One text or bytes that comes with the headers, or pieces in order of time. */
  readonly body?: Uint8Array | string | readonly Piece[];
  /** How the exchange ends; default `complete` with the last piece. `never` holds it open without an end. */
  readonly end?: 'never' | { readonly kind: StreamEndKind; readonly atMs: number; readonly detail?: string };
  /** Ends like this without any response (refused, dns, reset, ...). */
  readonly fail?: { readonly kind: StreamEndKind; readonly atMs: number; readonly detail?: string };
}

/** An answer, a list of answers (the last one repeats), or a function of the request. */
export type Route = Answer | readonly Answer[] | ((request: RecordedRequest) => Answer);

/** A request as it was made, in the order of time. */
export interface RecordedRequest extends HttpRequest {
  readonly atMs: number;
  readonly via: 'stream' | 'text';
  /** How many requests the same route has answered before this one. */
  readonly nth: number;
}

/** `GET /path`, `/path` (any method; the query is ignored unless the key has one), or a test of the URL. */
export type RouteKey = string | RegExp;

/**
 * An origin in virtual time behind the Http seam. Bytes are handed over in a pooled buffer that is overwritten
 * after each call, so that a reader that keeps a view fails its test. A request without a route gets a 404 page.
 */
export class ScriptedHttp implements Http {
  readonly requests: RecordedRequest[] = [];
  private readonly clock: VirtualClock;
  private readonly routes: { key: RouteKey; route: Route; hits: number }[] = [];
  private readonly running = new Set<ScriptedExchange>();
  private closed = false;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** Later routes win over earlier ones with an equal match, so that a test can change the origin as it goes. */
  route(key: RouteKey, route: Route): this {
    this.routes.unshift({ key, route, hits: 0 });
    return this;
  }

  /** Exchanges that have not ended. */
  get open(): number {
    return this.running.size;
  }

  /** Paths with their queries, in the order they were asked for. */
  get paths(): string[] {
    return this.requests.map((request) => pathOf(request.url));
  }

  stream(request: HttpRequest, sink: StreamSink, options: StreamOptions = {}): Cancel {
    const exchange = new ScriptedExchange(this.clock, request.url, this.answer(request, 'stream'), options, {
      onResponse: (...args) => sink.onResponse(...args),
      onBytes: (...args) => sink.onBytes(...args),
      onEnd: (end) => {
        this.running.delete(exchange);
        sink.onEnd(end);
      },
    });
    this.running.add(exchange);
    return () => exchange.stop('aborted');
  }

  text(request: HttpRequest, options: TextOptions): Promise<TextResponse | TextFailure> {
    const startedAtMs = this.clock.nowMs();
    const answer = this.answer(request, 'text');
    return new Promise((resolve) => {
      let head: { status: number; headers: ResponseHeaders; atMs: number; url: string } | undefined;
      const body: Buffer[] = [];
      let bodyBytes = 0;
      const exchange = new ScriptedExchange(this.clock, request.url, answer, options, {
        onResponse: (status, headers, atMs, url) => {
          head = { status, headers, atMs, url };
        },
        onBytes: (chunk) => {
          bodyBytes += chunk.byteLength;
          body.push(Buffer.from(chunk));
          if (bodyBytes > options.maxBytes) exchange.stop('too_large');
        },
        onEnd: (end) => {
          this.running.delete(exchange);
          if (end.kind !== 'complete' || !head) return resolve({ kind: 'failure', end, startedAtMs });
          const { status, headers, url, atMs } = head;
          const text = Buffer.concat(body).toString('utf8');
          const times = { startedAtMs, firstByteAtMs: atMs, endedAtMs: end.atMs };
          resolve({ kind: 'response', status, headers, body: text, url, ...times, bodyBytes });
        },
      });
      this.running.add(exchange);
    });
  }

  close(): void {
    this.closed = true;
    for (const exchange of [...this.running]) exchange.stop('aborted');
  }

  private answer(request: HttpRequest, via: 'stream' | 'text'): Answer {
    const entry = this.routes.find(({ key }) => matches(key, request));
    const nth = entry?.hits ?? 0;
    const recorded: RecordedRequest = { ...request, atMs: this.clock.nowMs(), via, nth };
    this.requests.push(recorded);
    if (this.closed) return { fail: { kind: 'aborted', atMs: 0 } };
    if (!entry) return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>404</html>' };
    entry.hits++;
    const { route } = entry;
    if (typeof route === 'function') return route(recorded);
    if (!isList(route)) return route;
    const answer = route[Math.min(nth, route.length - 1)];
    if (!answer) throw new Error(`the route ${String(entry.key)} has an empty list of answers`);
    return answer;
  }
}

function isList(route: Answer | readonly Answer[]): route is readonly Answer[] {
  return Array.isArray(route);
}

function matches(key: RouteKey, request: HttpRequest): boolean {
  if (key instanceof RegExp) return key.test(request.url);
  const [first, second] = key.split(' ');
  const wanted = second ?? first ?? '';
  if (second !== undefined && first !== request.method) return false;
  const path = pathOf(request.url);
  return wanted === request.url || wanted === path || wanted === path.split('?')[0];
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/**
 * Cuts bytes into pieces of `pieceBytes` that arrive evenly from `fromMs` to `toMs` (after the request): how a
 * link of limited speed delivers them. The last piece arrives at `toMs`.
 */
export function spread(bytes: Uint8Array, fromMs: number, toMs: number, pieceBytes = 16_384): Piece[] {
  const count = Math.max(1, Math.ceil(bytes.byteLength / pieceBytes));
  return Array.from({ length: count }, (_, i) => ({
    atMs: count === 1 ? toMs : fromMs + ((toMs - fromMs) * i) / (count - 1),
    bytes: bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes),
  }));
}
