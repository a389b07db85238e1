import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../config.js';
import { ConfigError } from '../errors.js';
import type { RunFlags } from './flags.js';

const resolve = (flags: RunFlags) => resolveConfig({ profile: 'escalation', ...flags }, { cores: 4 });

describe('an escalation', () => {
  it('is the steps of the strategy, five minutes each, against 500 viewers', () => {
    const { escalation, vus, live } = resolve({});
    expect([vus, live]).toEqual([1000, true]);
    expect(escalation).toMatchObject({ steps: [100, 300, 500, 700, 1000], holdMs: 300_000, targetVus: 500 });
  });

  it('has the steps that are asked for, and as many viewers as the highest', () => {
    const { escalation, vus, maxVus } = resolve({ steps: ['10,20', '60'], 'target-vus': '40', hold: '1m' });
    expect([vus, maxVus]).toEqual([60, 60]);
    expect(escalation).toMatchObject({ steps: [10, 20, 60], holdMs: 60_000, targetVus: 40 });
  });

  it('goes with the number of viewers in proportion', () => {
    expect(resolve({ vus: '50' }).escalation?.steps).toEqual([5, 15, 25, 35, 50]);
  });

  it('is shorter with a scale of time, and no steeper than 20 viewers a second', () => {
    const { escalation } = resolve({ steps: ['100,300'], 'time-scale': '0.02' });
    expect(escalation).toMatchObject({ holdMs: 6000, settleMs: 1200 });
    expect(escalation?.perS).toBeCloseTo(20, 1);
  });

  it.each([
    { flags: { steps: ['20,10'] }, words: /--steps: not a list of steps \(seen 20,10/ },
    { flags: { steps: ['ten'] }, words: /--steps: not a list of steps/ },
    { flags: { steps: ['0,5'] }, words: /--steps: not a list of steps/ },
    { flags: { steps: [''] }, words: /--steps: not a list of steps/ },
    {
      flags: { steps: ['5,10'], vus: '20' },
      words: /--steps: the highest step and the number of viewers contradict/,
    },
    { flags: { profile: 'smoke', steps: ['5'] }, words: /--steps: smoke is no load of steps/ },
    { flags: { 'target-vus': 'many' }, words: /--target-vus: not a whole number in range/ },
  ])('refuses $flags', ({ flags, words }) => {
    expect(() => resolve(flags)).toThrow(ConfigError);
    expect(() => resolve(flags)).toThrow(words);
  });
});

it('other profiles look for no breaking point', () => {
  expect(resolveConfig({}, { cores: 4 })).toMatchObject({ live: false });
  expect(resolveConfig({}, { cores: 4 }).escalation).toBeUndefined();
});
