import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../config.js';
import { createPlan } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import { findProfile } from '../scenarios/profiles.js';
import { plannedOf } from './run-record.js';
import { scenarioDoubts } from './scenario-doubts.js';

/** What a run with these flags would be doubted for. */
function doubts(flags: Record<string, unknown>, users?: number): string[] {
  const config = resolveConfig(flags, { cores: 4 });
  const plan = createPlan(config.profile, config);
  const planned = plannedOf(config, plan, users ?? plan.vus);
  const shipped = findProfile(config.profile.name) as Profile;
  const { mix, behaviour } = config;
  const rates = { ...config.profile.rates };
  return scenarioDoubts(shipped, { ...plan, mix, behaviour, rates, planned });
}

describe('scenarioDoubts', () => {
  it.each(['ramp', 'spike', 'soak', 'recovery'])('has none of the %s as it is drawn', (profile) => {
    expect(doubts({ profile })).toEqual([]);
  });

  it('has none of more than is drawn', () => {
    expect(doubts({ profile: 'ramp', vus: '600', hold: '30m', rate: ['chat=10s', 'orders=1%'] })).toEqual([]);
  });

  it.each([
    [{ vus: '100' }, ['100 viewers of 500']],
    [{ hold: '5m' }, ['shorter than drawn: hold']],
    [{ rate: ['chat=off'] }, ['acts less than drawn: no chat']],
    [{ rate: ['chat=2m'] }, ['acts less than drawn: chat every 120 s, drawn every 30 s']],
    [{ mix: 'hls=100,flv=0' }, ['mix hls=100,flv=0, drawn hls=70,flv=30']],
    [{ behaviour: 'page' }, ['behaviour page, which is not what the scenario says']],
  ])('names what a ramp with %j lacks', (flags, wanted) => {
    expect(doubts({ profile: 'ramp', ...flags })).toEqual(wanted);
  });

  it('names guests, and a platform on which nobody may write', () => {
    expect(doubts({ profile: 'ramp' }, 20).join()).toContain('20 accounts for 500 viewers');
  });

  it('names stretches with fewer viewers than the scenario has there', () => {
    const config = resolveConfig({ profile: 'spike' }, { cores: 4 });
    const plan = createPlan(config.profile, config);
    const line = plan.line.map((corner) => ({ ...corner, level: Math.min(corner.level, 300) }));
    const held = { ...plan, line: [...line, { atMs: plan.totalMs, level: 500 }] };
    const { mix, behaviour } = config;
    const load = { ...held, mix, behaviour, rates: { ...config.profile.rates } };
    const planned = plannedOf(config, plan, plan.vus);
    const [found] = scenarioDoubts(findProfile('spike') as Profile, { ...load, planned });
    expect(found).toContain('hold (300 of 500)');
  });
});
