import { type At, slopeOfSeries } from '../../src/stats/slope.js';
import { median } from './stats.js';

/** How something moved over a long run, warm-up left out; the value in its own unit. */
export interface Flatness {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly overMs: number;
  /** Windows that the slope goes through. */
  readonly points: number;
  /** The slope of Theil and Sen and its 95 % interval. */
  readonly perHour: number;
  readonly lowPerHour: number;
  readonly highPerHour: number;
  /** Not known to grow: the interval includes zero, or lies below it. */
  readonly flat: boolean;
}

const MS_PER_HOUR = 3_600_000;
/**
 * Looks that follow each other closely say the same: a collector leaves its mark for many seconds. As single points
 * they would make the interval much narrower than what is known, so each window counts once, by its median, and what is
 * left of it in the windows after it widens the interval.
 */
const WINDOW_MS = 30_000;

/** Undefined when fewer than three windows are left after `warmUpMs`. */
export function flatnessOf(samples: readonly At[], warmUpMs: number): Flatness | undefined {
  const steady = samples.filter(({ atMs }) => atMs >= warmUpMs);
  const windows = new Map<number, At[]>();
  for (const sample of steady) {
    const window = Math.floor(sample.atMs / WINDOW_MS);
    windows.set(window, [...(windows.get(window) ?? []), sample]);
  }
  const points = [...windows.values()].map((window) => ({
    atMs: median(window.map(({ atMs }) => atMs)),
    value: median(window.map(({ value }) => value)),
  }));
  const slope = slopeOfSeries(points);
  if (slope === undefined) return undefined;
  const values = steady.map(({ value }) => value);
  return {
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    overMs: (steady.at(-1)?.atMs ?? 0) - (steady[0]?.atMs ?? 0),
    points: slope.points,
    perHour: slope.perMs * MS_PER_HOUR,
    lowPerHour: slope.lowPerMs * MS_PER_HOUR,
    highPerHour: slope.highPerMs * MS_PER_HOUR,
    flat: slope.lowPerMs <= 0,
  };
}
