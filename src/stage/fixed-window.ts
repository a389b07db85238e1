/**
 * How often something happened in a fixed window that starts at the first event. Pure: time is an argument.
 */
export class FixedWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  #startMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Counts one event; false when it is over the limit. */
  take(nowMs: number): boolean {
    if (nowMs - this.#startMs >= this.#windowMs) {
      this.#startMs = nowMs;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= this.#limit;
  }

  get remaining(): number {
    return Math.max(0, this.#limit - this.#count);
  }

  /** Seconds until the window ends, rounded up, at least 1. */
  resetSeconds(nowMs: number): number {
    return Math.max(1, Math.ceil((this.#startMs + this.#windowMs - nowMs) / 1000));
  }

  isOver(nowMs: number): boolean {
    return nowMs - this.#startMs >= this.#windowMs;
  }
}
