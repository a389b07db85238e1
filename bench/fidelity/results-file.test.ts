import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ResultsFile } from './results-file.js';
import type { RunRecord } from './story.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fidelity-results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const record = (repeat: number, modelVersion = 'a'): RunRecord => ({
  condition: 'ample-flv',
  seed: 1,
  modelVersion,
  repeat,
  libraries: 'page',
  libraryVersion: '1',
  chromium: '1',
  startedEpochMs: 0,
  inParallel: 1,
  originLagMs: 0,
  ourLagMs: 0,
  pageLagMs: 0,
  stories: [],
});

test('what a file has is not run again, even after a line that was cut by a crash', () => {
  const path = join(folder, 'deep', 'runs.ndjson');
  new ResultsFile(path).append(record(1));
  appendFileSync(path, '{"condition":"ample-f');
  const again = new ResultsFile(path);
  expect(again.has(record(1))).toBe(true);
  expect(again.has(record(2))).toBe(false);
  again.append(record(2));
  expect(new ResultsFile(path).has(record(2))).toBe(true);
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
});

test("runs of another model are not taken for this one's", () => {
  const path = join(folder, 'runs.ndjson');
  new ResultsFile(path).append(record(1));
  expect(new ResultsFile(path).has(record(1, 'b'))).toBe(false);
});

test('without a file nothing is kept but what was run now is known', () => {
  const results = new ResultsFile(undefined);
  results.append(record(1));
  expect(results.has(record(1))).toBe(true);
});
