import type { Cancel, Clock } from '../seams.js';

/** Something that wants to be called about once a second. */
export interface Sampled {
  sample(nowMs: number): void;
}

const SLOTS = 20;
const SLOT_MS = 50;

/**
 * Samples every member once a second, a twentieth of them every 50 ms: all at once would hold up the event loop
 * and so make the lag that it is there to see through.
 */
export class SampleWheel {
  readonly #slots: Set<Sampled>[] = Array.from({ length: SLOTS }, () => new Set());
  readonly #clock: Clock;
  #next = 0;
  #dueMs: number;
  #turn = 0;
  #cancel: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#dueMs = clock.nowMs() + SLOT_MS;
    this.#arm();
  }

  /** The returned function takes it out again. */
  add(member: Sampled): () => void {
    const slot = this.#slots[this.#next++ % SLOTS];
    slot?.add(member);
    return () => void slot?.delete(member);
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(Math.max(0, this.#dueMs - this.#clock.nowMs()), () => {
      const nowMs = this.#clock.nowMs();
      // After a hold-up the missed slots are made up for, but never a whole turn twice.
      for (let i = 0; i < SLOTS && this.#dueMs <= nowMs; i++) {
        for (const member of this.#slots[this.#turn++ % SLOTS] ?? []) member.sample(nowMs);
        this.#dueMs += SLOT_MS;
      }
      if (this.#dueMs <= nowMs) this.#dueMs = nowMs + SLOT_MS;
      this.#arm();
    });
  }
}
