/** The stage's own time: wall clock in ms with fractions, monotonic within the process, and one timer call. */
export interface StageClock {
  epochMs(): number;
  /** Calls `fn` once after `delayMs` (>= 0); the returned function cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

export const stageClock: StageClock = {
  epochMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
};
