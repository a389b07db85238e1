import type { Cancel, StreamEndKind, StreamOptions, StreamSink } from '../../src/seams.js';
import type { Answer, Piece } from './scripted-http.js';
import type { VirtualClock } from './virtual-clock.js';

/** Views that are handed out begin here, as they do in a real pooled buffer. */
const POOL_OFFSET_BYTES = 163;

/** One request under way in virtual time: plays its answer into a sink, ends exactly once. */
export class ScriptedExchange {
  private readonly clock: VirtualClock;
  private readonly url: string;
  private readonly answer: Answer;
  private readonly sink: StreamSink;
  private readonly timers: Cancel[] = [];
  private responded = false;
  private ended = false;

  constructor(clock: VirtualClock, url: string, answer: Answer, options: StreamOptions, sink: StreamSink) {
    this.clock = clock;
    this.url = url;
    this.answer = answer;
    this.sink = sink;
    this.plan();
    this.limit(options);
  }

  /** Ends it from the caller's side; the sink hears of it before this returns. */
  stop(kind: StreamEndKind): void {
    this.end(kind);
  }

  private plan(): void {
    const { fail, end } = this.answer;
    if (fail) {
      this.at(fail.atMs, () => this.end(fail.kind, fail.detail));
      return;
    }
    const pieces = piecesOf(this.answer);
    const headersAtMs = this.answer.headersAtMs ?? pieces[0]?.atMs ?? 0;
    this.at(headersAtMs, () => this.respond());
    for (const piece of pieces) this.at(Math.max(piece.atMs, headersAtMs), () => this.give(piece));
    if (end === 'never') return;
    const endAtMs = Math.max(headersAtMs, pieces.at(-1)?.atMs ?? 0, end?.atMs ?? 0);
    this.at(endAtMs, () => this.end(end?.kind ?? 'complete', end?.detail));
  }

  private limit(options: StreamOptions): void {
    const { headersTimeoutMs, totalTimeoutMs } = options;
    if (headersTimeoutMs !== undefined)
      this.at(headersTimeoutMs, () => this.responded || this.end('timeout'));
    if (totalTimeoutMs !== undefined) this.at(totalTimeoutMs, () => this.end('timeout'));
  }

  private at(afterMs: number, fn: () => void): void {
    this.timers.push(
      this.clock.after(afterMs, () => {
        if (!this.ended) fn();
      }),
    );
  }

  private respond(): void {
    this.responded = true;
    const { status, headers, url } = this.answer;
    this.sink.onResponse(status ?? 200, headers ?? {}, this.clock.nowMs(), url ?? this.url);
  }

  private give(piece: Piece): void {
    const bytes = typeof piece.bytes === 'string' ? Buffer.from(piece.bytes) : piece.bytes;
    const pool = new Uint8Array(POOL_OFFSET_BYTES + bytes.byteLength);
    pool.set(bytes, POOL_OFFSET_BYTES);
    this.sink.onBytes(pool.subarray(POOL_OFFSET_BYTES), this.clock.nowMs());
    pool.fill(0xa5);
  }

  private end(kind: StreamEndKind, detail?: string): void {
    if (this.ended) return;
    this.ended = true;
    for (const cancel of this.timers) cancel();
    this.sink.onEnd({ kind, atMs: this.clock.nowMs(), ...(detail === undefined ? {} : { detail }) });
  }
}

function piecesOf(answer: Answer): readonly Piece[] {
  const { body } = answer;
  if (body === undefined) return [];
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body;
  return [{ atMs: answer.headersAtMs ?? 0, bytes: body }];
}
