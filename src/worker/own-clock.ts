import { uncertaintyAt } from '../clock/clock-state.js';
import type { OwnClock } from '../protocol.js';
import type { LedClock } from '../seams-node.js';

/**
 * Lets a thread's wall clock read the run's clock, the coordinator's, which its box compares with its own as the run
 * goes: what is compared between boxes (when a message was sent, when a picture was made) is then on one clock.
 */
export class OwnClockFollower {
  readonly #clock: LedClock;
  #told: { readonly uncertaintyMs: number; readonly atEpochMs: number } | undefined;

  /** @param ownClock absent = this machine's clock is the run's */
  constructor(clock: LedClock, ownClock?: OwnClock) {
    this.#clock = clock;
    if (ownClock !== undefined) this.set(ownClock);
  }

  set({ offsetMs, uncertaintyMs }: OwnClock): void {
    this.#clock.follow(offsetMs);
    this.#told = { uncertaintyMs, atEpochMs: this.#clock.epochMs() };
  }

  /** Greatest error of the thread's wall clock now, ms; 0 = it is the run's own. */
  errorMs(): number {
    if (this.#told === undefined) return 0;
    return uncertaintyAt({ ...this.#told, offsetMs: 0 }, this.#clock.epochMs());
  }
}
