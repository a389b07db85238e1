import { expect, it } from 'vitest';
import type { RunFlags } from '../config/flags.js';
import { resolveConfig } from '../config.js';
import { ConfigError } from '../errors.js';
import type { FaultSpec } from '../stage/fault-spec.js';
import { openPlatform } from './platform.js';
import type { StageProcess } from './stage-process.js';

const BASE = 'http://127.0.0.1:1';
const TARGET = { apiUrl: BASE, socketUrl: BASE, flvUrl: BASE, hlsUrl: BASE, streamKey: 'demo' };

function configOf(flags: RunFlags) {
  return resolveConfig({ vus: '3', ...flags }, { cores: 2 });
}

/** A stage that is never started. */
function fakeStage(changes: Partial<StageProcess> = {}) {
  const seen = { options: [] as unknown[], planted: [] as unknown[], stopped: 0, killed: 0 };
  const stage: StageProcess = {
    target: TARGET,
    counts: async () => ({}),
    controlUrl: 'http://127.0.0.1:2',
    died: new Promise(() => {}),
    users: async (count) =>
      Array.from({ length: count }, (_, i) => ({ userId: `u${i}`, accessToken: `t${i}` })),
    plant: async (fault: FaultSpec | object) => {
      seen.planted.push(fault);
    },
    stop: async () => {
      seen.stopped++;
    },
    kill: () => {
      seen.killed++;
    },
    ...changes,
  };
  const start = async (options: object): Promise<StageProcess> => {
    seen.options.push(options);
    return stage;
  };
  return { seen, start };
}

it('starts a stage with the faults that are always there, and takes a user per viewer from it', async () => {
  const { seen, start } = fakeStage();
  const flags = { 'stage-fault': ['mute-chat', 'freeze:at=5,for=2'], 'stream-key': 'show' };
  const platform = await openPlatform(configOf(flags), start);
  expect(seen.options).toEqual([{ streamKey: 'show', faults: ['mute-chat'] }]);
  expect(platform.target).toEqual(TARGET);
  expect(platform.identities.map(({ userId }) => userId)).toEqual(['u0', 'u1', 'u2']);
  await platform.close();
  platform.kill();
  expect(seen).toMatchObject({ stopped: 1, killed: 1 });
});

it('plants the faults of run time counted from run time 0', async () => {
  const { seen, start } = fakeStage();
  const flags = { 'stage-fault': ['freeze:at=5,for=2', 'slow:for=3,ms=100'] };
  const platform = await openPlatform(configOf(flags), start);
  await platform.plantFaults(250);
  expect(seen.planted).toEqual([
    { kind: 'freeze', atSeconds: 5.25, forSeconds: 2 },
    { kind: 'slow', atSeconds: 0.25, forSeconds: 3, ms: 100 },
  ]);
});

it('starts nothing for a fault that does not exist', async () => {
  const { seen, start } = fakeStage();
  await expect(openPlatform(configOf({ 'stage-fault': ['frieze'] }), start)).rejects.toThrow(ConfigError);
  expect(seen.options).toEqual([]);
});

it('stops the stage again when it gives no users', async () => {
  const { seen, start } = fakeStage({ users: () => Promise.reject(new Error('no users')) });
  await expect(openPlatform(configOf({}), start)).rejects.toThrow('no users');
  expect(seen.stopped).toBe(1);
});

it('takes a platform of others as it is: guests without a users file, nothing to plant or stop', async () => {
  const { seen, start } = fakeStage();
  const platform = await openPlatform(configOf({ target: 'http://127.0.0.1:9' }), start);
  expect(platform.identities).toEqual([]);
  await platform.plantFaults(0);
  await platform.close();
  platform.kill();
  expect(seen).toEqual({ options: [], planted: [], stopped: 0, killed: 0 });
});
