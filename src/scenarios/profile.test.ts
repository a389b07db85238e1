import { describe, expect, it } from 'vitest';
import { type Profile, profileFor, stageDurations } from './profile.js';
import { allProfiles } from './profiles.js';

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

describe('stageDurations', () => {
  it.each([
    { totalMs: undefined, ramp: 10_000, hold: 45_000, drain: 5000 },
    { totalMs: 120_000, ramp: 10_000, hold: 105_000, drain: 5000 }, // 120 - 10 - 5
    { totalMs: 30_000, ramp: 10_000, hold: 15_000, drain: 5000 }, // slopes are exactly half
    { totalMs: 20_000, ramp: 6667, hold: 10_000, drain: 3333 }, // 10 s of slopes as 2 : 1
  ])(
    'a total of $totalMs ms gives ramp $ramp, hold $hold, drain $drain',
    ({ totalMs, ramp, hold, drain }) => {
      const [a, b, c] = stageDurations(drawn, 10, totalMs);
      expect(a).toBeCloseTo(ramp, 0);
      expect(b).toBeCloseTo(hold, 0);
      expect(c).toBeCloseTo(drain, 0);
    },
  );

  it('gives a profile without slopes the whole total', () => {
    const level: Profile = { ...drawn, stages: [drawn.stages[1] as Profile['stages'][number]] };
    expect(stageDurations(level, 10, 7000)).toEqual([7000]);
  });

  it('shares the total among slopes when nothing is level', () => {
    const slopes: Profile = { ...drawn, stages: drawn.stages.filter((stage) => stage.role !== 'hold') };
    expect(stageDurations(slopes, 10, 30_000)).toEqual([20_000, 10_000]);
  });
});

describe('a profile that limits how many come or go in a second', () => {
  const gentle: Profile = { ...drawn, changesPerS: 20 };

  it.each([
    { vus: 100, totalMs: undefined, spans: [10_000, 45_000, 5000] }, // 10/s and 20/s as drawn
    { vus: 500, totalMs: undefined, spans: [25_000, 45_000, 25_000] }, // 500 / 20
    { vus: 500, totalMs: 180_000, spans: [25_000, 130_000, 25_000] },
    { vus: 500, totalMs: 60_000, spans: [15_000, 30_000, 15_000] }, // half of the run, no more
  ])('$vus viewers in $totalMs ms: $spans', ({ vus, totalMs, spans }) => {
    expect(stageDurations(gentle, vus, totalMs)).toEqual(spans);
  });

  it('leaves a step a step', () => {
    const step = { name: 'step', role: 'spike', durationMs: 0, fromShare: 0, toShare: 1 } as const;
    expect(stageDurations({ ...gentle, stages: [step, ...gentle.stages.slice(1)] }, 500)[0]).toBe(0);
  });
});

describe('the shipped profiles', () => {
  it.each(allProfiles())('$name has stages with unique names that a tick key can carry', (profile) => {
    const names = profile.stages.map((stage) => stage.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });

  it.each(allProfiles())('$name has a hold or steps, and shares between 0 and 1', (profile) => {
    expect(profile.stages.some((stage) => stage.role === 'hold' || stage.role === 'step')).toBe(true);
    for (const { fromShare, toShare } of profile.stages) {
      expect(Math.min(fromShare, toShare)).toBeGreaterThanOrEqual(0);
      expect(Math.max(fromShare, toShare)).toBeLessThanOrEqual(1);
    }
  });
});

describe('a profile that limits the chat of all', () => {
  const quiet: Profile = { ...drawn, rates: { chatEveryMs: 10_000 }, chatAtMostPerS: 500 / 30 };

  it.each([
    { vus: 50, chatEveryMs: 10_000 }, // 5 a second
    { vus: 166, chatEveryMs: 10_000 },
    { vus: 500, chatEveryMs: 30_000 },
    { vus: 1000, chatEveryMs: 60_000 },
  ])('has each of $vus viewers write every $chatEveryMs ms', ({ vus, chatEveryMs }) => {
    expect(profileFor(quiet, vus).rates.chatEveryMs).toBe(chatEveryMs);
  });

  it('invents no chat where there is none', () => {
    expect(profileFor({ ...quiet, rates: {} }, 500).rates).toEqual({});
  });
});
