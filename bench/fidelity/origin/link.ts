import type { LinkStretch } from '../script.js';

/** Some of the bytes of one message pass at this instant; `from` and `to` count within the message. */
export interface Passage {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}

/** Where the link is narrow, bytes pass in pieces of this many ms. */
const PIECE_MS = 5;
/** As good as without end. */
const MOST_MS = 600_000;

/**
 * A link with one queue: first in, first out, at a rate that changes with time, so that the same bytes at the same
 * instants always pass in the same way. Pure; knows no clock.
 */
export class Link {
  readonly #stretches: readonly LinkStretch[];
  readonly #bytesPerMs: number;
  #freeAtMs = Number.NEGATIVE_INFINITY;
  /** What was sent and when its last byte passed: the backlog. */
  #pending: Passage[] = [];

  /** @param streamBytesPerMs what 1 times the stream's bitrate is */
  constructor(stretches: readonly LinkStretch[], streamBytesPerMs: number) {
    this.#stretches = stretches;
    this.#bytesPerMs = streamBytesPerMs;
  }

  /** Puts a message of `bytes` (> 0) into the queue at `atMs` (never smaller than before). */
  send(atMs: number, bytes: number): readonly Passage[] {
    const passages: Passage[] = [];
    let nowMs = Math.max(atMs, this.#freeAtMs);
    let from = 0;
    while (from < bytes) {
      const stretch = this.#stretches.find((s) => nowMs >= s.atMs && nowMs < s.atMs + s.forMs);
      if (stretch === undefined || nowMs - atMs > MOST_MS) {
        passages.push({ atMs: nowMs, from, to: bytes });
        break;
      }
      const endMs = stretch.atMs + stretch.forMs;
      const rate = stretch.rateOfStream * this.#bytesPerMs;
      if (rate <= 0) {
        nowMs = endMs;
        continue;
      }
      const wantedMs = Math.min(PIECE_MS, (bytes - from) / rate, endMs - nowMs);
      const to = Math.min(bytes, from + Math.max(1, Math.round(wantedMs * rate)));
      nowMs += (to - from) / rate;
      passages.push({ atMs: nowMs, from, to });
      from = to;
    }
    this.#freeAtMs = nowMs;
    this.#pending.push(...passages);
    return passages;
  }

  /** Bytes that have been sent and have not passed at `atMs`. */
  backlogBytes(atMs: number): number {
    this.#pending = this.#pending.filter((passage) => passage.atMs > atMs);
    return this.#pending.reduce((sum, passage) => sum + passage.to - passage.from, 0);
  }
}
