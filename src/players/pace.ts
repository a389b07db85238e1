/** A stretch between two pictures, in milliseconds of whatever clock the pace's owner uses. */
export interface PictureGap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Who is told when the judgement on a stretch changes: the picture before it is shown all the time, or stands. */
export interface PaceSink {
  show(gap: PictureGap): void;
  hide(gap: PictureGap): void;
}

interface Judged extends PictureGap {
  readonly stepMs: number;
  readonly shown: boolean;
}

/** Steps up to this are ordinary at any rate: 10 pictures a second. */
export const ORDINARY_STEP_MS = 100;
/** So many long steps in a row are no holes: the stream is slow. */
const LEAST_ROW = 3;
/** The middle one of the last few is the usual step. */
const MOST_ROW = 5;
/** A slow stream's picture stands when the next one is more than this many usual steps away. */
export const STANDS_AFTER_STEPS = 3;
/** So many ordinary steps in a row, and the stream is slow no more. */
const ORDINARY_ROW = 3;

/**
 * The pace of a stream of fewer than 10 pictures a second, where a long step from one picture to the next is no hole
 * but the usual one. A long step stands alone in any faster stream, so that three in a row are needed; the two before
 * the third are judged again then. A stream that has not shown a single ordinary step is taken as slow from its first
 * step on, until it shows one. Holes of a slow stream are longer than three of its usual steps. O(1), bounded.
 */
export class Pace {
  readonly #sink: PaceSink;
  /** Lengths of the last long steps in a row. */
  #row: readonly number[] = [];
  /** While the row is too short to be sure. */
  #judged: readonly Judged[] = [];
  #sawOrdinary = false;
  #ordinaryRow = 0;

  constructor(sink: PaceSink) {
    this.#sink = sink;
  }

  /** The usual step of a stream that is slow for sure, else undefined. */
  get usualMs(): number | undefined {
    return this.#row.length < LEAST_ROW ? undefined : middleOf(this.#row);
  }

  /** The same of a stream that is taken as slow, be it for want of any ordinary step. */
  get likelyMs(): number | undefined {
    return this.#row.length > 0 && !this.#sawOrdinary ? middleOf(this.#row) : this.usualMs;
  }

  /** An ordinary step came. */
  ordinary(): void {
    this.#sawOrdinary = true;
    if (this.#row.length === 0) return;
    this.#ordinaryRow += 1;
    if (this.#row.length >= LEAST_ROW && this.#ordinaryRow < ORDINARY_ROW) return;
    this.#takeBack();
  }

  /** The clock went back: no row that is still in doubt goes on over that. */
  interrupt(): void {
    if (this.#row.length < LEAST_ROW) this.#takeBack();
  }

  /** What comes now is on another clock, or not next: of a row in doubt nothing more will be known. */
  leave(): void {
    if (this.#row.length < LEAST_ROW) this.#forget();
  }

  /**
   * A long step came; `gap` is the stretch that is shown only if the step is no hole. Returns whether it is one, as far
   * as is known: a stretch of a stream that is not slow for sure may be told to the sink, now or later.
   */
  long(stepMs: number, gap: PictureGap): 'usual' | 'hole' {
    this.#ordinaryRow = 0;
    this.#row = [...this.#row, stepMs].slice(-MOST_ROW);
    const mostMs = STANDS_AFTER_STEPS * middleOf(this.#row);
    if (this.#row.length < LEAST_ROW) {
      const shown = !this.#sawOrdinary && stepMs <= mostMs;
      if (shown) this.#sink.show(gap);
      this.#judged = [...this.#judged, { ...gap, stepMs, shown }];
      return 'hole';
    }
    for (const judged of this.#judged) {
      if (judged.shown === judged.stepMs <= mostMs) continue;
      if (judged.shown) this.#sink.hide(judged);
      else this.#sink.show(judged);
    }
    this.#judged = [];
    return stepMs <= mostMs ? 'usual' : 'hole';
  }

  /** All that is remembered, to come back to it. */
  save(): () => void {
    const row = this.#row;
    const judged = this.#judged;
    const sawOrdinary = this.#sawOrdinary;
    const ordinaryRow = this.#ordinaryRow;
    return () => {
      this.#row = row;
      this.#judged = judged;
      this.#sawOrdinary = sawOrdinary;
      this.#ordinaryRow = ordinaryRow;
    };
  }

  #takeBack(): void {
    for (const judged of this.#judged) if (judged.shown) this.#sink.hide(judged);
    this.#forget();
  }

  #forget(): void {
    this.#row = [];
    this.#judged = [];
    this.#ordinaryRow = 0;
  }
}

/** The lower one of two in the middle: a hole counts as little as it can. */
function middleOf(steps: readonly number[]): number {
  return [...steps].sort((a, b) => a - b)[(steps.length - 1) >> 1] as number;
}
