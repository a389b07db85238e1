import type { RowResult } from './gate.js';
import type { Totals } from './merge.js';
import type { InvalidReason } from './validity.js';
import { createView, type View } from './view.js';
import { type PhaseSpan, phasesIn } from './windows.js';

/** Outside of the faults nothing is allowed that is not allowed without them. */
const CALM_LIMIT_PCT = 1;
/** With more than this the generator does not bring all the load that comes back to the platform after a fault. */
const FAULT_LIMIT_PCT = 5;

/** What remains of the reasons, and what the reader is told in place of the one that was dropped. */
export interface Excused {
  readonly reasons: readonly InvalidReason[];
  readonly note?: string;
}

/**
 * Lag of our own that fell into the planned faults. When a network comes back, every viewer gets what was held up and
 * connects anew at the same moment: a burst of work that no watching is judged in. Lag then makes a recovery seem
 * longer, never shorter, so a run that passes all the same would have passed without it.
 *
 * `lagged_time` is dropped when all of this is true:
 *
 * | what | limit |
 * |---|---|
 * | judged rows that fail | none |
 * | lag outside of the faults and the 10 s after each | 1 % of the viewer-time watched there |
 * | lag within them | 5 % of the viewer-time watched there |
 *
 * (fault-lag.test.ts repeats the table)
 */
export function withoutFaultLag(
  totals: Totals,
  phases: readonly PhaseSpan[],
  rows: readonly RowResult[],
  reasons: readonly InvalidReason[],
): Excused {
  const asTheyAre = { reasons };
  if (!reasons.some(({ code }) => code === 'lagged_time')) return asTheyAre;
  if (rows.some(({ status }) => status === 'fail')) return asTheyAre;
  const calm = laggedPercentIn('calm', totals, phases);
  const broken = laggedPercentIn('fault', totals, phases);
  if (calm === undefined || broken === undefined) return asTheyAre;
  if (calm > CALM_LIMIT_PCT || broken > FAULT_LIMIT_PCT) return asTheyAre;
  return {
    reasons: reasons.filter(({ code }) => code !== 'lagged_time'),
    note: `our own event loop held up ${broken.toFixed(1)} % of the viewer-time in the planned faults and the 10 s after each (${calm.toFixed(1)} % elsewhere): recovery was at least as quick as it says`,
  };
}

/** Undefined where nobody watched. */
function laggedPercentIn(
  window: 'calm' | 'fault',
  totals: Totals,
  phases: readonly PhaseSpan[],
): number | undefined {
  const view = createView(
    totals,
    phasesIn(window, phases).map(({ name }) => name),
  );
  const wholeMs = viewerMs(view);
  return wholeMs > 0 ? (view.count('lagged_viewer_ms') / wholeMs) * 100 : undefined;
}

/** The time of viewers with a player: less than all their time, so that the share is never too small. */
function viewerMs(view: View): number {
  return (
    view.count('joining_ms') +
    view.count('played_ms') +
    view.count('stalled_ms') +
    view.count('micro_wait_ms') +
    view.count('seeking_ms')
  );
}
