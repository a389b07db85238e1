import { MOMENT_MS, type Moments } from '../stats/moments.js';
import { MAX_NAMED, type TroubledVus } from '../stats/troubled.js';
import type { EventLine } from './event-lines.js';

/** Kind of the lines of events.ndjson that name the viewers with trouble in ten seconds: for the verdict, not for readers. */
export const TROUBLED = 'troubled';

/**
 * A line of events.ndjson: who is named in the ten seconds from `fromMs` on, by kind of trouble. They come as they are
 * known, so that a killed run has them, and no viewer twice.
 */
export function troubledLine({ fromMs, vus }: { readonly fromMs: number; readonly vus: TroubledVus }): {
  readonly kind: string;
  readonly atMs: number;
  readonly vus: TroubledVus;
} {
  return { kind: TROUBLED, atMs: fromMs, vus };
}

/** Names in `moments` whom a line of events.ndjson names, if it is such a line. Before the ticks are told. */
export function nameTroubled({ kind, atMs, vus }: EventLine, moments: Pick<Moments, 'name'>): void {
  if (kind !== TROUBLED || !isWhole(atMs)) return;
  moments.name({ fromMs: atMs, toMs: atMs + MOMENT_MS }, checked(vus));
}

function checked(vus: unknown): TroubledVus {
  if (typeof vus !== 'object' || vus === null) return {};
  const kept = Object.entries(vus).map(([kind, named]) => {
    const list: readonly unknown[] = Array.isArray(named) ? named.slice(0, MAX_NAMED) : [];
    return [kind, list.filter(isWhole)] as const;
  });
  return Object.fromEntries(kept);
}

/** A whole number that is not negative. */
function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
