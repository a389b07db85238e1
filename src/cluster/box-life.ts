import type { BoxNews } from './box.js';

/** From one sign of life of a box to the next. */
export const BEAT_EVERY_MS = 1000;
/** An entry of a beat expires after so long: whoever sees none knows that five beats are missing. */
export const BEAT_TTL_MS = 5000;
/** Two beats are missing, and the third is due. */
const LATE_AFTER_MS = 2500;
/** How often somebody should look, ms. */
export const LOOK_EVERY_MS = 500;
/** We looked so late that we stood still ourselves: nothing can be said of anybody's silence. */
const STOOD_STILL_MS = 1500;

export type LifeState = 'here' | 'late' | 'lost';

/**
 * Whether a box lives, from its beats. Silence counts only while we could have heard: not while this end is cut off
 * from the broker, and not for a time in which this process itself stood still.
 *
 * A box whose process was stopped and goes on is lost and then back: its process and its viewers are the same. That
 * they stood still meanwhile is in its ticks, as the lateness of its event loops.
 */
export class BoxLife {
  readonly #epoch: string;
  #heardAtMs: number;
  #lookedAtMs: number;
  #state: LifeState = 'here';
  #forGood = false;

  /** @param isLost it was lost before somebody began to look */
  constructor(epoch: string, nowMs: number, isLost = false) {
    this.#epoch = epoch;
    if (isLost) this.#state = 'lost';
    this.#heardAtMs = nowMs;
    this.#lookedAtMs = nowMs;
  }

  get state(): LifeState {
    return this.#state;
  }

  /** Its viewers are gone: nothing brings it back. */
  get isForGood(): boolean {
    return this.#forGood;
  }

  /** A beat came. */
  beat(
    { epoch, gaveUp }: { readonly epoch: string; readonly gaveUp?: string | undefined },
    nowMs: number,
  ): BoxNews | undefined {
    if (this.#forGood) return undefined;
    if (epoch !== this.#epoch) return this.replaced();
    if (gaveUp !== undefined) return this.#gone(gaveUp);
    const silentMs = nowMs - this.#heardAtMs;
    this.#heardAtMs = nowMs;
    if (this.#state === 'here') return undefined;
    this.#state = 'here';
    return { state: 'back', reason: `it gives signs again, ${seconds(silentMs)} after the last one` };
  }

  /** There is another process in its place. */
  replaced(): BoxNews | undefined {
    return this.givenUp('it came back as another process: its viewers are gone');
  }

  /** Nobody counts on it any more. */
  givenUp(reason: string): BoxNews | undefined {
    return this.#forGood ? undefined : this.#gone(reason);
  }

  /** Time has passed. `isUp`: this end can hear now. */
  look(nowMs: number, isUp: boolean): BoxNews | undefined {
    const stoodStill = nowMs - this.#lookedAtMs > STOOD_STILL_MS;
    this.#lookedAtMs = nowMs;
    if (this.#forGood || this.#state === 'lost') return undefined;
    if (!isUp || stoodStill) {
      this.#heardAtMs = nowMs;
      return undefined;
    }
    const silentMs = nowMs - this.#heardAtMs;
    if (silentMs > BEAT_TTL_MS) {
      this.#state = 'lost';
      return { state: 'lost', reason: `no sign of life for ${seconds(silentMs)}` };
    }
    if (silentMs > LATE_AFTER_MS && this.#state === 'here') {
      this.#state = 'late';
      return { state: 'late', reason: `no sign of life for ${seconds(silentMs)}` };
    }
    return undefined;
  }

  #gone(reason: string): BoxNews {
    this.#forGood = true;
    this.#state = 'lost';
    return { state: 'lost', reason };
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
