import type { ConfigIssue } from '../errors.js';
import type { Profile, Stage } from './profile.js';

/** What a run wants of the lengths that its profile is drawn with; absent = as drawn. */
export interface Timing {
  /** Of the whole run. */
  readonly durationMs?: number;
  /** Of the hold; of each step where the load is one of steps. */
  readonly holdMs?: number;
  /** Above 0, at most 1. */
  readonly timeScale?: number;
}

/** A profile with its stages as long as a run has them. */
export interface TimedProfile {
  readonly profile: Profile;
  /** Below 1 = not in real time: rows that are about real minutes cannot be judged. Absent = real time. */
  readonly timeScale?: number;
}

/** A scaled run lets no more than this come or go in a second, unless the profile itself is drawn steeper. */
const SCALED_CHANGES_PER_S = 20;

/**
 * The stages of `profile` as long as `timing` wants them, with `vus` viewers; what cannot be is added to `issues`.
 *
 * | asked for | becomes |
 * |---|---|
 * | nothing | as drawn; slopes as long as `changesPerS` wants them |
 * | `durationMs` | that total: slopes keep their length, at most half of the run together; what is level shares the rest |
 * | `holdMs` | the hold is that long, all else as drawn |
 * | `timeScale` | holds and slopes that much shorter; no fault, nothing below `leastMs`, no slope steeper than 20 viewers/s |
 *
 * ```
 * drawn                       ramp 10 s   hold 45 s   drain 5 s       total 60 s
 * durationMs 120 s            ramp 10 s   hold 105 s  drain 5 s
 * durationMs 20 s             ramp 6.7 s  hold 10 s   drain 3.3 s
 * holdMs 20 s                 ramp 10 s   hold 20 s   drain 5 s
 * timeScale 0.1, 10 viewers   ramp 1 s    hold 4.5 s  drain 0.5 s
 * timeScale 0.1, 100 viewers  ramp 5 s    hold 4.5 s  drain 5 s       100 / 20 per s
 * 500 viewers, 20 changes/s:  ramp 25 s   hold 45 s   drain 25 s
 * ```
 * (timing.test.ts repeats both)
 */
export function timed(profile: Profile, vus: number, timing: Timing, issues: ConfigIssue[]): TimedProfile {
  const drawn = profile.stages.map((stage) => Math.max(stage.durationMs, leastMs(profile, stage, vus)));
  const before = issues.length;
  contradictions(profile, timing, issues);
  const real = { profile: withSpans(profile, drawn) };
  if (issues.length > before) return real;
  const spans = spansOf(profile, vus, drawn, timing);
  const timeScale = timing.timeScale ?? lengthScale(profile, sum(spans) / sum(drawn));
  const scaled = { profile: withSpans(profile, spans) };
  return timeScale < 1 ? { ...scaled, timeScale } : scaled;
}

function spansOf(profile: Profile, vus: number, drawn: readonly number[], timing: Timing): number[] {
  if (timing.durationMs !== undefined) return totalled(profile, drawn, timing.durationMs);
  const { holdMs } = timing;
  const held = holdMs === undefined ? drawn : withHold(profile, drawn, holdMs);
  const { timeScale = 1 } = timing;
  return timeScale === 1 ? [...held] : scaledSpans(profile, vus, held, timeScale);
}

function contradictions(profile: Profile, timing: Timing, issues: ConfigIssue[]): void {
  const { durationMs, holdMs, timeScale } = timing;
  const { name } = profile;
  if (durationMs !== undefined && holdMs !== undefined) {
    const problem = 'the length of the whole run and that of the hold contradict each other';
    issues.push({ path: '--hold', problem, wanted: '--duration or --hold' });
  }
  if (durationMs !== undefined && timeScale !== undefined) {
    const problem = 'the length of the whole run and a scale contradict each other';
    issues.push({ path: '--time-scale', problem, wanted: '--duration or --time-scale' });
  }
  if (profile.arrivals !== undefined) {
    const given = { duration: durationMs, hold: holdMs, 'time-scale': timeScale };
    for (const [flag, value] of Object.entries(given)) {
      if (value === undefined) continue;
      const problem = 'how long it is follows from how long viewers come and stay';
      issues.push({ path: `--${flag}`, problem, wanted: 'another `for` or `stay`' });
    }
    return;
  }
  if (durationMs !== undefined && profile.stages.some(isFault)) {
    const problem = `${name} breaks things at times of its own, which no total length can keep`;
    issues.push({ path: '--duration', problem, wanted: '--time-scale' });
  }
  if (holdMs !== undefined && holdOf(profile).size === 0) {
    const problem = `${name} has no one hold`;
    issues.push({ path: '--hold', problem, wanted: '--time-scale, or a profile of your own' });
  }
}

/**
 * Which stages are the hold that `--hold` sets the length of: the one that is called so, else all steps, else the only
 * one of that role. Empty = there is no such thing.
 */
function holdOf({ stages }: Profile): ReadonlySet<Stage> {
  const named = stages.filter(({ name, role }) => name === 'hold' && role === 'hold');
  if (named.length > 0) return new Set(named);
  const steps = stages.filter(({ role }) => role === 'step');
  if (steps.length > 0) return new Set(steps);
  const holds = stages.filter(({ role }) => role === 'hold');
  return new Set(holds.length === 1 ? holds : []);
}

function withHold(profile: Profile, drawn: readonly number[], holdMs: number): number[] {
  const hold = holdOf(profile);
  return profile.stages.map((stage, i) => (hold.has(stage) ? holdMs : (drawn[i] ?? 0)));
}

function scaledSpans(profile: Profile, vus: number, drawn: readonly number[], timeScale: number): number[] {
  return profile.stages.map((stage, i) => {
    const ms = drawn[i] ?? 0;
    if (isFault(stage)) return ms;
    const leastMs = Math.max(slopeMs(stage, vus, SCALED_CHANGES_PER_S), stage.leastMs ?? 0);
    return Math.min(ms, Math.max(ms * timeScale, leastMs));
  });
}

/** Slopes keep their length as long as they take no more than half of the total; the level stages share the rest. */
function totalled({ stages }: Profile, drawn: readonly number[], totalMs: number): number[] {
  const isLevel = stages.map((stage) => stage.fromShare === stage.toShare);
  const levelMs = sum(drawn.filter((_, i) => isLevel[i]));
  const slopesMs = sum(drawn) - levelMs;
  const slopeTotalMs = levelMs === 0 ? totalMs : Math.min(slopesMs, totalMs / 2);
  return drawn.map((ms, i) => {
    if (isLevel[i]) return levelMs === 0 ? 0 : (ms / levelMs) * (totalMs - slopeTotalMs);
    return slopesMs === 0 ? 0 : (ms / slopesMs) * slopeTotalMs;
  });
}

function isFault({ role }: Stage): boolean {
  return role === 'fault';
}

/** How long a slope must be for its profile's `changesPerS`. */
function leastMs({ changesPerS }: Profile, stage: Stage, vus: number): number {
  return changesPerS === undefined ? 0 : slopeMs(stage, vus, changesPerS);
}

/** A step stays a step. */
function slopeMs({ durationMs, fromShare, toShare }: Stage, vus: number, changesPerS: number): number {
  return durationMs === 0 ? 0 : (Math.abs(toShare - fromShare) * vus * 1000) / changesPerS;
}

/** What a run made shorter by other means is scaled by, where its rows are about real time. */
function lengthScale({ anyLength }: Profile, ratio: number): number {
  return anyLength === true || !(ratio < 1) ? 1 : Number(ratio.toPrecision(2));
}

/** Whole milliseconds with the same total: the *corners* are rounded, so no error adds up. */
function withSpans(profile: Profile, spans: readonly number[]): Profile {
  let atMs = 0;
  const stages = profile.stages.map((stage, i) => {
    const from = Math.round(atMs);
    atMs += spans[i] ?? 0;
    return { ...stage, durationMs: Math.round(atMs) - from };
  });
  return { ...profile, stages };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
