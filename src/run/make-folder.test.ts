import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

it('makes all folders that are missing, and is content with what is there', async () => {
  await makeFolder(join(base, 'a', 'b', 'c'));
  await makeFolder(join(base, 'a', 'b', 'c'));
  expect((await stat(join(base, 'a', 'b', 'c'))).isDirectory()).toBe(true);
});

it('fails where a file stands in the way', async () => {
  await writeFile(join(base, 'file'), '');
  await expect(makeFolder(join(base, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('fails, and does not try for ever, where the file system refuses new folders', async () => {
  await expect(makeFolder('/proc/nothing/here')).rejects.toMatchObject({ code: 'ENOENT' });
});
