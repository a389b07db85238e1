/**
 * The arithmetic of telling a difference from chance: quantiles of the normal distribution, the t distribution's
 * tails, and where a percentile or a share may truly lie.
 */

/** `low` to `high`; `high` is Infinity where there are too few samples to bound it. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How many standard deviations hold all but `alpha` of a normal distribution, both ends together; 0 < alpha < 1. */
export function zOf(alpha: number): number {
  let low = 0;
  let high = 40;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalTails(middle) > alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Beyond this many degrees of freedom the t distribution is the normal one to five digits. */
const NORMAL_DF = 1e7;

function normalTails(z: number): number {
  return tTails(z, NORMAL_DF);
}

/** Probability of a t value at least `t` away from 0 with `df` degrees of freedom (Student 1908), both ends together. */
export function tTails(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0;
  return betaShare(df / (df + t * t), df / 2, 0.5);
}

/** Where share `p` of the distribution lies in ranks of `n` samples, as shares 0 to 1; binomial, normal approximation. */
export function rankRange(p: number, n: number, z: number): Range {
  const reach = z * Math.sqrt((p * (1 - p)) / n) + 0.5 / n;
  return { low: Math.max(0, p - reach), high: p + reach >= 1 ? Number.POSITIVE_INFINITY : p + reach };
}

/** Where a share may truly lie of which `share` (0 to 1) was seen in `n` tries: Wilson 1927. */
export function shareRange(share: number, n: number, z: number): Range {
  const z2 = z * z;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const reach = (z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

/** The regularized incomplete beta function by its continued fraction (Lentz 1976). */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;

function continuedFraction(x: number, a: number, b: number): number {
  const safe = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return result;
}

const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680] as const;

function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const series = STIRLING.reduce((sum, term, index) => sum + term / x ** (2 * index + 1), 0);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** The middle of `values`, of which there is one at least. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? upper) + upper) / 2 : upper;
}
