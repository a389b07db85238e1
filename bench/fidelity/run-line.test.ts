import { expect, test } from 'vitest';
import { lineOf, readLine } from './run-line.js';
import type { RunRecord } from './story.js';

const latency = [
  { atMs: 494.9, latencyMs: 3454.9 },
  { atMs: 994.9, latencyMs: 3455.2 },
];
const run = { condition: 'ample-hls', stories: [{ side: 'browser', latency }] } as unknown as RunRecord;

test('a run is read as it was written, its points of latency kept as pairs', () => {
  expect(lineOf(run)).toContain('"latency":[[494.9,3454.9],[994.9,3455.2]]');
  expect(readLine(lineOf(run))).toEqual(run);
});

test('a line whose points have names is read the same', () => {
  expect(readLine(JSON.stringify(run))).toEqual(run);
});

test('a line that was cut is no JSON', () => {
  expect(() => readLine(lineOf(run).slice(0, -5))).toThrow(SyntaxError);
});
