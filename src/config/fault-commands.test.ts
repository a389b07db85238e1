import { expect, test } from 'vitest';
import { resolveConfig } from '../config.js';
import { faultWords } from '../scenarios/fault-step.js';
import type { Profile } from '../scenarios/profile.js';
import type { RunFlags } from './flags.js';
import type { Origins } from './layer.js';

const PROFILE: Profile = {
  name: 'mine',
  title: 'breaks something with a command',
  stages: [{ name: 'hold', role: 'hold', durationMs: 60_000, fromShare: 1, toShare: 1 }],
  faults: [
    {
      ...{ name: 'x', stage: 'hold', atMs: 0, forMs: 1000, breaks: 'other', graceMs: 45_000 },
      action: { on: 'run', command: 'true', timeLimitMs: 1000 },
    },
  ],
  rates: {},
  judges: [],
  defaults: { vus: 1, mix: { hls: 1, flv: 0 } },
};

const resolve = (origins: Origins): unknown =>
  resolveConfig({ profile: './mine.yaml' }, { cores: 2, profile: PROFILE }, [], origins);

test('commands run only for a profile that the user named', () => {
  const file = { kind: 'file', path: 'dorami-load.yaml', line: 1 } as const;
  expect(() => resolve({ profile: { kind: 'flag' }, config: { kind: 'found' } })).not.toThrow();
  expect(() => resolve({ profile: file, config: { kind: 'flag' } })).not.toThrow();
  expect(() => resolve({ profile: file, config: { kind: 'found' } })).toThrow(/run commands of this machine/);
});

test('a partition is one of a real network only on a platform, with the flag, and said as one', () => {
  const partition = { on: 'network', do: 'partition' } as const;
  const profile: Profile = {
    ...PROFILE,
    faults: (PROFILE.faults ?? []).map((fault) => ({
      ...fault,
      action: partition,
      breaks: 'network' as const,
    })),
  };
  const wordsOf = (flags: RunFlags): string => {
    const host = { cores: 2, profile };
    const [fault] = resolveConfig({ profile: './mine.yaml', ...flags }, host).profile.faults ?? [];
    return fault === undefined ? '' : faultWords(fault);
  };
  const platform = { target: 'http://127.0.0.1:9' };
  const mayCut = { 'allow-network-faults': true };
  expect(wordsOf({ ...platform, ...mayCut })).toBe('network partition (real, both ways, the target) for 1 s');
  for (const flags of [{}, platform, mayCut]) expect(wordsOf(flags)).toBe('network partition for 1 s');
});
