import type { CaptureSource } from '../events.js';

/** Pictures by where their capture time is from; `unknown` = nothing tells. */
export type FramesBySource = Partial<Record<CaptureSource | 'unknown', number>>;

/** A jump of frame numbers larger than this is a new publisher, not lost frames. */
const MAX_MISSING = 1800;
/** A step longer than this many usual ones leaves room for a picture that is not there. */
const GAP_STEPS = 1.5;
/** The usual step is the mean of so many, but for those that are nearly twice the middle one. */
const STEPS = 16;
const OUTLIER_STEPS = 1.8;
/** Before so many steps nobody knows which step is usual. */
const LEAST_STEPS = 8;

/** What was counted since the last time it was asked. */
export interface TakenFrames {
  readonly frames: number;
  /** The larger of the two below. */
  readonly missing: number;
  /** Gaps in the frame numbers of the capture stamps; undefined = no picture had one. */
  readonly missingByNumber: number | undefined;
  /** Gaps in the timestamps. */
  readonly missingByTime: number;
  readonly bySource: FramesBySource;
}

/**
 * Counts pictures and those that are missing between them, twice: by the frame numbers of the capture stamps, where
 * there are any, and by steps of the timestamps that are longer than one and a half usual ones. Frames that were lost
 * leave both gaps; a server that closes the gaps of the timestamps shows in the numbers only, and what was lost before
 * it was numbered, or timestamps that leap, show in the timestamps only. O(1) memory.
 */
export class FrameCount {
  frames = 0;
  /** Whether a picture ever came. */
  sawAny = false;
  #byNumber = 0;
  #numbered = false;
  #byTime = 0;
  #lastNumber: number | undefined;
  #lastDtsMs: number | undefined;
  readonly #stepsMs = new Float64Array(STEPS);
  #steps = 0;
  #usualMs = 0;
  #bySource: FramesBySource = {};
  /** Of the last keyframe, if its source speaks on keyframes only: it holds for the pictures up to the next. */
  #keyframeSource: CaptureSource | undefined;

  /** One picture in decoding order. */
  picture(dtsMs: number, frameNumber: number | undefined): void {
    this.frames += 1;
    this.sawAny = true;
    if (frameNumber !== undefined) {
      this.#numbered = true;
      if (this.#lastNumber !== undefined) this.#byNumber += missingIn(frameNumber - this.#lastNumber);
    }
    if (this.#lastDtsMs !== undefined) this.#step(dtsMs - this.#lastDtsMs);
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
  take(): TakenFrames {
    const taken: TakenFrames = {
      frames: this.frames,
      missing: Math.max(this.#byNumber, this.#byTime),
      missingByNumber: this.#numbered ? this.#byNumber : undefined,
      missingByTime: this.#byTime,
      bySource: this.#bySource,
    };
    this.#bySource = {};
    this.frames = 0;
    this.#byNumber = 0;
    this.#numbered = false;
    this.#byTime = 0;
    return taken;
  }

  #step(stepMs: number): void {
    if (stepMs <= 0) return;
    if (this.#usualMs > 0 && stepMs > GAP_STEPS * this.#usualMs)
      this.#byTime += missingIn(Math.round(stepMs / this.#usualMs));
    this.#stepsMs[this.#steps % STEPS] = stepMs;
    this.#steps += 1;
    if (this.#steps % LEAST_STEPS === 0)
      this.#usualMs = usualOf(this.#stepsMs.subarray(0, Math.min(this.#steps, STEPS)));
  }
}

/** How many are not there between two that are `steps` apart. */
function missingIn(steps: number): number {
  return steps > 1 && steps - 1 <= MAX_MISSING ? steps - 1 : 0;
}

/** Not the middle one itself: a camera that makes 33, 33, 50 ms in turn loses nothing. */
function usualOf(stepsMs: Float64Array): number {
  const middleMs = stepsMs.slice().sort()[(stepsMs.length - 1) >> 1] ?? 0;
  let sumMs = 0;
  let count = 0;
  for (const stepMs of stepsMs) {
    if (stepMs > OUTLIER_STEPS * middleMs) continue;
    sumMs += stepMs;
    count += 1;
  }
  return sumMs / count;
}
