/** A difference between two tags' times beyond which SRS no longer believes it, ms. */
const MAX_JITTER_MS = 250;
/** What it then puts in its place, ms. */
const DEFAULT_FRAME_MS = 10;

/**
 * One viewer's own time, as SRS computes it with `time_jitter full`: it starts near 0, goes on by the difference
 * to the tag before, and a difference outside of +-250 ms becomes 10 ms. So the first media tag of a stream that
 * has run for a while stands at 10 ms. Pure.
 */
export class FlvJitter {
  #lastSourceMs = 0;
  #lastMs = 0;

  /** Viewer's time of a tag whose publisher time is `sourceMs`. */
  correct(sourceMs: number): number {
    let delta = sourceMs - this.#lastSourceMs;
    if (delta < -MAX_JITTER_MS || delta > MAX_JITTER_MS) delta = DEFAULT_FRAME_MS;
    this.#lastSourceMs = sourceMs;
    this.#lastMs = Math.max(0, this.#lastMs + delta);
    return this.#lastMs;
  }
}
