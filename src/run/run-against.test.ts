import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { resolveConfig } from '../config.js';
import { createPlan } from '../scenarios/plan.js';
import type { LiveRunInput } from './live-run.js';
import { type RunAgainstInput, runAgainst } from './run-against.js';

const told: string[] = [];
vi.mock('./onlookers.js', () => ({
  openOnlookers: async () => ({
    ...{ view: { everyMs: 1000, show() {}, close: () => told.push('view closed') }, meters: undefined },
    ...{ traces: undefined, begin() {}, steer() {}, leaving() {} },
    finish: async () => {},
    kill: () => told.push('killed'),
  }),
}));
vi.mock('./live-run.js', () => ({
  async liveRun({ folder, onStart }: LiveRunInput) {
    await onStart(1_800_000_000_000);
    folder.appendEvent('{"kind":"run_started","atMs":0}');
    throw new Error('the ground is gone');
  },
}));

test('a run that breaks in its middle ends those who look on, and keeps what it had measured', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'dorami-against-'));
  const config = resolveConfig({ vus: '2', out: outDir, quiet: true }, { cores: 2 });
  const plan = createPlan(config.profile, config);
  const url = 'http://127.0.0.1:1';
  const running = runAgainst({
    ...{ config, plan, version: '1', output: { line() {}, result() {} }, stop: new Promise(() => {}) },
    before: { machine: { cores: 2, memoryBytes: 1e9 } },
    platform: {
      target: { apiUrl: url, socketUrl: url, flvUrl: url, hlsUrl: url, streamKey: 'demo' },
      ...{ identities: [], stageDied: new Promise(() => {}), plantFaults: async () => {} },
    },
    ...{ publisherClock: { state: { kind: 'unknown' } }, fleet: { facts: [] }, dashboard: undefined },
  } as unknown as RunAgainstInput);
  await expect(running).rejects.toThrow('the ground is gone');
  expect(told).toEqual(['view closed', 'killed']);
  const [folder = ''] = readdirSync(outDir);
  expect(readFileSync(join(outDir, folder, 'events.ndjson'), 'utf8')).toContain('run_started');
});
