/** The origin's time: CLOCK_MONOTONIC, which every process of this machine shares, and the wall clock. */
export interface OriginClock {
  /** Milliseconds with fractions. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch, with fractions. */
  epochMs(): number;
  /** Calls `fn` once after `delayMs` (>= 0); the returned function cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

export const originClock: OriginClock = {
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  epochMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
};
