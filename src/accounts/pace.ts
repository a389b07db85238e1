import type { Clock } from '../seams.js';

const FIRST_BACK_OFF_MS = 1000;
const LONGEST_BACK_OFF_MS = 30_000;

/** Keeps what several lanes send within what a platform's limits let through. */
export interface Pace {
  /** Resolves when the next request may go, or nobody is to go any more. */
  turn(): Promise<void>;
  /** A request met a limit: nobody goes for a while, twice as long each time in a row. */
  limited(): void;
  /** A request went through. */
  passed(): void;
}

/**
 * @param everyMs least time between two turns; 0 = none
 * @param over resolves when nobody is to wait any more
 */
export function createPace(clock: Clock, everyMs: number, over: Promise<unknown>): Pace {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  let nextAtMs = clock.nowMs();
  let backOffMs = 0;
  return {
    async turn() {
      for (;;) {
        const waitMs = nextAtMs - clock.nowMs();
        if (waitMs <= 0 || isOver) break;
        let cancel = (): void => {};
        const waited = new Promise<void>((resolve) => {
          cancel = clock.after(waitMs, resolve);
        });
        await Promise.race([waited, over]);
        cancel();
      }
      nextAtMs = clock.nowMs() + everyMs;
    },
    limited() {
      // Others that were under way meet the same limit: one pause for all of them.
      if (backOffMs > 0 && nextAtMs - clock.nowMs() > everyMs) return;
      backOffMs = Math.min(LONGEST_BACK_OFF_MS, backOffMs === 0 ? FIRST_BACK_OFF_MS : backOffMs * 2);
      nextAtMs = clock.nowMs() + backOffMs;
    },
    passed() {
      backOffMs = 0;
    },
  };
}
