import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  END_MS,
  healthyRun,
  recorderOf,
  reported,
  throughDisk,
  totalsOf,
} from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { ConfigError } from '../errors.js';
import { decodeHistograms } from '../stats/merge.js';
import { Moments } from '../stats/moments.js';
import { encodeTick } from '../stats/tick-codec.js';
import { conclude } from './conclude.js';
import { judgeFolder } from './judge-command.js';
import type { LifecycleEvent } from './lifecycle.js';
import { RUN_FILES } from './run-folder.js';
import type { RunRecord } from './run-record.js';

const recorder = recorderOf();
for (const event of healthyRun()) recorder.on(reported(event));
const ticks = [...recorder.takeTick(END_MS / 2), ...recorder.takeTick(END_MS, true)];
const lines = ticks.map(encodeTick).join('\n');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: {
  run?: string;
  ticks?: string;
  events?: readonly LifecycleEvent[];
}): Promise<void> {
  const events = files.events ?? [{ kind: 'run_ended', atMs: END_MS, counts: {} }];
  await writeFile(join(folder, RUN_FILES.run), files.run ?? JSON.stringify(recordOf()));
  await writeFile(join(folder, RUN_FILES.ticks), files.ticks ?? `${lines}\n`);
  await writeFile(
    join(folder, RUN_FILES.events),
    events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
}

function recordWithout(name: keyof RunRecord, instead?: unknown): string {
  return JSON.stringify({ ...recordOf(), [name]: instead });
}

describe('judgeFolder', () => {
  it('does not take the ticks of another run for its own', async () => {
    const foreign = ticks.map((tick) => encodeTick({ ...tick, worker: 7 })).join('\n');
    await write({ ticks: `${lines}\n${foreign}\n` });
    const { summary } = await judgeFolder(folder);
    expect(summary.verdict).toBe('invalid');
    expect(summary.invalidReasons.map(({ code }) => code)).toContain('foreign_ticks');
  });

  it('counts ticks that stand there twice once', async () => {
    await write({ ticks: `${lines}\n${lines}\n` });
    const twice = (await judgeFolder(folder)).summary;
    await write({});
    const once = (await judgeFolder(folder)).summary;
    expect(twice.kpis).toEqual(once.kpis);
    expect(twice.notes.join()).toContain(`${ticks.length} ticks came twice`);
  });

  it('gives the same summary as the run that wrote the folder', async () => {
    await write({});
    const moments = new Moments();
    for (const tick of throughDisk(ticks)) moments.add(tick, decodeHistograms(tick));
    const ended = { completed: true, workersDied: [], notes: [] };
    const live = conclude(recordOf(), totalsOf(ticks), ended, moments);
    const again = await judgeFolder(folder);
    expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(live)));
    expect(again.summary.verdict).toBe('pass');
  });

  it('judges a killed run up to its last whole tick, and says that it did not end', async () => {
    await write({ ticks: `${lines}\n${lines.slice(0, 200)}`, events: [{ kind: 'run_started', atMs: 0 }] });
    const { summary, reason } = await judgeFolder(folder);
    expect(summary.exitCode).toBe(105);
    expect(summary.notes).toContain('the last tick was cut off');
    expect(reason).toContain('did not come to its end');
  });

  it('of a run without a single tick has no data', async () => {
    await write({ ticks: '', events: [{ kind: 'run_started', atMs: 0 }] });
    expect((await judgeFolder(folder)).summary.verdict).not.toBe('pass');
  });

  it.each([
    ['a folder that is not there', async () => rm(folder, { recursive: true }), /run\.json: ENOENT/],
    ['an empty folder', async () => {}, /run\.json: ENOENT/],
    ['garbage for a run', () => write({ run: '<html>502</html>' }), /run\.json is not JSON/],
    ['another JSON', () => write({ run: '{"v":1}' }), /not the record of a run/],
    ['a record without its rows', () => write({ run: recordWithout('exempt') }), /not the record of a run/],
    ['a record without its host', () => write({ run: recordWithout('host') }), /not the record of a run/],
    [
      'phases that are none',
      () => write({ run: recordWithout('phases', [null]) }),
      /not the record of a run/,
    ],
    [
      'a line without end in the ticks',
      () => write({ ticks: `${'x'.repeat(20_000)}\n${lines}\n` }),
      /ticks\.ndjson.*8192 bytes/,
    ],
    ['garbage in the middle of the ticks', () => write({ ticks: `garbage\n${lines}\n` }), /ticks\.ndjson/],
  ])('refuses %s with words', async (_name, prepare, words) => {
    await prepare();
    const failure = await judgeFolder(folder).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toMatch(words);
  });
});
