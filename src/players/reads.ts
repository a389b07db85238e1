/** What a browser's network hands to a page in one piece at most; measured in Chromium. */
const MOST_BYTES = 32_768;
/** Pieces this close came together: chunks of one TCP segment are one read in a browser. */
const TOGETHER_MS = 2;

/**
 * How a browser cuts a body that streams in: pieces that arrive together are one read of up to 32 KiB, however
 * the server chunked them. Counts only, holds nothing.
 */
export class Reads {
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  /** Of `bytes` that are there at `nowMs`: how many belong to one read, and whether it is the one that was going on. */
  take(bytes: number, nowMs: number): { readonly bytes: number; readonly goesOn: boolean } {
    const goesOn = nowMs - this.#startedAtMs <= TOGETHER_MS && this.#bytes < MOST_BYTES;
    if (!goesOn) {
      this.#startedAtMs = nowMs;
      this.#bytes = 0;
    }
    const taken = Math.min(bytes, MOST_BYTES - this.#bytes);
    this.#bytes += taken;
    return { bytes: taken, goesOn };
  }
}
