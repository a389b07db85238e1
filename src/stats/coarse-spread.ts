/** Values within this ratio of each other are one: a percentile is right to 1 %. */
const RATIO = 1.02;
const LOG_RATIO = Math.log(RATIO);

/**
 * A distribution of spans that takes little memory and is right to 1 %: enough for how a figure moves over hours.
 * Adding is exact, so that any order gives the same.
 */
export class CoarseSpread {
  readonly #counts = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `count` samples of `us` microseconds. */
  add(us: number, count: number): void {
    const place = us < 1 ? -1 : Math.floor(Math.log(us) / LOG_RATIO);
    this.#counts.set(place, (this.#counts.get(place) ?? 0) + count);
    this.#count += count;
  }

  addAll(other: CoarseSpread): void {
    for (const [place, count] of other.#counts) {
      this.#counts.set(place, (this.#counts.get(place) ?? 0) + count);
    }
    this.#count += other.#count;
  }

  /** Nearest-rank percentile in ms; undefined when empty. */
  percentileMs(percentile: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil((percentile / 100) * this.#count));
    let seen = 0;
    for (const [place, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return place < 0 ? 0 : Math.exp((place + 0.5) * LOG_RATIO) / 1000;
    }
    return undefined;
  }
}
