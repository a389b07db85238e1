import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFollower } from './log-follower.js';

let folder = '';
let path = '';
let follower: LogFollower;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-follow-'));
  path = join(folder, 'a.log');
  follower = new LogFollower(path);
});

afterEach(async () => {
  await follower.close();
  rmSync(folder, { recursive: true });
});

async function look(): Promise<{ lines: string[]; cut: boolean }> {
  const lines: string[] = [];
  const { cut } = await follower.look((line) => lines.push(line), new AbortController().signal);
  return { lines, cut };
}

describe('LogFollower', () => {
  it('begins at the end of what is there, and waits for the end of a line', async () => {
    writeFileSync(path, 'old\n');
    expect((await look()).lines).toEqual([]);
    appendFileSync(path, 'one\ntw');
    expect((await look()).lines).toEqual(['one']);
    appendFileSync(path, 'o\n');
    expect((await look()).lines).toEqual(['two']);
  });

  it('loses nothing by a rename, not even what is still written to the old file', async () => {
    writeFileSync(path, '');
    await look();
    appendFileSync(path, 'a\n');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'b\n');
    expect((await look()).lines).toEqual(['a', 'b']);
    writeFileSync(path, 'd\n');
    expect((await look()).lines).toEqual(['d']);
    appendFileSync(`${path}.1`, 'c\n');
    appendFileSync(path, 'e\n');
    expect((await look()).lines).toEqual(['c', 'e']);
  });

  it('sees a cut in place, also when the file has grown beyond its old length since', async () => {
    writeFileSync(path, '');
    await look();
    appendFileSync(path, 'first\nsecond\n');
    await look();
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
    appendFileSync(path, 'third and much longer than before\nfourth\n');
    expect(await look()).toEqual({ lines: ['third and much longer than before', 'fourth'], cut: true });
    expect(await look()).toEqual({ lines: [], cut: false });
  });

  it('says why when there is no file, and reads one that comes later from its begin', async () => {
    await expect(look()).rejects.toThrow('cannot read the log: ENOENT');
    writeFileSync(path, 'new\n');
    expect((await look()).lines).toEqual(['new']);
  });
});
