import type { Cancel, Clock } from '../seams.js';

/** Calls `fn` every `everyMs` from `fromMs` on, as a browser's interval: the grid stays, late calls are not made up for. */
export function every(clock: Clock, fromMs: number, everyMs: number, fn: () => void): Cancel {
  let cancel: Cancel = () => {};
  let dueMs = fromMs;
  const arm = (): void => {
    const nowMs = clock.nowMs();
    dueMs += everyMs;
    if (dueMs <= nowMs) dueMs += Math.ceil((nowMs - dueMs) / everyMs) * everyMs;
    cancel = clock.after(Math.max(0, dueMs - nowMs), () => {
      arm();
      fn();
    });
  };
  arm();
  return () => cancel();
}
