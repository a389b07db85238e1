import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import type { Profile, Stage } from './profile.js';
import { findProfile } from './profiles.js';
import { type TimedProfile, type Timing, timed } from './timing.js';

const drawn: Profile = {
  name: 'drawn',
  title: '',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 10_000, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 45_000, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 5000, fromShare: 1, toShare: 0 },
  ],
  rates: {},
  judges: [],
  defaults: { vus: 10, mix: { hls: 1, flv: 1 } },
};

function fine(profile: Profile, vus: number, timing: Timing): TimedProfile {
  const issues: ConfigIssue[] = [];
  const result = timed(profile, vus, timing, issues);
  expect(issues).toEqual([]);
  return result;
}

function spans(profile: Profile, vus: number, timing: Timing = {}): number[] {
  return fine(profile, vus, timing).profile.stages.map(({ durationMs }) => durationMs);
}

function spansOf(name: string, vus: number, timing: Timing): Record<string, number> {
  const { stages } = fine(findProfile(name) as Profile, vus, timing).profile;
  return Object.fromEntries(stages.map((stage) => [stage.name, stage.durationMs / 1000]));
}

describe('timed', () => {
  it.each([
    { timing: {}, vus: 10, ramp: 10_000, hold: 45_000, drain: 5000 },
    { timing: { durationMs: 120_000 }, vus: 10, ramp: 10_000, hold: 105_000, drain: 5000 },
    { timing: { durationMs: 30_000 }, vus: 10, ramp: 10_000, hold: 15_000, drain: 5000 },
    { timing: { durationMs: 20_000 }, vus: 10, ramp: 6667, hold: 10_000, drain: 3333 },
    { timing: { holdMs: 20_000 }, vus: 10, ramp: 10_000, hold: 20_000, drain: 5000 },
    { timing: { timeScale: 0.1 }, vus: 10, ramp: 1000, hold: 4500, drain: 500 },
    { timing: { timeScale: 0.1 }, vus: 100, ramp: 5000, hold: 4500, drain: 5000 },
    { timing: { holdMs: 90_000, timeScale: 0.1 }, vus: 10, ramp: 1000, hold: 9000, drain: 500 },
  ])('repeats its table: $vus viewers with $timing', ({ timing, vus, ramp, hold, drain }) => {
    expect(spans(drawn, vus, timing)).toEqual([ramp, hold, drain]);
  });

  it('never makes a slope longer than it is drawn because of a scale', () => {
    expect(spans(drawn, 1000, { timeScale: 0.1 })).toEqual([10_000, 4500, 5000]);
  });

  it('gives a profile without slopes the whole total', () => {
    const level: Profile = { ...drawn, stages: [drawn.stages[1] as Stage] };
    expect(spans(level, 10, { durationMs: 7000 })).toEqual([7000]);
  });

  it('shares the total among slopes when nothing is level', () => {
    const slopes: Profile = { ...drawn, stages: drawn.stages.filter((stage) => stage.role !== 'hold') };
    expect(spans(slopes, 10, { durationMs: 30_000 })).toEqual([20_000, 10_000]);
  });

  it('keeps whole corners: no rounding adds up', () => {
    const thirds = Array.from({ length: 30 }, (_, i): Stage => {
      return { name: `s${i}`, role: 'hold', durationMs: 1, fromShare: 1, toShare: 1 };
    });
    const total = spans({ ...drawn, stages: thirds }, 1, { durationMs: 1000 });
    expect(total.reduce((a, b) => a + b)).toBe(1000);
  });
});

describe('a profile that limits how many come or go in a second', () => {
  const gentle: Profile = { ...drawn, changesPerS: 20 };

  it.each([
    { vus: 100, totalMs: undefined, wanted: [10_000, 45_000, 5000] }, // 10/s and 20/s as drawn
    { vus: 500, totalMs: undefined, wanted: [25_000, 45_000, 25_000] }, // 500 / 20
    { vus: 500, totalMs: 180_000, wanted: [25_000, 130_000, 25_000] },
    { vus: 500, totalMs: 60_000, wanted: [15_000, 30_000, 15_000] }, // half of the run, no more
  ])('$vus viewers in $totalMs ms: $wanted', ({ vus, totalMs, wanted }) => {
    expect(spans(gentle, vus, totalMs === undefined ? {} : { durationMs: totalMs })).toEqual(wanted);
  });

  it('leaves a step a step', () => {
    const step = { name: 'step', role: 'spike', durationMs: 0, fromShare: 0, toShare: 1 } as const;
    expect(spans({ ...gentle, stages: [step, ...gentle.stages.slice(1)] }, 500)[0]).toBe(0);
  });
});

describe('the hold', () => {
  it.each([
    ['ramp', { ramp: 300, hold: 1800, drain: 300 }],
    ['spike', { arrive: 5, baseline: 115, spike: 30, hold: 1800, drop: 30, settle: 120, recovery: 150 }],
    ['chatBurst', { ramp: 60, hold: 1800, burst: 300, after: 60, drain: 30 }],
  ])('of %s is the one that is called so', (name, wanted) => {
    expect(spansOf(name, 500, { holdMs: 1_800_000 })).toEqual(wanted);
  });

  it('of an escalation is each of its steps', () => {
    const spansS = spansOf('escalation', 1000, { holdMs: 600_000 });
    expect([1, 2, 3, 4, 5].map((step) => spansS[`step_${step}`])).toEqual([600, 600, 600, 600, 600]);
    expect(spansS.rise_1).toBe(60);
  });

  it.each([
    ['recovery', { holdMs: 1000 }, '--hold'],
    ['recovery', { durationMs: 60_000 }, '--duration'],
    ['ramp', { holdMs: 1000, durationMs: 60_000 }, '--hold'],
    ['ramp', { timeScale: 0.5, durationMs: 60_000 }, '--time-scale'],
  ])('of %s with %o is refused at %s', (name, timing, path) => {
    const issues: ConfigIssue[] = [];
    timed(findProfile(name) as Profile, 10, timing, issues);
    expect(issues.map((issue) => issue.path)).toEqual([path]);
  });
});

describe('a scaled run', () => {
  it('shortens holds and ramps of a recovery, no fault, and leaves time to come to rest', () => {
    expect(spansOf('recovery', 40, { timeScale: 0.05 })).toEqual({
      ramp: 9,
      settle: 30,
      partition: 20,
      after_partition: 30,
      publisher_loss: 15,
      after_publisher_loss: 30,
      media_kill: 40,
      after_media_kill: 30,
      publisher_drop: 70,
      after_publisher_drop: 30,
      drain: 3,
    });
  });

  it('brings no more than 20 viewers in a second, and the spike as it is drawn when that is steeper', () => {
    expect(spansOf('spike', 500, { timeScale: 0.05 }).spike).toBe(22.5);
    expect(spansOf('spike', 2000, { timeScale: 0.05 }).spike).toBe(30);
  });

  it('says so, also when it was made shorter by other means', () => {
    const ramp = findProfile('ramp') as Profile;
    expect(fine(ramp, 500, { timeScale: 0.1 }).timeScale).toBe(0.1);
    expect(fine(ramp, 500, { durationMs: 210_000 }).timeScale).toBe(0.1);
    expect(fine(ramp, 500, { holdMs: 60_000 }).timeScale).toBe(0.31);
    expect(fine(ramp, 500, { holdMs: 1_800_000 }).timeScale).toBeUndefined();
    expect(fine(ramp, 500, { timeScale: 1 }).timeScale).toBeUndefined();
    expect(fine(findProfile('smoke') as Profile, 50, { durationMs: 20_000 }).timeScale).toBeUndefined();
  });
});
