/**
 * What a browser's network has passed on when the page is told that bytes came; by the time the page has dealt with
 * them all the rest of a burst is there. Measured in Chromium, whose worker reads 56, 63 and 38 KiB in one piece and
 * 370 KiB in two.
 */
const FIRST_BYTES = 65_536;
/**
 * Of the pipe between Chromium's network and the page. It is a ring: what lies across its end is read in two, every
 * time that many bytes of the body have passed.
 */
const PIPE_BYTES = 2_097_152;
/** Pieces this close came together: chunks of one TCP segment are one read in a browser. */
const TOGETHER_MS = 2;

/**
 * How a browser cuts a body that streams in: pieces that arrive together are one read, or two when they are many,
 * however the server chunked them. One for each body. Counts only, holds nothing.
 */
export class Reads {
  #startedAtMs = Number.NEGATIVE_INFINITY;
  /** Of the read that goes on, and how many it can have. */
  #bytes = 0;
  #mostBytes = 0;
  /** From where the pipe is filled now to its end. */
  #pipeLeftBytes = PIPE_BYTES;
  #togetherMs: number;

  /** @param beginsAfterMs the head of the answer is dealt with before the first read: what comes meanwhile belongs to it */
  constructor(beginsAfterMs: number) {
    this.#togetherMs = Math.max(beginsAfterMs, TOGETHER_MS);
  }

  /** Of `bytes` that are there at `nowMs`: how many belong to one read, and whether it is the one that was going on. */
  take(bytes: number, nowMs: number): { readonly bytes: number; readonly goesOn: boolean } {
    const together = nowMs - this.#startedAtMs <= this.#togetherMs;
    const goesOn = together && this.#bytes < this.#mostBytes;
    if (!goesOn) {
      if (this.#startedAtMs > Number.NEGATIVE_INFINITY) this.#togetherMs = TOGETHER_MS;
      this.#mostBytes = together ? PIPE_BYTES : FIRST_BYTES;
      this.#startedAtMs = nowMs;
      this.#bytes = 0;
    }
    const taken = Math.min(bytes, this.#mostBytes - this.#bytes, this.#pipeLeftBytes);
    this.#bytes += taken;
    this.#pipeLeftBytes -= taken;
    if (this.#pipeLeftBytes === 0) {
      this.#pipeLeftBytes = PIPE_BYTES;
      this.#mostBytes = this.#bytes;
    }
    return { bytes: taken, goesOn };
  }
}
