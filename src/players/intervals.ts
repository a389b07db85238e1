/**
 * A page holds half a minute of media ahead of the playhead, and keeps 20 s behind it: with five holes in each second
 * none of what is still to be played may go.
 */
const CAPACITY = 256;

/**
 * A short sorted list of media intervals in milliseconds, as a browser's `TimeRanges`. Intervals closer than
 * the tolerance are one. Bounded: beyond `capacity` the oldest goes, so it never grows with time.
 */
export class Intervals {
  readonly #toleranceMs: number;
  readonly #leadMs: number;
  readonly #capacity: number;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /**
   * @param toleranceMs intervals this close are one
   * @param leadMs a position this far before an interval counts as inside it
   */
  constructor(toleranceMs: number, leadMs = toleranceMs, capacity = CAPACITY) {
    this.#toleranceMs = toleranceMs;
    this.#leadMs = leadMs;
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Start of the first interval, undefined when empty. */
  get firstMs(): number | undefined {
    return this.#starts[0];
  }

  /** End of the last interval, undefined when empty. */
  get lastMs(): number | undefined {
    return this.#ends[this.#ends.length - 1];
  }

  clear(): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
  }

  add(fromMs: number, toMs: number): void {
    if (!(toMs > fromMs)) return;
    const last = this.#ends.length - 1;
    // The common case, many times a second: the newest interval grows at its end.
    if (
      last >= 0 &&
      fromMs >= (this.#starts[last] as number) &&
      fromMs <= (this.#ends[last] as number) + this.#toleranceMs
    ) {
      if (toMs > (this.#ends[last] as number)) this.#ends[last] = toMs;
      return;
    }
    this.#insert(fromMs, toMs);
  }

  #insert(fromMs: number, toMs: number): void {
    let start = fromMs;
    let end = toMs;
    let at = 0;
    while (at < this.#starts.length && (this.#ends[at] as number) + this.#toleranceMs < start) at++;
    let past = at;
    while (past < this.#starts.length && (this.#starts[past] as number) <= end + this.#toleranceMs) {
      start = Math.min(start, this.#starts[past] as number);
      end = Math.max(end, this.#ends[past] as number);
      past++;
    }
    this.#starts.splice(at, past - at, start);
    this.#ends.splice(at, past - at, end);
    if (this.#starts.length > this.#capacity) {
      this.#starts.shift();
      this.#ends.shift();
    }
  }

  /** Takes fromMs..toMs away. */
  remove(fromMs: number, toMs: number): void {
    if (!(toMs > fromMs)) return;
    for (let i = this.#starts.length - 1; i >= 0; i--) {
      const start = this.#starts[i] as number;
      const end = this.#ends[i] as number;
      if (end <= fromMs || start >= toMs) continue;
      const left = start < fromMs ? [[start, fromMs] as const] : [];
      const right = end > toMs ? [[toMs, end] as const] : [];
      const rest = [...left, ...right];
      this.#starts.splice(i, 1, ...rest.map(([from]) => from));
      this.#ends.splice(i, 1, ...rest.map(([, to]) => to));
    }
  }

  /** Drops what lies wholly before `ms`. */
  trimBefore(ms: number): void {
    while (this.#ends.length > 1 && (this.#ends[0] as number) < ms) {
      this.#starts.shift();
      this.#ends.shift();
    }
  }

  /** End of the interval that holds `ms` (within the lead before its start), or `ms` itself when none does. */
  endFrom(ms: number): number {
    const at = this.#lastFrom(ms + this.#leadMs);
    return at < 0 ? ms : Math.max(ms, this.#ends[at] as number);
  }

  /** Start of the first interval that begins after `ms`, undefined when there is none. */
  nextStart(ms: number): number | undefined {
    return this.#starts[this.#lastFrom(ms) + 1];
  }

  /** Smallest covered position at or after `ms`, undefined when there is none. */
  coveredFrom(ms: number): number | undefined {
    return this.endFrom(ms) > ms ? ms : this.nextStart(ms);
  }

  /** Largest covered position at or before `ms`, undefined when there is none. */
  coveredUpTo(ms: number): number | undefined {
    const at = this.#lastFrom(ms);
    return at < 0 ? undefined : Math.min(ms, this.#ends[at] as number);
  }

  /** The last interval that begins at or before `ms`, or -1. */
  #lastFrom(ms: number): number {
    let high = this.#starts.length - 1;
    // The common case: a position in the newest interval.
    if (high < 0 || (this.#starts[high] as number) <= ms) return high;
    let low = -1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) <= ms) low = middle;
      else high = middle;
    }
    return low;
  }
}
