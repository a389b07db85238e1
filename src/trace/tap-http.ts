import type {
  Clock,
  Http,
  HttpRequest,
  RequestStep,
  StreamEnd,
  StreamOptions,
  StreamSink,
  TextFailure,
  TextOptions,
  TextResponse,
} from '../seams.js';
import type { LineOf, TraceLine } from './line.js';
import type { Mask } from './mask.js';
import { playlistFacts } from './playlist-facts.js';

/** What the taps of one viewer write to, and what they must not let through. */
export interface TapDeps {
  readonly clock: Clock;
  readonly mask: Mask;
  write(line: TraceLine): void;
  /** Runs code of the trace: what it throws is counted and harms nobody. */
  safely(work: () => void): void;
  /** The next number for a request. */
  nextId(): number;
}

type What = LineOf<'request'>['what'];

/** A request whose answer has come and that is still open after this is told before its end. */
const LONG_MS = 1000;
/** Requests that may be open at a time and still be told. */
const MAX_OPEN = 64;

/** One viewer's HTTP client, each exchange of which is written down. What it does stays as it was. */
export class TapHttp implements Http {
  readonly #inner: Http;
  readonly #deps: TapDeps;
  readonly #open = new Set<TracedRequest>();

  constructor(inner: Http, deps: TapDeps) {
    this.#inner = inner;
    this.#deps = deps;
  }

  stream(request: HttpRequest, sink: StreamSink, options: StreamOptions = {}): () => void {
    const traced = this.#begin(request, /\.flv$/i.test(pathOf(request.url)) ? 'flv' : 'segment');
    const { safely } = this.#deps;
    const tapped: StreamSink = {
      onResponse: (status, headers, atMs, url) => {
        safely(() => {
          this.#deps.mask.learnHeaders(headers);
          this.#deps.mask.url(url);
          traced.answered(status, atMs);
        });
        sink.onResponse(status, headers, atMs, url);
      },
      onBytes: (chunk, atMs) => {
        traced.bytes += chunk.byteLength;
        sink.onBytes(chunk, atMs);
      },
      onEnd: (end) => {
        safely(() => this.#end(traced, end));
        sink.onEnd(end);
      },
    };
    return this.#inner.stream(request, tapped, { ...options, onStep: this.#onStep(traced) });
  }

  async text(request: HttpRequest, options: TextOptions): Promise<TextResponse | TextFailure> {
    const isList = /\.m3u8?$/i.test(pathOf(request.url));
    const traced = this.#begin(request, isList ? 'playlist' : 'api');
    const answer = await this.#inner.text(request, { ...options, onStep: this.#onStep(traced) });
    this.#deps.safely(() => this.#endText(traced, answer, isList));
    return answer;
  }

  close(): void {
    this.#inner.close();
  }

  /** Tells the requests that have been open for long. Called now and then. */
  tellOpen(nowMs: number): void {
    for (const request of this.#open) {
      const line = request.openLine(nowMs);
      if (line !== undefined) this.#deps.write(line);
    }
  }

  #begin(request: HttpRequest, what: What): TracedRequest {
    const { clock, mask, nextId, safely } = this.#deps;
    const traced = new TracedRequest(nextId(), what, request.method, clock.nowMs());
    safely(() => {
      mask.learnHeaders(request.headers ?? {});
      traced.url = mask.url(request.url);
      if (this.#open.size < MAX_OPEN) this.#open.add(traced);
    });
    return traced;
  }

  #onStep(traced: TracedRequest): (step: RequestStep, atMs: number) => void {
    return (step, atMs) => traced.stepped(step, atMs);
  }

  #endText(traced: TracedRequest, answer: TextResponse | TextFailure, isList: boolean): void {
    const { mask, write } = this.#deps;
    if (answer.kind === 'failure') {
      this.#end(traced, answer.end);
      return;
    }
    mask.learnHeaders(answer.headers);
    traced.answered(answer.status, answer.firstByteAtMs);
    traced.bytes = answer.bodyBytes;
    this.#end(traced, { kind: 'complete', atMs: answer.endedAtMs });
    const facts = isList ? playlistFacts(answer.body) : undefined;
    if (facts === undefined) return;
    const last = facts.last === undefined ? undefined : mask.url(facts.last);
    write({ kind: 'playlist', atMs: answer.endedAtMs, ...facts, ...(last === undefined ? {} : { last }) });
  }

  #end(traced: TracedRequest, end: StreamEnd): void {
    this.#open.delete(traced);
    this.#deps.write(traced.endLine(end, (text) => this.#deps.mask.text(text)));
  }
}

function pathOf(url: string): string {
  return url.split(/[?#]/)[0] ?? '';
}

/** What is known of one exchange so far. */
class TracedRequest {
  url = '';
  bytes = 0;
  readonly #id: number;
  readonly #what: What;
  readonly #method: string;
  readonly #startedAtMs: number;
  #begunAtMs: number | undefined;
  #sentAtMs: number | undefined;
  #headAtMs: number | undefined;
  #status: number | undefined;
  #over = false;
  #told = false;

  constructor(id: number, what: What, method: string, startedAtMs: number) {
    this.#id = id;
    this.#what = what;
    this.#method = method;
    this.#startedAtMs = startedAtMs;
  }

  /** Redirects and repeats make several: the first way out of the line counts, and the last time it was sent. */
  stepped(step: RequestStep, atMs: number): void {
    if (this.#over) return;
    if (step === 'begun') this.#begunAtMs ??= atMs;
    else this.#sentAtMs = atMs;
  }

  answered(status: number, atMs: number): void {
    this.#status = status;
    this.#headAtMs = atMs;
  }

  /** The line of a request that is open for long and has its answer, once. */
  openLine(nowMs: number): LineOf<'response'> | undefined {
    const atMs = this.#headAtMs;
    const status = this.#status;
    if (this.#told || atMs === undefined || status === undefined || nowMs - this.#startedAtMs < LONG_MS)
      return undefined;
    this.#told = true;
    return { kind: 'response', atMs, ...this.#steps(), status };
  }

  endLine({ kind, atMs, detail }: StreamEnd, mask: (text: string) => string): LineOf<'request'> {
    this.#over = true;
    return {
      kind: 'request',
      atMs,
      ...this.#steps(),
      method: this.#method,
      ...(this.#headAtMs === undefined ? {} : { headAtMs: this.#headAtMs }),
      end: kind,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      bytes: this.bytes,
      ...(detail === undefined ? {} : { detail: mask(detail).slice(0, 200) }),
    };
  }

  #steps() {
    return {
      id: this.#id,
      what: this.#what,
      url: this.url,
      startedAtMs: this.#startedAtMs,
      ...(this.#begunAtMs === undefined ? {} : { begunAtMs: this.#begunAtMs }),
      ...(this.#sentAtMs === undefined ? {} : { sentAtMs: this.#sentAtMs }),
    };
  }
}
