import type { Cancel, Clock } from '../../src/seams.js';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly fn: () => void;
}

/** More calls than this without time moving is a loop of zero delays: the test should fail, not hang. */
const MAX_CALLS_AT_ONE_INSTANT = 100_000;

/**
 * Time that only moves when told to. Timers run in the order of their due time, equal times in the order they
 * were set, and see `nowMs()` equal to their own due time.
 */
export class VirtualClock implements Clock {
  private now: number;
  private readonly startEpochMs: number;
  private timers: Timer[] = [];
  private orders = 0;

  /** Begins at run time `startMs`; run time 0 is `startEpochMs` on the wall clock. */
  constructor(options: { startMs?: number; startEpochMs?: number } = {}) {
    this.now = options.startMs ?? 0;
    this.startEpochMs = options.startEpochMs ?? 1_800_000_000_000;
  }

  nowMs(): number {
    return this.now;
  }

  epochMs(): number {
    return this.startEpochMs + this.now;
  }

  after(delayMs: number, fn: () => void): Cancel {
    if (Number.isNaN(delayMs)) throw new RangeError('delay is not a number');
    const timer: Timer = { atMs: this.now + Math.max(0, delayMs), order: this.orders++, fn };
    this.timers.splice(this.insertAt(timer.atMs), 0, timer);
    return () => {
      const index = this.timers.indexOf(timer);
      if (index >= 0) this.timers.splice(index, 1);
    };
  }

  /** Timers that are set and have not run: 0 after a proper shutdown. */
  get pending(): number {
    return this.timers.length;
  }

  /** Moves time by `ms` and runs what falls due, synchronously; promises are not given a turn in between. */
  advance(ms: number): void {
    const untilMs = this.now + ms;
    const guard = new LoopGuard();
    for (let timer = this.takeDue(untilMs); timer; timer = this.takeDue(untilMs)) {
      guard.check(timer.atMs);
      timer.fn();
    }
    this.now = untilMs;
  }

  /** Like `advance`, and lets every pending promise go on before, between and after the timers. */
  async run(ms: number): Promise<void> {
    const untilMs = this.now + ms;
    const guard = new LoopGuard();
    await flushMicrotasks();
    for (let timer = this.takeDue(untilMs); timer; timer = this.takeDue(untilMs)) {
      guard.check(timer.atMs);
      timer.fn();
      await flushMicrotasks();
    }
    this.now = untilMs;
    await flushMicrotasks();
  }

  private takeDue(untilMs: number): Timer | undefined {
    const first = this.timers[0];
    if (!first || first.atMs > untilMs) return undefined;
    this.timers.shift();
    this.now = first.atMs;
    return first;
  }

  /** After all timers of the same or an earlier time. */
  private insertAt(atMs: number): number {
    let low = 0;
    let high = this.timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.timers[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class LoopGuard {
  private atMs = Number.NaN;
  private calls = 0;

  check(atMs: number): void {
    if (atMs !== this.atMs) {
      this.atMs = atMs;
      this.calls = 0;
    }
    if (++this.calls > MAX_CALLS_AT_ONE_INSTANT) throw new Error(`timers without end at ${atMs} ms`);
  }
}

/** Lets chains of promises of any length settle. */
export function flushMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
