import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppendFile, createRunFolder, RUN_FILES, RunFolder, runFolderName } from './run-folder.js';

describe('runFolderName', () => {
  it('sorts by time and names the profile', () => {
    expect(runFolderName('smoke', Date.UTC(2026, 10, 22, 9, 6, 5, 123), 'a1b2c3')).toBe(
      '20261122T090605Z-smoke-a1b2c3',
    );
  });
});

describe('a run folder', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'run-folder-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  it('is made with all folders above it, and keeps lines in order', async () => {
    const folder = await createRunFolder(join(out, 'deep', 'er'), 'smoke', 0, () => {});
    for (let i = 0; i < 200; i++) folder.appendTick(`{"i":${i}}`);
    folder.appendEvent('{"kind":"x"}');
    await folder.close();
    const ticks = await readFile(join(folder.path, RUN_FILES.ticks), 'utf8');
    expect(ticks).toBe(Array.from({ length: 200 }, (_, i) => `{"i":${i}}\n`).join(''));
    expect(await readFile(join(folder.path, RUN_FILES.events), 'utf8')).toBe('{"kind":"x"}\n');
    expect(folder.failure).toBeUndefined();
  });

  it('two runs of one second get two folders', async () => {
    const made = await Promise.all([0, 0, 0].map((ms) => createRunFolder(out, 'smoke', ms, () => {})));
    await Promise.all(made.map((folder) => folder.close()));
    expect(new Set(made.map((folder) => folder.path)).size).toBe(3);
  });

  it('writes a JSON file whole and leaves nothing else behind', async () => {
    const folder = await createRunFolder(out, 'smoke', 0, () => {});
    await folder.writeJson(RUN_FILES.summary, { verdict: 'pass' });
    await folder.close();
    expect((await readdir(folder.path)).sort()).toEqual(['events.ndjson', 'summary.json', 'ticks.ndjson']);
    expect(JSON.parse(await readFile(join(folder.path, RUN_FILES.summary), 'utf8'))).toEqual({
      verdict: 'pass',
    });
  });

  it('says so at once when a whole file cannot be written', async () => {
    const failures: string[] = [];
    const folder = await createRunFolder(out, 'smoke', 0, (failure) => failures.push(failure));
    await rm(folder.path, { recursive: true });
    await folder.writeJson(RUN_FILES.run, {});
    expect(failures).toEqual([`cannot write ${join(folder.path, 'run.json')}: ENOENT`]);
    await folder.close();
  });

  it('says once that the disk is full, drops what follows, and never throws', async () => {
    const full: AppendFile = {
      appendFile: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
      close: () => Promise.reject(Object.assign(new Error('io'), { code: 'EIO' })),
    };
    const failures: string[] = [];
    const folder = new RunFolder(join(out, 'gone'), full, full, (failure) => failures.push(failure));
    for (let i = 0; i < 10; i++) {
      folder.appendTick('tick');
      folder.appendEvent('event');
      await Promise.resolve();
    }
    await folder.writeJson(RUN_FILES.summary, {});
    await folder.close();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/cannot write .*events\.ndjson: ENOSPC/);
    expect(folder.failure).toBe(failures[0]);
  });

  it('gives up on a disk that does not answer before the lines fill the memory', async () => {
    let release = (): void => {};
    const hanging: AppendFile = {
      appendFile: () =>
        new Promise((resolve) => {
          release = () => resolve(undefined);
        }),
      close: async () => {},
    };
    const folder = new RunFolder(out, hanging, hanging, () => {});
    for (let i = 0; i < 5000; i++) folder.appendTick('tick');
    expect(folder.failure).toContain('does not answer');
    release();
  });
});
