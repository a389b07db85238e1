import { expect, test } from 'vitest';
import { resolveConfig } from '../config.js';
import type { ConfigIssue } from '../errors.js';
import type { RunFlags } from './flags.js';
import { keptFlags } from './kept-settings.js';

const NATS = 'nats://user:secret@127.0.0.1:4222';
const GIVEN: RunFlags = {
  ...{ profile: 'ramp', vus: '40', seed: '7', mix: 'hls=50,flv=50', rate: ['chat=20s', 'cart=off'] },
  ...{ target: 'https://staging.example.com', 'allow-target': ['staging.example.com'], insecure: true },
  ...{ 'stream-key': 'show-key', nats: NATS, agents: '2', 'on-agent-loss': 'tolerate=1' },
};

test('what was said is said again; what nobody said is left to be found again', () => {
  const { settings } = resolveConfig(GIVEN, { cores: 4 });
  const kept = JSON.parse(JSON.stringify(settings)) as typeof settings;
  const issues: ConfigIssue[] = [];
  const flags = keptFlags(kept, { nats: NATS, 'stream-key': 'show-key', json: true }, {}, issues);
  expect(issues).toEqual([]);
  const { 'allow-target': _hosts, rate, ...rest } = flags;
  expect(rest).toEqual({
    ...{ config: 'none', json: true, nats: NATS, 'stream-key': 'show-key' },
    ...{ profile: 'ramp', vus: '40', seed: '7', mix: 'hls=50,flv=50', insecure: true },
    ...{ target: GIVEN.target, agents: '2', 'on-agent-loss': 'tolerate=1' },
  });
  expect([...(rate ?? [])].map((pair) => pair.split('=')[0]).sort()).toEqual(['cart', 'chat']);
  const again = resolveConfig(flags, { cores: 4 });
  const first = resolveConfig(GIVEN, { cores: 4 });
  for (const key of ['profile', 'vus', 'seed', 'mix', 'target', 'boxes', 'allowTargets', 'insecure'] as const)
    expect(JSON.stringify(again[key])).toBe(JSON.stringify(first[key]));
});

test('a secret is asked for by its name, unless the environment has it', () => {
  const { settings } = resolveConfig(GIVEN, { cores: 4 });
  const issues: ConfigIssue[] = [];
  const flags = keptFlags(settings, {}, { DORAMI_LOAD_STREAM_KEY: 'show-key' }, issues);
  expect(issues).toEqual([
    {
      ...{ path: '--nats', problem: 'is kept nowhere, and must be said again' },
      wanted: 'the environment: DORAMI_LOAD_NATS',
    },
  ]);
  expect(Object.values(flags)).not.toContain('***');
});
