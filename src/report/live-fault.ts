import type { Totals } from '../stats/merge.js';
import { type FaultPlace, recoveryOf } from './fault-summary.js';
import { formatClock } from './figures.js';

/** A fault of the plan that was made, as far as it is known while the run goes. */
export interface MadeFault {
  readonly name: string;
  readonly begunAtMs?: number;
  readonly endedAtMs?: number;
  readonly failed?: string;
}

/** The fault of now, or the one that viewers are coming back from. */
export interface LiveFault {
  readonly name: string;
  readonly state: 'running' | 'mended' | 'failed';
  /** Since it began, or was mended, ms. */
  readonly sinceMs: number;
  readonly faced: number;
  readonly back: number;
  readonly missing: number;
}

/** Viewers are looked at for 30 s after a fault; what became of the last of them is to be read for a while. */
const SHOWN_AFTER_MS = 45_000;

/** The newest fault that was made, until it is old news. */
export function liveFaultOf(
  made: readonly MadeFault[],
  places: readonly FaultPlace[],
  totals: Totals,
  nowMs: number,
): LiveFault | undefined {
  const newest = made.findLast(({ begunAtMs }) => begunAtMs !== undefined);
  if (newest === undefined) return undefined;
  const { name, begunAtMs = 0, endedAtMs, failed } = newest;
  const ended = endedAtMs !== undefined || failed !== undefined;
  const fromMs = endedAtMs ?? begunAtMs;
  if (ended && nowMs - fromMs > SHOWN_AFTER_MS) return undefined;
  const place = places.find((one) => one.name === name);
  const recovery = place && recoveryOf(totals, [place])[0];
  return {
    name,
    state: failed !== undefined ? 'failed' : ended ? 'mended' : 'running',
    sinceMs: Math.max(0, nowMs - fromMs),
    faced: recovery?.faced ?? 0,
    back: (recovery?.inTime ?? 0) + (recovery?.late ?? 0),
    missing: recovery?.missing ?? 0,
  };
}

/** In words, one field each: what, then how many of whom. */
export function faultFields({ name, state, sinceMs, faced, back, missing }: LiveFault): {
  readonly what: string;
  readonly who: string;
  readonly missing: string | undefined;
} {
  const since = formatClock(sinceMs);
  const what = {
    running: `${name} for ${since}`,
    mended: `${name} mended ${since} ago`,
    failed: `${name} could not be mended`,
  }[state];
  const who = state === 'mended' ? `${back} of ${faced} back` : `${faced} faced it`;
  return { what, who, missing: missing > 0 ? `${missing} missing` : undefined };
}
