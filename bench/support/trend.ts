import { median } from './stats.js';

/** One look at something that may grow. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

const MS_PER_HOUR = 3_600_000;

/**
 * The median of the slopes between all pairs of samples (Theil 1950, Sen 1968), per hour: up to 29 % of the samples
 * may lie anywhere. NaN with less than two samples.
 */
export function slopePerHour(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [index, from] of samples.entries()) {
    for (const to of samples.slice(index + 1)) slopes.push((to.value - from.value) / (to.atMs - from.atMs));
  }
  return median(slopes) * MS_PER_HOUR;
}
