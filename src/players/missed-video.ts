/** A stretch of video as it was appended: real pictures cover from..`shownToMs`. Media milliseconds. */
export interface VideoStretch {
  readonly fromMs: number;
  toMs: number;
  shownToMs: number;
  frames: number;
}

/** Beyond this many stretches the oldest goes. */
const CAPACITY = 16;
/** Stretches this close are one. */
const TOUCH_MS = 1;

/**
 * Video that the element has but the decoder does not find, since it begins behind a hole: it waits there until somebody
 * seeks. Bounded memory.
 */
export class MissedVideo {
  readonly #stretches: VideoStretch[] = [];

  /** All of it, in the order of arrival. */
  get stretches(): readonly VideoStretch[] {
    return this.#stretches;
  }

  /** End of what came last; undefined before anything came. */
  get lastMs(): number | undefined {
    return this.#stretches.at(-1)?.toMs;
  }

  append(fromMs: number, toMs: number, shownToMs: number, frames: number): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && fromMs - last.toMs <= TOUCH_MS && last.shownToMs >= last.toMs) {
      last.toMs = toMs;
      last.shownToMs = shownToMs;
      last.frames += frames;
      return;
    }
    this.#stretches.push({ fromMs, toMs, shownToMs, frames });
    if (this.#stretches.length > CAPACITY) this.#stretches.shift();
  }
}
