const MINUTE_MS = 60_000;
/** Lines are at least a second apart. */
const MAX_PARTS = 120;

/** Counts of the last minute that was seen, bounded. */
export class MinuteCount {
  #parts: { readonly atMs: number; readonly count: number; readonly spanMs: number }[] = [];

  /** Takes what grew within `spanMs`; gives the growth per minute. One that covers more than a minute counts by its share. */
  add(count: number, spanMs: number | undefined, atMs: number): number {
    this.#parts.push({ atMs, count, spanMs: spanMs ?? 0 });
    this.#parts = this.#parts.filter((part) => part.atMs > atMs - MINUTE_MS).slice(-MAX_PARTS);
    const sum = this.#parts.reduce((total, part) => total + part.count, 0);
    const seenMs = this.#parts.reduce((total, part) => total + part.spanMs, 0);
    return (sum * MINUTE_MS) / Math.max(MINUTE_MS, seenMs);
  }
}
