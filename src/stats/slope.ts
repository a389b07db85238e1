/** A value at an instant; any unit. */
export interface At {
  readonly atMs: number;
  readonly value: number;
}

/** A straight line through points, and how well its slope is known. */
export interface Slope {
  /** Value per ms. */
  readonly perMs: number;
  /** The 95 % interval of `perMs`; infinite when there are too few points to tell. */
  readonly lowPerMs: number;
  readonly highPerMs: number;
  /** The line at an instant. */
  at(atMs: number): number;
  readonly points: number;
}

/** More points than this make millions of pairs and no better a slope. */
export const MAX_SLOPE_POINTS = 256;
const Z_95 = 1.96;

/**
 * The slope of Theil and Sen: the median of the slopes of all pairs of points, so that up to 29 % of wild points do not
 * move it, with the distribution-free interval of Sen (1968). Undefined for fewer than three instants.
 */
export function slopeOf(given: readonly At[]): Slope | undefined {
  return slopeThrough(thinned(given), () => 1);
}

/**
 * The same of a series whose points follow each other evenly, and where what lifts one of them lifts the next ones too, as a
 * heap between two collections: the interval is as wide as that many independent points would have it (Hamed and Rao 1998,
 * from the ranks of what the line leaves; lags up to the first that chance explains). Taken as independent, such points
 * seem to know a slope that is none.
 */
export function slopeOfSeries(given: readonly At[]): Slope | undefined {
  return slopeThrough(thinned(given), serialInflation);
}

/** `inflationOf` says from what the line leaves how much wider the interval's variance is than that of independent points. */
function slopeThrough(
  points: readonly At[],
  inflationOf: (residuals: readonly number[]) => number,
): Slope | undefined {
  const slopes = slopesOf(points);
  if (slopes.length < 3) return undefined;
  const perMs = medianOfSorted(slopes);
  const residuals = points.map(({ atMs, value }) => value - perMs * atMs);
  const offset = median(residuals);
  return {
    perMs,
    ...intervalOf(slopes, points, inflationOf(residuals)),
    at: (atMs) => offset + perMs * atMs,
    points: points.length,
  };
}

/** By how much the variance of Kendall's statistic grows with these residuals; 1 = they are independent. */
function serialInflation(residuals: readonly number[]): number {
  const n = residuals.length;
  if (n < 4) return 1;
  const ranks = ranksOf(residuals);
  const centred = ranks.map((rank) => rank - (n - 1) / 2);
  const power = centred.reduce((sum, rank) => sum + rank * rank, 0);
  const byChance = Z_95 / Math.sqrt(n);
  let sum = 0;
  for (let lag = 1; lag < n - 2; lag++) {
    let product = 0;
    for (let i = 0; i + lag < n; i++) product += (centred[i] ?? 0) * (centred[i + lag] ?? 0);
    const correlation = power === 0 ? 0 : product / power;
    if (correlation <= byChance) break;
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return 1 + (2 / (n * (n - 1) * (n - 2))) * sum;
}

/** From 0; equal values share the mean of their places. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && order[to]?.value === order[from]?.value) to++;
    for (const { at } of order.slice(from, to)) ranks[at] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

/** Of all pairs of instants, sorted. */
function slopesOf(points: readonly At[]): number[] {
  const slopes: number[] = [];
  points.forEach((a, index) => {
    for (const b of points.slice(index + 1)) {
      if (b.atMs !== a.atMs) slopes.push((b.value - a.value) / (b.atMs - a.atMs));
    }
  });
  return slopes.sort((a, b) => a - b);
}

/** Sen's interval: as many pairs above and below the median as chance may turn round. `inflation` of the variance. */
function intervalOf(
  sorted: readonly number[],
  points: readonly At[],
  inflation: number,
): { readonly lowPerMs: number; readonly highPerMs: number } {
  const n = points.length;
  const ties = tiesOf(points.map(({ value }) => value));
  const variance =
    (n * (n - 1) * (2 * n + 5) - ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0)) / 18;
  const reach = Z_95 * Math.sqrt(Math.max(0, variance * inflation));
  // Counted from 0, so that both ends leave as many pairs out.
  const low = Math.floor((sorted.length - reach) / 2) - 1;
  const high = Math.ceil((sorted.length + reach) / 2);
  return {
    lowPerMs: sorted[low] ?? Number.NEGATIVE_INFINITY,
    highPerMs: sorted[high] ?? Number.POSITIVE_INFINITY,
  };
}

/** Sizes of the groups of equal values. */
function tiesOf(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}

/** At most `MAX_SLOPE_POINTS`: neighbours are replaced by the medians of their instants and values. */
function thinned(points: readonly At[]): readonly At[] {
  const each = Math.ceil(points.length / MAX_SLOPE_POINTS);
  if (each <= 1) return points;
  const kept: At[] = [];
  for (let from = 0; from < points.length; from += each) {
    const group = points.slice(from, from + each);
    kept.push({
      atMs: median(group.map(({ atMs }) => atMs)),
      value: median(group.map(({ value }) => value)),
    });
  }
  return kept;
}

function median(values: readonly number[]): number {
  return medianOfSorted([...values].sort((a, b) => a - b));
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * By how much something grew, in % of what it was when it had warmed up, with the interval that chance leaves (of a series:
 * what lifts one stretch lifts the next one too).
 */
export interface Growth {
  readonly pct: number;
  readonly lowPct: number;
  readonly highPct: number;
  readonly points: number;
}

/** The first tenth of the time is warm-up: caches fill, pools open, code is compiled. */
const WARM_UP_SHARE = 0.1;

/**
 * Growth along the robust line, over `overMs` (absent = from the end of the warm-up to the last point). `floor` is the
 * least level that growth is measured against: a tenth of nothing is nothing. Undefined for too few points.
 */
export function growthAlong(
  points: readonly At[],
  { overMs, floor = 0 }: { readonly overMs?: number; readonly floor?: number } = {},
): Growth | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const warmMs = first.atMs + (last.atMs - first.atMs) * WARM_UP_SHARE;
  const slope = slopeOfSeries(points.filter(({ atMs }) => atMs >= warmMs));
  if (slope === undefined) return undefined;
  const level = Math.max(slope.at(warmMs), floor);
  if (level <= 0) return undefined;
  const factor = ((overMs ?? last.atMs - warmMs) / level) * 100;
  return {
    pct: slope.perMs * factor,
    lowPct: slope.lowPerMs * factor,
    highPct: slope.highPerMs * factor,
    points: slope.points,
  };
}
