import { formatClock } from './figures.js';
import type { LiveBox } from './live-state.js';

/** A box of which nobody hears. */
export interface MissingBox {
  readonly id: string;
  readonly state: 'late' | 'lost';
  /** `b lost since 0:32: no sign of life for 5.2 s`. */
  readonly text: string;
}

/** How many boxes are not lost, `2 of 3`; and of which nobody hears, lost ones first. */
export function boxWords(boxes: readonly LiveBox[]): {
  readonly count: string;
  readonly missing: readonly MissingBox[];
} {
  const missing = boxes.flatMap((box) => missingOf(box) ?? []);
  const lost = missing.filter(({ state }) => state === 'lost');
  const late = missing.filter(({ state }) => state === 'late');
  return { count: `${boxes.length - lost.length} of ${boxes.length}`, missing: [...lost, ...late] };
}

function missingOf({ id, state, sinceMs, why }: LiveBox): MissingBox | undefined {
  if (state !== 'late' && state !== 'lost') return undefined;
  const since = sinceMs === undefined ? '' : ` since ${formatClock(sinceMs)}`;
  return { id, state, text: `${id} ${state}${since}${why === undefined ? '' : `: ${why}`}` };
}
