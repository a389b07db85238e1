import type { Cancel, Http, StreamEnd } from '../seams.js';

/** Longer than the stats of any container. */
const MAX_LINE_CHARS = 1024 * 1024;
const HEADERS_TIMEOUT_MS = 5000;

/** The newest whole line of a stream. */
export interface LastLine {
  readonly text: string;
  readonly atMs: number;
}

/** The stats of one container, which the engine sends about once a second: the last whole line is kept, and no other. */
export class StatsStream {
  readonly openedAtMs: number;
  readonly #http: Http;
  readonly #cancel: Cancel;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #last: LastLine | undefined;
  #ended: string | undefined;

  /** `http` is its own, and closed with it: a stream holds its connection as long as it lives. */
  constructor(http: Http, url: string, nowMs: () => number) {
    this.#http = http;
    this.openedAtMs = nowMs();
    this.#cancel = http.stream(
      { method: 'GET', url },
      {
        onResponse: (status) => {
          if (status !== 200) this.#end(`its stats answered ${status}`);
        },
        onBytes: (chunk) => this.#take(chunk, nowMs()),
        onEnd: (end) => this.#end(wordsOf(end)),
      },
      { headersTimeoutMs: HEADERS_TIMEOUT_MS },
    );
  }

  get last(): LastLine | undefined {
    return this.#last;
  }

  /** Why it has ended; undefined while it goes on. */
  get ended(): string | undefined {
    return this.#ended;
  }

  close(): void {
    this.#ended ??= 'closed';
    this.#cancel();
    this.#http.close();
  }

  #take(chunk: Uint8Array, atMs: number): void {
    if (this.#ended !== undefined) return;
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const end = this.#rest.lastIndexOf('\n');
    if (end >= 0) {
      const text = this.#rest.slice(this.#rest.lastIndexOf('\n', end - 1) + 1, end).trim();
      this.#rest = this.#rest.slice(end + 1);
      if (text.length > MAX_LINE_CHARS) this.#giveUp();
      else if (text !== '') this.#last = { text, atMs };
    }
    if (this.#rest.length > MAX_LINE_CHARS) this.#giveUp();
  }

  #giveUp(): void {
    this.#end('a line of its stats does not end');
    this.#cancel();
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#rest = '';
  }
}

function wordsOf({ kind, detail }: StreamEnd): string {
  if (kind === 'complete') return 'its stats have ended';
  return `its stats broke off: ${kind}${detail === undefined ? '' : ` (${detail})`}`;
}
