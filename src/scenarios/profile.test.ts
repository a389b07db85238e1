import { describe, expect, it } from 'vitest';
import { type Profile, profileFor } from './profile.js';
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
