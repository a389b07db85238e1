import type { Values } from './reading.js';

/** What cumulative numbers have grown by since they were last seen. */
export interface Growth {
  /** Absent at the first sight, and when the numbers began anew. */
  readonly by?: Values;
  /** ms since the last sight; absent at the first. */
  readonly spanMs?: number;
  readonly restarted: boolean;
}

/**
 * Remembers cumulative numbers of one source. One that is lower than before has begun anew, and then all have: what
 * was counted before the restart is not known, so that no growth is told rather than a part of it.
 */
export class Deltas {
  #last: { readonly values: Values; readonly atMs: number } | undefined;

  take(values: Values, atMs: number): Growth {
    const last = this.#last;
    this.#last = { values, atMs };
    if (last === undefined) return { restarted: false };
    const spanMs = atMs - last.atMs;
    const by: Record<string, number> = {};
    for (const [name, value] of Object.entries(values)) {
      const before = last.values[name];
      if (before === undefined) continue;
      if (value < before) return { restarted: true, spanMs };
      by[name] = value - before;
    }
    return { by, spanMs, restarted: false };
  }
}
