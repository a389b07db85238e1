import type { Cancel } from '../../src/seams.js';
import type { NodeClock } from '../../src/seams-node.js';
import { flushMicrotasks } from './virtual-clock.js';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  fn: (() => void) | undefined;
}

/**
 * Virtual time for hours: timers in a heap, and promises get their turn only when somebody says that one was resolved
 * (`settles`), or when time has moved by a second. Otherwise as `VirtualClock`.
 */
export class LongClock implements NodeClock {
  private now = 0;
  private readonly startEpochMs = 1_800_000_000_000;
  private readonly heap: Timer[] = [];
  private orders = 0;
  private unsettled = false;

  nowMs(): number {
    return this.now;
  }

  epochMs(): number {
    return this.startEpochMs + this.now;
  }

  clockJumpMs(): number {
    return 0;
  }

  after(delayMs: number, fn: () => void): Cancel {
    const timer: Timer = { atMs: this.now + Math.max(0, delayMs), order: this.orders++, fn };
    this.push(timer);
    return () => {
      timer.fn = undefined;
    };
  }

  /** A promise that others wait for was resolved: they go on before the next timer. */
  settles(): void {
    this.unsettled = true;
  }

  /** Timers that are set and have not run, those taken back included until their time has come. */
  get pending(): number {
    return this.heap.length;
  }

  async runTo(untilMs: number): Promise<void> {
    while (this.now < untilMs) {
      const toMs = Math.min(untilMs, this.now + 1000);
      for (let timer = this.takeDue(toMs); timer; timer = this.takeDue(toMs)) {
        this.now = timer.atMs;
        timer.fn?.();
        if (!this.unsettled) continue;
        this.unsettled = false;
        await flushMicrotasks();
      }
      this.now = toMs;
      await flushMicrotasks();
    }
  }

  private takeDue(untilMs: number): Timer | undefined {
    const { heap } = this;
    const first = heap[0];
    if (!first || first.atMs > untilMs) return undefined;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Timer, heap[below] as Timer)) below++;
      if (!isBefore(heap[below] as Timer, last)) break;
      heap[at] = heap[below] as Timer;
      at = below;
    }
    heap[at] = last;
    return first;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(timer, heap[above] as Timer)) break;
      heap[at] = heap[above] as Timer;
      at = above;
    }
    heap[at] = timer;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
