import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordOf } from '../../test/support/run-record.js';
import { resolveConfig } from '../config.js';
import { createPlan } from '../scenarios/plan.js';
import type { FleetRecord } from './fleet-record.js';
import type { Progress } from './progress.js';
import { checkSamePlan, findLeft } from './resumable.js';
import type { RunRecord } from './run-record.js';

const fleet: FleetRecord = { run: 'r1', place: 'here', tolerated: 0, boxes: [] };
const sound = recordOf({ fleet, embeddedStage: false, settings: [] });
const progress: Progress = {
  ...{ v: 1, savedEpochMs: 1, atMs: 2, head: 'h1', position: 3, boxes: {} },
  events: { written: 0, counts: {}, lines: 1 },
  hellos: [
    {
      ...{ kind: 'hello', epoch: 'e', publicKey: 'AAAA' },
      facts: {
        ...{ id: 'a', version: '0.0.0', nodeVersion: 'v20', hostname: 'h', cores: 2, memoryBytes: 1e9 },
        ...{ workers: 1, weight: 1, allowTargets: [] },
      },
    },
  ],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'left-'));
  await writeFile(join(folder, 'progress.json'), JSON.stringify(progress));
  await events();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function events(...more: readonly object[]): Promise<void> {
  const lines = [{ kind: 'run_started', atMs: 0 }, ...more].map((event) => `${JSON.stringify(event)}\n`);
  await writeFile(join(folder, 'events.ndjson'), lines.join(''));
}

const whyNot = (changes: Partial<RunRecord> = {}): Promise<string> =>
  findLeft(folder, { ...sound, ...changes }, '0.0.0').then(
    () => 'it can be',
    (error: Error & { code?: string }) => (error.code === 'cannot_resume' ? error.message : String(error)),
  );

test('what is left of a run is where it stood, and whom it had lost', async () => {
  await events(
    { kind: 'box_state', atMs: 1, box: 'a', state: 'lost', vus: 1, reason: 'gone' },
    { kind: 'box_state', atMs: 1, box: 'b', state: 'lost', vus: 1, reason: 'gone' },
    { kind: 'box_state', atMs: 2, box: 'b', state: 'back', vus: 1, reason: 'here' },
  );
  expect(await findLeft(folder, sound, '0.0.0')).toEqual({ progress, run: 'r1', lost: new Set(['a']) });
});

test('each run that cannot be taken up is refused with its reason', async () => {
  const { fleet: _none, ...local } = sound;
  const alone = await findLeft(folder, local, '0.0.0').catch((error: Error) => error.message);
  expect(alone).toMatch(/no run over load boxes/);
  expect(await whyNot({ embeddedStage: true })).toMatch(/own stage, which died with it/);
  expect(await whyNot({ settings: [{ key: 'embed-nats', value: '4222', source: 'flag' }] })).toMatch(
    /broker was the run's own/,
  );
  expect(await whyNot({ version: '9.9.9' })).toBe('it was begun by dorami-load 9.9.9, this is 0.0.0');
  expect(await whyNot({ escalation: { steps: [1], targetVus: 1 } })).toMatch(/breaking point/);
  expect(await whyNot()).toBe('it can be');
  await events({ kind: 'plan_changed', atMs: 5, what: 'scale', words: 'scaled' });
  expect(await whyNot()).toMatch(/plan was changed/);
  await events({ kind: 'run_ended', atMs: 5, counts: {} });
  expect(await whyNot()).toBe('it is over');
  await events();
  await writeFile(join(folder, 'progress.json'), '{"v":2}');
  expect(await whyNot()).toBe('progress.json is not of this version');
  await rm(join(folder, 'progress.json'));
  expect(await whyNot()).toBe('there is no progress.json that can be read');
  await writeFile(join(folder, 'summary.json'), '{}');
  expect(await whyNot()).toBe('it is over');
});

test('settings that make another plan than the one of then are refused by name', () => {
  const config = resolveConfig({}, { cores: 2 });
  const record = JSON.parse(JSON.stringify(recordOf())) as RunRecord;
  expect(() => checkSamePlan(record, config, createPlan(config.profile, config), config.vus)).not.toThrow();
  const other = resolveConfig({ vus: '7', seed: '2' }, { cores: 2 });
  expect(() => checkSamePlan(record, other, createPlan(other.profile, other), other.vus)).toThrow(
    /another plan than run.json has \(seed, .*planned/,
  );
});
