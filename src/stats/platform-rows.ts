import type { Bound } from './kpi.js';
import { highOf, readingsOf, type SeenSeries } from './platform-series.js';

/** The source that stands worst. */
export function worstOf<T extends { readonly source: string; readonly value: number }>(
  values: readonly T[],
  { op }: Bound,
): T | undefined {
  const sign = op === '<' || op === '<=' ? -1 : 1;
  return [...values].sort((a, b) => sign * (a.value - b.value))[0];
}

/** Readings of the source that has the fewest; a source that was never read has none. */
export function fewestReadings(all: readonly SeenSeries[]): number {
  return all.length === 0 ? 0 : Math.min(...all.map(({ points }) => readingsOf(points)));
}

/** Why what was read is not enough for a pass, in words; undefined = it is, or nothing was read at all. */
export function missingOf(
  all: readonly SeenSeries[],
  { counts }: { readonly counts: boolean },
): string | undefined {
  const silent = all.filter(({ isCovered }) => !isCovered).sort((a, b) => a.coveredPct - b.coveredPct);
  const [most] = silent;
  if (most !== undefined && all.some(({ points }) => points.length > 0)) {
    const more = silent.length > 1 ? `, and ${silent.length - 1} more not enough` : '';
    return most.points.length === 0
      ? `${most.source} was not read at all${more}`
      : `${most.source} was read for ${Math.floor(most.coveredPct)} % of the time${more}`;
  }
  const anew = counts ? all.find(({ restartsAtMs = [] }) => restartsAtMs.length > 0) : undefined;
  return (
    anew &&
    `${anew.source} began anew at ${clockWords(anew.restartsAtMs?.[0] ?? 0)}: what it counted just before is not known`
  );
}

/** Nothing that runs takes no memory: a meter that says so says nothing. */
export function noneWords(all: readonly SeenSeries[]): string | undefined {
  const none = all.find(({ points }) => points.length > 0 && points.every((point) => highOf(point) <= 0));
  return none && `${none.source} is said to take none`;
}

/** Sources that began anew within the window, for beside the value. */
export function restartsOf(all: readonly SeenSeries[]): { readonly restarted?: string } {
  const anew = all.filter(({ restartsAtMs = [] }) => restartsAtMs.length > 0);
  if (anew.length === 0) return {};
  const words = anew
    .slice(0, 3)
    .map(({ source, restartsAtMs = [] }) => `${source} at ${clockWords(restartsAtMs[0] ?? 0)}`);
  return { restarted: [...words, ...(anew.length > 3 ? [`${anew.length - 3} more`] : [])].join(', ') };
}

/** `12:03`, `1:02:03`. */
export function clockWords(atMs: number): string {
  const s = Math.max(0, Math.floor(atMs / 1000));
  const two = (number: number): string => String(number).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  return minutes < 60
    ? `${minutes}:${two(s % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}
