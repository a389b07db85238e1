/** Whether the platform calls the stream LIVE: an unpublish counts only after a grace (contract 3.5). */
import type { PublisherSink } from './publisher.js';
import type { StageClock } from './stage-clock.js';

export class LiveStatus implements PublisherSink {
  readonly #clock: StageClock;
  readonly #graceMs: () => number;
  readonly #onEnded: () => void;
  #cancelGrace: (() => void) | undefined;
  #live = false;
  #liveSinceEpochMs = 0;

  constructor(clock: StageClock, graceMs: () => number, onEnded: () => void) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#onEnded = onEnded;
  }

  get live(): boolean {
    return this.#live;
  }

  get liveSinceEpochMs(): number {
    return this.#liveSinceEpochMs;
  }

  onPublish(): void {
    this.close();
    if (this.#live) return;
    this.#live = true;
    this.#liveSinceEpochMs = this.#clock.epochMs();
  }

  onUnpublish(): void {
    this.close();
    this.#cancelGrace = this.#clock.after(this.#graceMs(), () => {
      this.#live = false;
      this.#onEnded();
    });
  }

  onUnits(): void {
    // Only the publish itself counts.
  }

  /** Forgets a running grace. */
  close(): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
  }
}
