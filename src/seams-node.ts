import type { Cancel, Clock } from './seams.js';

/**
 * The real time of a worker. HTTP and sockets have their real versions in net/; this file holds the clock,
 * the one seam that every other real seam needs.
 */

/** The real clock, with what the generator needs to judge its own clock. */
export interface NodeClock extends Clock {
  /**
   * How far the wall clock has been stepped (by NTP or by hand) since this clock was made, in ms; about 0 as
   * long as nobody touches it, resolution about 1 ms. `nowMs` and `epochMs` do not follow a step: a run whose
   * wall clock jumped has capture times and latencies on two clocks, and its caller must say so.
   */
  clockJumpMs(): number;
}

/** One whose wall clock can be led. */
export interface LedClock extends NodeClock {
  /** From now on `epochMs` reads another clock, which is so many ms ahead of this machine's. `nowMs` stays as it is. */
  follow(aheadMs: number): void;
}

/** What the clock reads from the machine; replaced in tests only. */
export interface TimeSources {
  /** Wall clock, whole ms since the Unix epoch. */
  wallEpochMs(): number;
  /** Never goes back; ms since the Unix epoch as it was when the process started, with fractions. */
  monotonicEpochMs(): number;
}

const NODE_TIME: TimeSources = {
  wallEpochMs: () => Date.now(),
  // timeOrigin is the process's, the same in every worker thread, so all threads share one clock.
  monotonicEpochMs: () => performance.timeOrigin + performance.now(),
};

/** setTimeout fires at once beyond this; longer waits are re-armed. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * A clock that reads 0 at `runStartEpochMs` (ms since the Unix epoch, may lie ahead: `nowMs` is negative until
 * then). All threads of a process that are given the same start agree to a few microseconds.
 *
 * `after` never calls early: Node's timers count in whole ms from a cached time and may be, so it re-arms.
 * Throws RangeError for a delay that is not a number.
 */
export function createClock(runStartEpochMs: number, time: TimeSources = NODE_TIME): LedClock {
  if (!Number.isFinite(runStartEpochMs)) throw new RangeError(`run start is ${runStartEpochMs}`);
  const baseOffsetMs = wallOffsetMs(time);
  const nowMs = (): number => time.monotonicEpochMs() - runStartEpochMs;
  let aheadMs = 0;
  return {
    nowMs,
    epochMs: () => time.monotonicEpochMs() + aheadMs,
    after: (delayMs, fn) => schedule(nowMs, delayMs, fn),
    clockJumpMs: () => wallOffsetMs(time) - baseOffsetMs,
    follow(ms) {
      aheadMs = ms;
    },
  };
}

function schedule(nowMs: () => number, delayMs: number, fn: () => void): Cancel {
  if (Number.isNaN(delayMs)) throw new RangeError('delay is not a number');
  const dueAtMs = nowMs() + Math.max(0, delayMs);
  let timer: NodeJS.Timeout;
  const arm = (remainingMs: number): void => {
    timer = setTimeout(fire, Math.min(Math.ceil(remainingMs), MAX_TIMEOUT_MS));
  };
  const fire = (): void => {
    const remainingMs = dueAtMs - nowMs();
    if (remainingMs > 0) arm(remainingMs);
    else fn();
  };
  arm(Math.max(0, delayMs));
  return () => clearTimeout(timer);
}

/**
 * Wall clock minus monotonic clock. The wall clock shows whole ms and the thread may be held up between the
 * two readings; both make the difference too small, so the largest of a few readings is the best one.
 */
function wallOffsetMs(time: TimeSources): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 8; i++) {
    const wall = time.wallEpochMs();
    best = Math.max(best, wall - time.monotonicEpochMs());
  }
  return best;
}
