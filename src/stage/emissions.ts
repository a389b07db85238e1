/**
 * When media last left for FLV viewers, and when it leaves next: what the record of a planted fault of time says,
 * whichever part of the platform held the media back.
 */
import type { MediaUnit } from './media-unit.js';
import type { StageClock } from './stage-clock.js';

export interface Emission {
  readonly epochMs: number;
  /** Publisher's time of the unit that stood next to the silence. */
  readonly dtsMs: number;
}

export class Emissions {
  readonly #clock: StageClock;
  #last: Emission | undefined;
  #awaiting: ((emission: Emission) => void)[] = [];

  constructor(clock: StageClock) {
    this.#clock = clock;
  }

  /** What left last. */
  get last(): Emission | undefined {
    return this.#last;
  }

  /** Calls back once, at the next units that leave. */
  onNext(fn: (emission: Emission) => void): void {
    this.#awaiting.push(fn);
  }

  /** `units` (not empty) leave now. */
  note(units: readonly MediaUnit[]): void {
    const epochMs = this.#clock.epochMs();
    for (const fn of this.#awaiting.splice(0)) fn({ epochMs, dtsMs: (units[0] as MediaUnit).dtsMs });
    this.#last = { epochMs, dtsMs: (units.at(-1) as MediaUnit).dtsMs };
  }
}
