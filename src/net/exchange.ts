import type {
  Cancel,
  Clock,
  HttpRequest,
  RequestStep,
  ResponseHeaders,
  StreamEndKind,
  StreamOptions,
  StreamSink,
} from '../seams.js';
import { badRequestHeader, headerValue } from './http-headers.js';
import type { Transport } from './transport.js';

/** What all exchanges of one viewer share. */
export interface ExchangeContext {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Told of every response, redirects included. */
  onHead(url: URL, headers: ResponseHeaders): void;
  /** Told of what the receiver threw: our own fault, never the origin's. */
  onInternalError(error: unknown): void;
}

const MAX_REDIRECTS = 5;
const BAD_REDIRECT = 'redirected to something that is not an http: or https: URL';
const TOO_MANY = `more than ${MAX_REDIRECTS} redirects`;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Of what is meant for one origin only, nothing goes along to another. */
const CREDENTIAL_HEADERS = new Set(['cookie', 'authorization', 'x-csrf-token']);

/**
 * One request of a viewer from its start to its one `onEnd`: time limits, redirects of a GET, stamps, and the
 * guarantee of order. No call to the sink comes before the constructor has returned; `stop` calls `onEnd` itself.
 */
export class Exchange {
  private readonly context: ExchangeContext;
  private readonly request: HttpRequest;
  private readonly sink: StreamSink;
  private readonly onOver: (exchange: Exchange) => void;
  private readonly onStep: ((step: RequestStep) => void) | undefined;
  private readonly cancels: Cancel[] = [];
  private headers: Readonly<Record<string, string>>;
  private abortHop: Cancel | undefined;
  private redirects = 0;
  private responded = false;
  private ended = false;

  constructor(
    context: ExchangeContext,
    request: HttpRequest,
    sink: StreamSink,
    options: StreamOptions,
    onOver: (exchange: Exchange) => void,
  ) {
    this.context = context;
    this.request = request;
    this.sink = sink;
    this.onOver = onOver;
    const { onStep } = options;
    this.onStep = onStep && ((step) => this.guard(() => onStep(step, context.clock.nowMs())));
    this.headers = request.headers ?? {};
    this.limit(options);
    const url = parseUrl(request.url);
    const problem = url === undefined ? 'not an http: or https: URL' : badRequestHeader(this.headers);
    if (url === undefined || problem !== undefined) {
      this.cancels.push(context.clock.after(0, () => this.stop('network', problem)));
    } else {
      this.hop(url);
    }
  }

  /** Ends it from our side. Does nothing once it has ended. */
  stop(kind: StreamEndKind, detail?: string): void {
    if (this.ended) return;
    const { abortHop } = this;
    this.end(kind, detail);
    abortHop?.();
  }

  private limit({ headersTimeoutMs, totalTimeoutMs }: StreamOptions): void {
    const { clock } = this.context;
    if (headersTimeoutMs !== undefined) {
      const onLate = (): void => {
        if (!this.responded) this.stop('timeout', `no response within ${headersTimeoutMs} ms`);
      };
      this.cancels.push(clock.after(headersTimeoutMs, onLate));
    }
    if (totalTimeoutMs !== undefined) {
      this.cancels.push(
        clock.after(totalTimeoutMs, () => this.stop('timeout', `not over within ${totalTimeoutMs} ms`)),
      );
    }
  }

  private hop(url: URL): void {
    const { method, body } = this.request;
    const { headers } = this;
    const request = { method, url, headers, ...(body !== undefined && { body }) };
    this.abortHop = this.context.transport.start(request, {
      onStep: this.onStep,
      onHead: (status, responseHeaders) => this.onHead(url, status, responseHeaders),
      onBody: (chunk) => {
        if (this.responded && !this.ended)
          this.guard(() => this.sink.onBytes(chunk, this.context.clock.nowMs()));
      },
      onDone: (kind, detail) => this.end(kind, detail),
    });
  }

  private onHead(url: URL, status: number, headers: ResponseHeaders): void {
    if (this.ended) return;
    this.context.onHead(url, headers);
    const location = headerValue(headers, 'location');
    if (this.request.method === 'GET' && REDIRECTS.has(status) && location !== undefined) {
      this.redirect(url, location);
      return;
    }
    this.responded = true;
    this.guard(() => this.sink.onResponse(status, headers, this.context.clock.nowMs(), url.href));
  }

  private redirect(from: URL, location: string): void {
    this.abortHop?.();
    const to = parseUrl(location, from);
    const problem = to === undefined ? BAD_REDIRECT : ++this.redirects > MAX_REDIRECTS ? TOO_MANY : undefined;
    if (to === undefined || problem !== undefined) {
      this.end('network', problem);
      return;
    }
    if (to.origin !== from.origin) {
      const kept = Object.entries(this.headers).filter(
        ([name]) => !CREDENTIAL_HEADERS.has(name.toLowerCase()),
      );
      this.headers = Object.fromEntries(kept);
    }
    this.hop(to);
  }

  /** Runs the receiver's code; what it throws is ours, and ends the exchange. */
  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.context.onInternalError(error);
      this.stop('aborted', 'the receiver failed');
    }
  }

  private end(kind: StreamEndKind, detail?: string): void {
    if (this.ended) return;
    this.ended = true;
    this.abortHop = undefined;
    for (const cancel of this.cancels) cancel();
    this.onOver(this);
    const end = { kind, atMs: this.context.clock.nowMs(), ...(detail !== undefined && { detail }) };
    this.guard(() => this.sink.onEnd(end));
  }
}

function parseUrl(text: string, base?: URL): URL | undefined {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    return undefined;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  // Credentials in a URL are not sent by anything here, and must not show up in a final URL either.
  url.username = '';
  url.password = '';
  return url;
}
