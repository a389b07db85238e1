import type { ConfigIssue } from '../errors.js';
import type { Timing } from '../scenarios/timing.js';
import type { RunFlags } from './flags.js';
import { parseDuration } from './values.js';

const MIN_SPAN_MS = 1000;
const MAX_SPAN_MS = 7 * 24 * 3_600_000;
/** Six hours in 22 s: a smaller one is a typing error. */
const LEAST_SCALE = 0.001;

/** `--duration`, `--hold` and `--time-scale`, each by itself; what cannot be used is added to `issues`. */
export function resolveTiming(flags: RunFlags, issues: ConfigIssue[]): Timing {
  const durationMs = span('duration', flags, issues);
  const holdMs = span('hold', flags, issues);
  const timeScale = resolveScale(flags['time-scale'], issues);
  return {
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(holdMs === undefined ? {} : { holdMs }),
    ...(timeScale === undefined ? {} : { timeScale }),
  };
}

function span(key: 'duration' | 'hold', flags: RunFlags, issues: ConfigIssue[]): number | undefined {
  const seen = flags[key];
  if (seen === undefined) return undefined;
  const ms = parseDuration(seen);
  if (ms !== undefined && ms >= MIN_SPAN_MS && ms <= MAX_SPAN_MS) return ms;
  const problem = ms === undefined ? 'not a duration' : 'out of range';
  issues.push({ path: `--${key}`, problem, seen, wanted: 'e.g. 90s, 3m or 1h30m, from 1s to 168h' });
  return undefined;
}

function resolveScale(seen: string | undefined, issues: ConfigIssue[]): number | undefined {
  if (seen === undefined) return undefined;
  const value = /^\d*\.?\d+$/.test(seen.trim()) ? Number(seen) : Number.NaN;
  if (value >= LEAST_SCALE && value <= 1) return value;
  const problem = Number.isNaN(value) ? 'not a number' : 'out of range';
  issues.push({ path: '--time-scale', problem, seen, wanted: `${LEAST_SCALE} to 1, e.g. 0.1` });
  return undefined;
}
