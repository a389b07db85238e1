import type { Totals } from './merge.js';

/**
 * What was measured in some phases alone, so that they can be judged as a run of their own. What workers say of
 * themselves (sequence, clock) stays that of the whole run: it has no phase.
 * @param activeMs viewers on the platform times time within these phases, ms
 */
export function totalsOfPhases(totals: Totals, phases: readonly string[], activeMs: number): Totals {
  const names = new Set(phases);
  const within = <T>(all: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...all].filter(([key]) => names.has(key.split('|')[1] ?? '')));
  return {
    ...totals,
    counters: within(totals.counters),
    trends: within(totals.trends),
    activeMs,
    // Who had a picture is counted by time, not by phase.
    watchingMs: 0,
  };
}
