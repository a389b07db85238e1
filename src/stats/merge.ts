import type { Tick } from './tick.js';

/** Everything measured so far; opaque, read through the functions of stats and report. */
export interface Totals {
  readonly tickCount: number;
}

export function createTotals(): Totals {
  throw new Error('not built yet');
}

/** Adds one tick in place. Order does not matter; the same tick twice counts once. */
export function addTick(totals: Totals, tick: Tick): void {
  void totals;
  void tick;
  throw new Error('not built yet');
}
