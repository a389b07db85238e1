import { expect, test } from 'vitest';
import { ConfigError } from '../errors.js';
import type { FaultAction, FaultStep } from '../scenarios/fault-step.js';
import { createPlan } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import type { Target } from '../target.js';
import { checkFaults } from './fault-check.js';

const PLATFORM: Target = {
  ...{ apiUrl: 'http://10.9.9.9', socketUrl: 'http://10.9.9.9' },
  ...{ flvUrl: 'http://10.9.9.9', hlsUrl: 'http://10.9.9.9', streamKey: 'key' },
};
const AT_PLATFORM = { kind: 'platform', target: PLATFORM, loopback: false } as const;
const AT_STAGE = { kind: 'stage', faults: [] } as const;
const PARTITION: FaultAction = { on: 'network', do: 'partition' };
const GHOST: FaultAction = { on: 'process', do: 'pause', pidFile: '/nowhere/x.pid' };

async function problems(
  actions: readonly FaultAction[],
  more: Partial<Parameters<typeof checkFaults>[0]> = {},
): Promise<string[]> {
  const faults = actions.map((action, index): FaultStep => {
    const step = { name: `f${index}`, stage: 'broken', atMs: index * 2000, forMs: 1000 };
    return { ...step, action, breaks: 'other', graceMs: 0 };
  });
  const profile: Profile = {
    ...{ name: 'p', title: 'p', rates: {}, judges: [], faults },
    stages: [{ name: 'broken', role: 'fault', durationMs: 60_000, fromShare: 1, toShare: 1 }],
    defaults: { vus: 1, mix: { hls: 1, flv: 0 } },
  };
  const plan = createPlan(profile, { vus: 1, mix: { hls: 1, flv: 0 }, seed: 1 });
  const config = { profile, target: AT_STAGE, controls: {}, allowNetworkFaults: false, ...more };
  try {
    await checkFaults(config, plan);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ path, problem }) => `${path}: ${problem}`);
  }
}

test('a partition of a stage needs nothing, one of a platform a flag', async () => {
  expect(await problems([PARTITION])).toEqual([]);
  expect(await problems([PARTITION], { target: AT_PLATFORM })).toEqual([
    expect.stringContaining('p.faults.f0: a partition of a real network needs --allow-network-faults'),
  ]);
  const staged = { target: AT_PLATFORM, controls: { stageUrl: 'http://127.0.0.1:1' } };
  expect(await problems([PARTITION], staged)).toEqual([]);
});

test('what changes this machine needs the flag, and all of it is told at once', async () => {
  const cut: FaultAction = { ...PARTITION, cut: { direction: 'both', peers: [] } };
  const link: FaultAction = { on: 'network', do: 'link-down', interface: 'eth0' };
  const said = await problems([cut, link, GHOST]);
  expect(said).toEqual(
    [0, 1, 2].map((n) => expect.stringContaining(`f${n}: it changes this machine itself`)),
  );
});

test('with the flag it is looked at whether it can be made, and where it would be written down', async () => {
  expect(await problems([GHOST, GHOST], { allowNetworkFaults: true, journal: '/proc/nowhere' })).toEqual([
    'p.faults.f0: no process runs: /nowhere/x.pid',
    'p.faults.f1: no process runs: /nowhere/x.pid',
    expect.stringMatching(/^--journal: nothing can be written down in \/proc\/nowhere/),
  ]);
});

test('viewers of other boxes are not behind the network of this machine', async () => {
  const boxes: NonNullable<Parameters<typeof checkFaults>[0]['boxes']> = {
    ...{ broker: { embed: { host: '127.0.0.1', port: 1 } }, least: 2, waitMs: 1, tolerated: 0 },
  };
  const link: FaultAction = { on: 'network', do: 'link-down', interface: 'eth0' };
  const over = { target: AT_PLATFORM, allowNetworkFaults: true, boxes };
  expect(await problems([link, PARTITION, GHOST], over)).toEqual([
    expect.stringContaining('f0: the viewers of this run are on its load boxes'),
    expect.stringContaining('f1: the viewers of this run are on its load boxes'),
    expect.stringContaining('f2: no process runs'),
  ]);
  const staged = { ...over, controls: { stageUrl: 'http://127.0.0.1:1' } };
  expect(await problems([PARTITION], staged)).toEqual([]);
});

test('the other faults of a profile need what they needed', async () => {
  const media: FaultAction = { on: 'media', do: 'kill' };
  expect(await problems([media], { target: AT_PLATFORM, allowNetworkFaults: true })).toEqual([
    expect.stringContaining('container: kill'),
  ]);
});
