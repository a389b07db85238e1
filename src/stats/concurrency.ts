/** How far back a second may still be completed by a slower worker. */
const WINDOW_S = 300;

/**
 * The most viewers there were at once: the maximum over seconds of the sum over workers, in memory that does not
 * grow. Any order of adding gives the same within the window.
 */
export class Concurrency {
  readonly #seconds = new Map<number, Map<string, number>>();
  #newestS = Number.NEGATIVE_INFINITY;
  #settledMax = 0;

  /** `value` viewers at worker `who` at run time `atMs`. */
  add(who: string, atMs: number, value: number): void {
    const second = Math.floor(atMs / 1000);
    if (second <= this.#newestS - WINDOW_S) return;
    const workers = this.#seconds.get(second) ?? new Map<string, number>();
    workers.set(who, Math.max(value, workers.get(who) ?? 0));
    this.#seconds.set(second, workers);
    if (second <= this.#newestS) return;
    this.#newestS = second;
    for (const [old, values] of this.#seconds) {
      if (old > second - WINDOW_S) continue;
      this.#settledMax = Math.max(this.#settledMax, sum(values));
      this.#seconds.delete(old);
    }
  }

  get max(): number {
    let max = this.#settledMax;
    for (const values of this.#seconds.values()) max = Math.max(max, sum(values));
    return max;
  }
}

function sum(values: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const value of values.values()) total += value;
  return total;
}
