import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProcesses, ownAmong, parseStat, sameProcess, statOf } from './processes.js';

test('a line of /proc is read though the name has blanks and brackets', () => {
  const line = '42 (a (b) c) T 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123456 1000 5';
  expect(parseStat(line)).toEqual({ pid: 42, name: 'a (b) c', state: 'T', parent: 7, startTicks: 123_456 });
  expect(parseStat('42 (a')).toBeUndefined();
  expect(parseStat('')).toBeUndefined();
});

test('a process is the same by its number and its start', async () => {
  const own = await statOf(process.pid);
  if (own === undefined) throw new Error('this process is not in /proc');
  expect(await sameProcess(own)).toMatchObject({ pid: process.pid });
  expect(await sameProcess({ ...own, startTicks: own.startTicks + 1 })).toBeUndefined();
  expect(await sameProcess({ pid: 4_194_304, startTicks: 1 })).toBeUndefined();
});

test('a file names one process, by its number alone; what is no such file names none', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'dorami-load-pid-')), 'x.pid');
  writeFileSync(file, ` ${process.pid}\n`);
  const found = await findProcesses({ pidFile: file });
  expect(found.map(({ pid }) => pid)).toEqual([process.pid]);
  expect(await ownAmong(found)).toEqual([process.pid]);
  writeFileSync(file, `${process.pid} ${process.ppid}`);
  expect(await findProcesses({ pidFile: file })).toEqual([]);
  expect(await findProcesses({ pidFile: `${file}x` })).toEqual([]);
});
