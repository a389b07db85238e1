import { resolveConfig } from '../../src/config.js';
import { createRunRecord, type RunRecord } from '../../src/run/run-record.js';
import { createPlan } from '../../src/scenarios/plan.js';

/** What `run.json` of a smoke run on its own stage says. */
export function recordOf(changes: Partial<RunRecord> = {}): RunRecord {
  const config = resolveConfig({}, { cores: 2 });
  const target = {
    apiUrl: 'http://127.0.0.1:1',
    socketUrl: 'http://127.0.0.1:1',
    flvUrl: 'http://127.0.0.1:1',
    hlsUrl: 'http://127.0.0.1:1',
    streamKey: 'a-secret-key',
  };
  const record = createRunRecord({
    id: '20261122T090605Z-smoke-a1b2c3',
    config,
    plan: createPlan(config.profile, config),
    target,
    startEpochMs: 1_800_000_000_000,
    users: config.vus,
    version: '0.0.0',
    before: { machine: { cores: 2, memoryBytes: 8e9 } },
  });
  return { ...record, ...changes };
}
