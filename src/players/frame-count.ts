import type { CaptureSource } from '../events.js';

/** Pictures by where their capture time is from; `unknown` = nothing tells. */
export type FramesBySource = Partial<Record<CaptureSource | 'unknown', number>>;

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
  #bySource: FramesBySource = {};
  /** Of the last keyframe, if its source speaks on keyframes only: it holds for the pictures up to the next. */
  #keyframeSource: CaptureSource | undefined;

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

  /** Where the capture time of the picture just counted is from: its own bytes, or failing that `otherwise`. */
  sourced(source: CaptureSource | undefined, keyframe: boolean, otherwise?: CaptureSource): void {
    if (keyframe) this.#keyframeSource = source === 'obs' ? source : undefined;
    const from = source ?? this.#keyframeSource ?? otherwise ?? 'unknown';
    this.#bySource[from] = (this.#bySource[from] ?? 0) + 1;
  }

  /** The player went elsewhere on purpose (seek, reload): what lies between was not dropped by anyone. */
  restart(): void {
    this.#lastNumber = undefined;
    this.#lastDtsMs = undefined;
    this.#keyframeSource = undefined;
  }

  /** Takes all counts and starts again from zero. */
  take(): { frames: number; missing: number; bySource: FramesBySource } {
    const taken = { frames: this.frames, missing: this.missing, bySource: this.#bySource };
    this.#bySource = {};
    this.frames = 0;
    this.missing = 0;
    return taken;
  }

  #note(missing: number): void {
    if (missing > 0 && missing <= MAX_MISSING) this.missing += missing;
  }
}
