import { describe, expect, test } from 'vitest';
import { run } from '../../../test/support/fidelity-stories.js';
import { BOUNDS } from './bounds.js';
import { printTable } from './print-table.js';
import { type ConditionInfo, compareAll, latestModel, parseResults } from './results.js';

const line = (...args: Parameters<typeof run>) => JSON.stringify(run(...args));

describe('results', () => {
  test('a line that was cut by a kill is counted and left out', () => {
    const text = `${line({}, {})}\n${line({}, {}).slice(0, 200)}\n{"no":"run"}\n\n`;
    const { records, brokenLines } = parseResults(text);
    expect([records.length, brokenLines]).toEqual([1, 2]);
  });

  test('the model of the latest run is the one to judge', () => {
    const old = run({}, {}, { record: { modelVersion: 'old', startedEpochMs: 1 } });
    const latest = run({}, {}, { record: { modelVersion: 'new', startedEpochMs: 2 } });
    expect(latestModel([latest, old])).toBe('new');
    expect(latestModel([])).toBeUndefined();
  });

  test('runs are grouped by condition, seed and libraries, in the order of the conditions', () => {
    const info = (id: string): ConditionInfo => ({ id, seed: 7, title: id, protocol: 'hls', unseen: true });
    const of = (condition: string, repeat: number, seed = 7) =>
      run({}, {}, { record: { condition, repeat, seed } });
    const results = compareAll(
      [of('b', 1), of('a', 1), of('b', 2), of('a', 1, 8)],
      [info('a'), info('b')],
      BOUNDS,
    );
    expect(results.map(({ condition, runs, info: { unseen } }) => [condition, runs, unseen])).toEqual([
      ['a', 1, true],
      ['b', 2, true],
      ['a', 1, false],
    ]);
  });

  test('the table names both sides of a miss and says that nobody explained it', () => {
    const record = run({ firstFrameMs: 300 }, { firstFrameMs: 700 });
    const text = printTable(compareAll([record], [], BOUNDS));
    expect(text).toContain(
      'miss  pause-hls: firstFrame: browser 300 ms, ours 700 ms, bound 100 ms: UNEXPLAINED',
    );
    expect(text).toContain('FAIL  first frame within 100 ms: 0/1');
    expect(text).toContain('PASS  same end state, in every run: 1/1');
  });
});
