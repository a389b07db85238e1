import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, recorderOf, reported } from '../../test/support/measured.js';
import { SMALL_TARGET } from '../../test/support/small-platform.js';
import { resolveConfig } from '../config.js';
import { createRng } from '../rng.js';
import { createPlan } from '../scenarios/plan.js';
import { encodeTick } from '../stats/tick-codec.js';
import { judgeFolder } from './judge-command.js';
import type { LifecycleEvent } from './lifecycle.js';
import { RUN_FILES } from './run-folder.js';
import { createRunRecord } from './run-record.js';

const EVERY_MS = 10_000;
const TICKS = 40;
const CUTS = 25;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cut-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EVENTS: Readonly<Record<string, readonly LifecycleEvent[]>> = {
  soak: [],
  escalation: [],
  recovery: [
    { kind: 'fault_started', atMs: 120_000, name: 'partition', what: 'network partition', breaks: 'network' },
    { kind: 'fault_ended', atMs: 125_000, name: 'partition' },
  ],
};

/** What a run of a profile writes, one tick in ten seconds, and how it began. */
function recorded(profile: string) {
  const config = resolveConfig({ profile }, { cores: 2 });
  const plan = createPlan(config.profile, config);
  const record = createRunRecord({
    ...{ id: 'cut', config, plan, target: SMALL_TARGET, version: '0.0.0', users: config.vus },
    ...{ startEpochMs: 1_800_000_000_000, before: { machine: { cores: 2, memoryBytes: 8e9 } } },
  });
  const recorder = recorderOf(0, undefined, plan.phases);
  const ticks = Array.from({ length: TICKS }, (_, i) => {
    for (let call = 0; call < 5; call++) recorder.on(reported({ ...api(false), atMs: i * EVERY_MS }));
    return recorder.takeTick((i + 1) * EVERY_MS).map(encodeTick);
  }).flat();
  const started: LifecycleEvent = { kind: 'run_started', atMs: 0 };
  const events = [started, ...(EVENTS[profile] ?? [])].map((event) => JSON.stringify(event));
  return { run: JSON.stringify(record), ticks: `${ticks.join('\n')}\n`, events: `${events.join('\n')}\n` };
}

/** Kept as a file that is written from its start to its end is, when its writer is killed. */
function cutAt(text: string, share: number): string {
  return text.slice(0, Math.floor(text.length * share));
}

/** Lines that end; and a last one without its end, if all but the newline had been written. */
function wholeLines(text: string, all: string): number {
  const whole = text.split('\n').length - 1;
  return text !== '' && !text.endsWith('\n') && all[text.length] === '\n' ? whole + 1 : whole;
}

test.each(['soak', 'escalation', 'recovery'])(
  'the folder of a %s that was killed at any byte is judged up to its last whole tick, and said to be cut short',
  async (profile) => {
    const files = recorded(profile);
    const rng = createRng(1, profile);
    await writeFile(join(folder, RUN_FILES.run), files.run);
    for (let cut = 0; cut < CUTS; cut++) {
      const ticks = cutAt(files.ticks, cut === 0 ? 0 : rng.next());
      const events = cutAt(files.events, cut === 1 ? 0 : rng.next());
      await writeFile(join(folder, RUN_FILES.ticks), ticks);
      await writeFile(join(folder, RUN_FILES.events), events);
      const { summary, reason } = await judgeFolder(folder);
      const whole = wholeLines(ticks, files.ticks);
      expect(summary.metrics.api_read_since_due_ms?.count ?? 0).toBe(5 * whole);
      expect(summary.run.measuredMs).toBe(whole * EVERY_MS);
      const isTorn = ticks !== '' && !ticks.endsWith('\n') && files.ticks[ticks.length] !== '\n';
      expect(summary.notes.includes('the last tick was cut off')).toBe(isTorn);
      expect(summary.verdict).not.toBe('pass');
      expect(summary.exitCode).toBe(105);
      expect(reason).toContain('did not come to its end');
    }
  },
);
