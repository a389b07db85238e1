import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { END_MS, healthyRun, recorderOf, reported } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { ConfigError } from '../errors.js';
import { encodeTick } from '../stats/tick-codec.js';
import { reportCommand } from './report-command.js';
import { REPORT_FILES } from './report-files.js';
import { RUN_FILES } from './run-folder.js';

const ALL = Object.values(REPORT_FILES);

let folder: string;
let results: string[];
const output = { result: (text: string) => void results.push(text), line: () => {} };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  results = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The folder of a run; of one that was killed with half of its last tick and no end. */
async function write({ killed = false } = {}): Promise<void> {
  const recorder = recorderOf();
  for (const event of healthyRun()) recorder.on(reported(event));
  recorder.gauge('vus_watching_count', 40);
  const ticks = [...recorder.takeTick(END_MS / 2), ...recorder.takeTick(END_MS, !killed)].map(encodeTick);
  const last = killed ? (ticks.at(-1) ?? '').slice(0, 40) : '';
  const end = killed ? '' : `{"kind":"run_ended","atMs":${END_MS},"counts":{}}\n`;
  await writeFile(join(folder, RUN_FILES.run), JSON.stringify(recordOf()));
  await writeFile(join(folder, RUN_FILES.ticks), `${ticks.join('\n')}\n${last}`);
  await writeFile(join(folder, RUN_FILES.events), `{"kind":"run_started","atMs":0}\n${end}`);
}

const read = (name: string, from = folder) => readFile(join(from, name), 'utf8');

describe('reportCommand', () => {
  it('writes every report into the folder of the run, and says where they are', async () => {
    await write();
    expect(await reportCommand(folder, {}, output)).toEqual({ exitCode: 0 });
    expect((await readdir(folder)).filter((name) => ALL.some((known) => known === name)).sort()).toEqual(
      [...ALL].sort(),
    );
    expect(results.join('\n').split('\n')).toEqual(ALL.map((name) => join(folder, name)));
    expect(await read(REPORT_FILES.markdown)).toContain('PASS');
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('makes them of a run that was killed, up to its last whole tick', async () => {
    await write({ killed: true });
    expect(await reportCommand(folder, {}, output)).toEqual({ exitCode: 0 });
    expect(await read(REPORT_FILES.junit)).toContain('type="stopped"');
    expect(await read(REPORT_FILES.markdown)).toContain('the last tick was cut off');
    expect((await read(REPORT_FILES.series)).trimEnd().split('\r\n').length).toBeGreaterThan(1);
  });

  it('makes the same twice, and leaves the run alone', async () => {
    await write();
    await reportCommand(folder, {}, output);
    const first = await Promise.all(ALL.map((name) => read(name)));
    const before = await Promise.all(Object.values(RUN_FILES).map((name) => read(name).catch(() => 'none')));
    await reportCommand(folder, {}, output);
    expect(await Promise.all(ALL.map((name) => read(name)))).toEqual(first);
    expect(await Promise.all(Object.values(RUN_FILES).map((name) => read(name).catch(() => 'none')))).toEqual(
      before,
    );
  });

  it('writes elsewhere with --out, into a folder that it makes', async () => {
    await write();
    const out = join(folder, 'a', 'b');
    await reportCommand(folder, { out }, output);
    expect((await readdir(out)).sort()).toEqual([...ALL].sort());
    expect(await readdir(folder)).not.toContain(REPORT_FILES.series);
  });

  it('prints annotations when it is asked to', async () => {
    await write();
    await reportCommand(folder, { annotations: true }, output);
    expect(results.at(-1)).toMatch(/^::\w+ title=/);
  });

  it('is a fault of ours when one of them cannot be written, and writes the others', async () => {
    await write();
    await mkdir(join(folder, REPORT_FILES.junit, 'in the way'), { recursive: true });
    const { exitCode, reason } = await reportCommand(folder, {}, output);
    expect(exitCode).toBe(1);
    expect(reason).toContain(`cannot write ${join(folder, REPORT_FILES.junit)}: E`);
    expect(results.join('\n').split('\n')).toHaveLength(ALL.length - 1);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('refuses what is not the folder of a run', async () => {
    await expect(reportCommand(folder, {}, output)).rejects.toThrow(ConfigError);
    await expect(reportCommand(join(folder, 'nowhere'), {}, output)).rejects.toThrow(
      'not the folder of a run',
    );
  });
});
