import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GrowingLines } from './growing-lines.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'growing-'));
  path = join(folder, 'lines');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('each line comes once, when it is whole', async () => {
  const lines = new GrowingLines(path, 100);
  expect(await lines.next()).toBeUndefined();
  appendFileSync(path, 'one\ntwo\nthr');
  expect(await lines.next()).toEqual(['one', 'two']);
  expect(await lines.next()).toBeUndefined();
  appendFileSync(path, 'ee ü\n\nfour\n');
  expect(await lines.next()).toEqual(['three ü', 'four']);
});

test('a line that is too long is left out and counted, wherever pieces of it end', async () => {
  const lines = new GrowingLines(path, 10);
  appendFileSync(path, `a\n${'x'.repeat(50)}`);
  expect(await lines.next()).toEqual(['a']);
  appendFileSync(path, `${'x'.repeat(50)}\nb\n${'y'.repeat(11)}\nc\n`);
  expect(await lines.next()).toEqual(['b', 'c']);
  expect(lines.tooLong).toBe(2);
});
