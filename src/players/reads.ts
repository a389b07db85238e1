/**
 * What a browser's network has passed on when the page is told that bytes came; by the time the page has dealt with
 * them all the rest of a burst is there. Measured in Chromium, whose worker reads 56, 63 and 38 KiB in one piece and
 * 370 KiB in two.
 */
const FIRST_BYTES = 65_536;
/** What waits for the page at most: the pipe between Chromium's network and the page. */
const MOST_BYTES = 524_288;
/** Pieces this close came together: chunks of one TCP segment are one read in a browser. */
const TOGETHER_MS = 2;

/**
 * How a browser cuts a body that streams in: pieces that arrive together are one read, or two when they are many,
 * however the server chunked them. Counts only, holds nothing.
 */
export class Reads {
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #mostBytes = 0;

  /** Of `bytes` that are there at `nowMs`: how many belong to one read, and whether it is the one that was going on. */
  take(bytes: number, nowMs: number): { readonly bytes: number; readonly goesOn: boolean } {
    const together = nowMs - this.#startedAtMs <= TOGETHER_MS;
    const goesOn = together && this.#bytes < this.#mostBytes;
    if (!goesOn) {
      this.#mostBytes = together ? MOST_BYTES : FIRST_BYTES;
      this.#startedAtMs = nowMs;
      this.#bytes = 0;
    }
    const taken = Math.min(bytes, this.#mostBytes - this.#bytes);
    this.#bytes += taken;
    return { bytes: taken, goesOn };
  }
}
