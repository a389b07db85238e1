import type { FaultClass } from '../events.js';
import type { Totals } from '../stats/merge.js';
import { IN_TIME_MS } from '../stats/recovery-bounds.js';
import type { Trend } from '../stats/trend.js';
import { createView, type View } from '../stats/view.js';
import type { Summary } from './summary-schema.js';

export type FaultSummary = NonNullable<Summary['faults']>[number];
export type RecoverySummary = NonNullable<Summary['recovery']>[number];
type Spread = NonNullable<RecoverySummary['reconnects']>;

/** Whose viewers are counted together: what they report names the kind of fault and the phase in which it began. */
export interface FaultPlace {
  readonly name: string;
  readonly breaks: FaultClass;
  /** Empty = outside of all phases. */
  readonly phase: string;
}

const MISSING = ['picture', 'socket', 'both'] as const;

/**
 * What became of the viewers that faced each fault. Faults of one kind that began in one phase cannot be told apart, and
 * are told of together.
 */
export function recoveryOf(totals: Totals, places: readonly FaultPlace[]): RecoverySummary[] {
  const groups = new Map<string, FaultPlace[]>();
  for (const place of places) {
    const key = `${place.breaks}|${place.phase}`;
    groups.set(key, [...(groups.get(key) ?? []), place]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const view = createView(totals, [first.phase]);
    const names = group.map(({ name }) => name);
    return [{ faults: names, breaks: first.breaks, phase: first.phase, ...recoveryIn(view, first.breaks) }];
  });
}

/** A network is back when picture and socket are; of anything else the picture tells (strategy 1.5, scenario 4). */
function recoveryIn(view: View, breaks: FaultClass): Omit<RecoverySummary, 'faults' | 'breaks' | 'phase'> {
  const select = { label: breaks };
  const faced = view.count('fault_faced_count', select);
  const isNetwork = breaks === 'network';
  const back = view.spread(isNetwork ? 'recovered_ms' : 'picture_back_ms', select);
  const inTime = view.count(isNetwork ? 'recovered_in_time_count' : 'picture_back_in_time_count', select);
  const missing = isNetwork
    ? MISSING.reduce(
        (sum, what) => sum + view.count('not_recovered_count', { label: `${breaks}_${what}` }),
        0,
      )
    : view.count('picture_not_back_count', select);
  const untold = Math.max(0, faced - back.count - missing);
  return {
    faced,
    withinMs: isNetwork ? IN_TIME_MS.recovered : IN_TIME_MS.picture,
    ...{ inTime, late: Math.max(0, back.count - inTime), missing, untold },
    back: spreadOf(back),
    reconnects: spreadOf(view.spread('reconnect_after_fault_ms', select)),
  };
}

function spreadOf(trend: Trend): Spread | null {
  const { count } = trend;
  const [p50Ms, p95Ms, maxMs] = [trend.percentileMs(50), trend.percentileMs(95), trend.maxMs];
  if (count === 0 || p50Ms === undefined || p95Ms === undefined || maxMs === undefined) return null;
  return { count, p50Ms, p95Ms, maxMs };
}
