import { expect, test } from 'vitest';
import { resolveConfig } from '../config.js';
import type { Profile } from '../scenarios/profile.js';
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
