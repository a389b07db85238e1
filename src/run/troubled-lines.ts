import { MOMENT_MS, type Moments } from '../stats/moments.js';
import { MAX_NAMED, type TroubledVus } from '../stats/troubled.js';

/** Kind of the lines of events.ndjson that name the viewers with trouble in ten seconds: for the verdict, not for readers. */
export const TROUBLED = 'troubled';

/**
 * A line of events.ndjson: who is named in the ten seconds from `fromMs` on, by kind of trouble. They come as they are
 * known, so that a killed run has them, and no viewer twice.
 */
export function troubledLine({
  fromMs,
  vus,
}: {
  readonly fromMs: number;
  readonly vus: TroubledVus;
}): string {
  return JSON.stringify({ kind: TROUBLED, atMs: fromMs, vus });
}

/** Names in `moments` whom a whole events.ndjson names; a line that is none is left out. Before the ticks are told. */
export function nameTroubled(events: string, moments: Moments): void {
  for (const line of events.split('\n')) {
    // Orders may be many, and are no trouble.
    if (!line.includes(`"${TROUBLED}"`)) continue;
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      continue;
    }
    const { kind, atMs, vus } = (event ?? {}) as Readonly<Record<string, unknown>>;
    if (kind !== TROUBLED || !isWhole(atMs)) continue;
    moments.name({ fromMs: atMs, toMs: atMs + MOMENT_MS }, checked(vus));
  }
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
