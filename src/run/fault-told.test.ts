import { describe, expect, test } from 'vitest';
import { phasesOf } from '../../test/support/measured.js';
import type { FaultRecord } from './fault-history.js';
import type { PlannedFaultRecord } from './fault-rows.js';
import { faultPlaces, faultsTold } from './fault-told.js';

const PLANNED: PlannedFaultRecord = {
  ...{ name: 'cut', breaks: 'network', what: 'network partition for 5 s' },
  ...{ fromMs: 20_000, toMs: 25_000 },
};
const MADE: FaultRecord = { name: 'cut', breaks: 'network', what: PLANNED.what, begunAtMs: 20_010 };

describe('what became of a fault', () => {
  test.each<[string, FaultRecord | undefined, object]>([
    ['not_begun', undefined, { doneAtMs: null, undoneAtMs: null }],
    [
      'not_made',
      { name: 'cut', breaks: 'network', failed: 'exit code 1' },
      { doneAtMs: null, undoneAtMs: null, error: 'exit code 1' },
    ],
    ['mended', { ...MADE, endedAtMs: 25_020 }, { doneAtMs: 20_010, undoneAtMs: 25_020 }],
    ['mended_early', { ...MADE, endedAtMs: 22_000, early: true }, { doneAtMs: 20_010, undoneAtMs: 22_000 }],
    ['undone', { ...MADE, endedAtMs: 31_000, undone: true }, { doneAtMs: 20_010, undoneAtMs: 31_000 }],
    [
      'undone',
      { ...MADE, failed: 'HTTP 409', endedAtMs: 31_000, undone: true },
      { doneAtMs: 20_010, undoneAtMs: 31_000, error: 'HTTP 409' },
    ],
    [
      'not_mended',
      { ...MADE, failed: 'HTTP 409' },
      { doneAtMs: 20_010, undoneAtMs: null, error: 'HTTP 409' },
    ],
    ['not_mended', { ...MADE, undone: false }, { doneAtMs: 20_010, undoneAtMs: null }],
    ['unknown', MADE, { doneAtMs: 20_010, undoneAtMs: null }],
  ])('is %s', (outcome, record, times) => {
    const { name, breaks, what } = PLANNED;
    expect(faultsTold([PLANNED], record === undefined ? [] : [record])).toEqual([
      { name, what, breaks, atMs: 20_000, forMs: 5000, outcome, ...times },
    ]);
  });

  test('is told of one that an older run.json did not plan', () => {
    expect(faultsTold([], [{ ...MADE, endedAtMs: 25_020 }])).toEqual([
      {
        ...{ name: 'cut', what: PLANNED.what, breaks: 'network', atMs: 20_010, forMs: null },
        ...{ doneAtMs: 20_010, undoneAtMs: 25_020, outcome: 'mended' },
      },
    ]);
  });
});

test('viewers are counted where the fault was to begin, also when it took a while to make it', () => {
  const phases = phasesOf(['hold', 'hold', 20], ['cut', 'fault', 10], ['after', 'hold', 30]);
  const slow = { ...MADE, begunAtMs: 31_000 };
  expect(faultPlaces([PLANNED], [slow], phases)).toEqual([{ name: 'cut', breaks: 'network', phase: 'cut' }]);
  expect(faultPlaces([], [slow], phases)).toEqual([{ name: 'cut', breaks: 'network', phase: 'after' }]);
  expect(faultPlaces([PLANNED], [{ name: 'cut', breaks: 'network', failed: 'x' }], phases)).toEqual([]);
});
