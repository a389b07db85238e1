/** Read side: how much of a span our own event loop was late. */
export interface LagLog {
  /** Milliseconds of `[fromMs, toMs]` in which this worker's event loop was blocked. */
  overlapMs(fromMs: number, toMs: number): number;
}

/** Write side: the worker's probe reports each episode once, when it is over, in order. Run milliseconds. */
export interface LagRecorder extends LagLog {
  add(fromMs: number, toMs: number): void;
}

/** Lag below this at a stall's edge is normal scheduling. */
const TOLERATED_LAG_MS = 30;
/** A stall shorter than this is no rebuffer. */
const REBUFFER_MIN_MS = 100;
/** Where lag can have made a stall begin: media that came in this span before it was stamped late. */
const BEFORE_START_MS = 50;
const AFTER_START_MS = 100;

/** Bounded log of the worker's own event-loop lag; the oldest episodes are forgotten. */
export function createLagLog(capacity = 1024): LagRecorder {
  const from = new Float64Array(capacity);
  const to = new Float64Array(capacity);
  let added = 0;
  const newestTo = (): number => (added === 0 ? Number.NEGATIVE_INFINITY : (to[(added - 1) % capacity] ?? 0));
  return {
    add(fromMs, toMs) {
      // Episodes must not overlap each other, else one millisecond would count twice.
      const begin = Math.max(fromMs, newestTo());
      if (!(toMs > begin) || !Number.isFinite(begin) || !Number.isFinite(toMs)) return;
      from[added % capacity] = begin;
      to[added % capacity] = toMs;
      added += 1;
    },
    overlapMs(fromMs, toMs) {
      let overlap = 0;
      const kept = Math.min(added, capacity);
      for (let back = 1; back <= kept; back++) {
        const index = (added - back) % capacity;
        const end = to[index] ?? 0;
        if (end <= fromMs) break;
        overlap += Math.max(0, Math.min(end, toMs) - Math.max(from[index] ?? 0, fromMs));
      }
      return overlap;
    },
  };
}

/** What of a rebuffer our own lag may have made. */
export interface Taint {
  /** The rebuffer may not have been one at all. */
  readonly doubtful: boolean;
  /** How much of its length is in doubt. */
  readonly doubtMs: number;
}

const CLEAN: Taint = { doubtful: false, doubtMs: 0 };

/**
 * Judges one rebuffer against our own lag.
 *
 * | lag > 30 ms                      | in doubt                                                        |
 * |----------------------------------|-----------------------------------------------------------------|
 * | around its start                 | all of it: a stall may grow far beyond the lag that began it    |
 * | later                            | the lag's share; its being a rebuffer only if < 100 ms are left |
 * | none                             | nothing                                                         |
 *
 * In doubt is not dropped: the gate judges with and without it (lag.test.ts repeats the table).
 */
export function taintOf(lag: LagLog, startedAtMs: number, durationMs: number): Taint {
  const atStartMs = lag.overlapMs(startedAtMs - BEFORE_START_MS, startedAtMs + AFTER_START_MS);
  if (atStartMs > TOLERATED_LAG_MS) return { doubtful: true, doubtMs: durationMs };
  const withinMs = lag.overlapMs(startedAtMs, startedAtMs + durationMs);
  if (withinMs <= TOLERATED_LAG_MS) return CLEAN;
  return { doubtful: durationMs - withinMs < REBUFFER_MIN_MS, doubtMs: withinMs };
}
