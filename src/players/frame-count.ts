/** A jump of frame numbers larger than this is a new publisher, not lost frames. */
const MAX_MISSING = 1800;

/**
 * Counts pictures and those that are missing between them: by the frame numbers of the capture stamps where
 * there are any, else by gaps of more than one and a half frame durations in the timestamps. O(1) memory.
 */
export class FrameCount {
  frames = 0;
  missing = 0;
  /** Whether a picture ever came. */
  sawAny = false;
  #lastNumber: number | undefined;
  #lastDtsMs: number | undefined;

  /** One picture in decoding order. `frameMs` is the usual frame duration as far as it is known. */
  picture(dtsMs: number, frameMs: number, frameNumber: number | undefined): void {
    this.frames += 1;
    this.sawAny = true;
    if (frameNumber !== undefined) {
      if (this.#lastNumber !== undefined) this.#note(frameNumber - this.#lastNumber - 1);
    } else if (this.#lastDtsMs !== undefined && this.#lastNumber === undefined && frameMs > 0) {
      const steps = (dtsMs - this.#lastDtsMs) / frameMs;
      if (steps > 1.5) this.#note(Math.round(steps) - 1);
    }
    this.#lastNumber = frameNumber;
    this.#lastDtsMs = dtsMs;
  }

  /** The player went elsewhere on purpose (seek, reload): what lies between was not dropped by anyone. */
  restart(): void {
    this.#lastNumber = undefined;
    this.#lastDtsMs = undefined;
  }

  /** Takes both counts and starts again from zero. */
  take(): { frames: number; missing: number } {
    const taken = { frames: this.frames, missing: this.missing };
    this.frames = 0;
    this.missing = 0;
    return taken;
  }

  #note(missing: number): void {
    if (missing > 0 && missing <= MAX_MISSING) this.missing += missing;
  }
}
