import { describe, expect, test } from 'vitest';
import { run, spansOf } from '../../../test/support/fidelity-stories.js';
import { BOUNDS } from './bounds.js';
import { type Cause, explain, spareCauses } from './causes.js';
import { compareCondition } from './condition.js';
import { demandResults } from './demands.js';

const fine = compareCondition([run({}, {})], 'hls', BOUNDS);
const waited = { waits: spansOf([5000, 7000]) };
const missing = compareCondition([run(waited, {}, { record: { condition: 'cut' } })], 'hls', BOUNDS);
const apart = compareCondition([run(waited, {}, { late: waited })], 'hls', BOUNDS);
const many = (n: number) => Array.from({ length: n }, () => fine);

describe('demandResults', () => {
  test('19 of 20 is enough for the number of rebuffers, 18 of 19 is not', () => {
    const count = (n: number) => demandResults([...many(n), missing])[0];
    expect(count(19)).toMatchObject({ held: 19, judged: 20, pass: true });
    expect(count(18)).toMatchObject({ held: 18, judged: 19, pass: false });
  });

  test('boundaries and totals are judged only where somebody waited', () => {
    const [, boundary, total] = demandResults([...many(30), missing]);
    expect(boundary).toMatchObject({ held: 0, judged: 1, pass: false });
    expect(total).toMatchObject({ held: 0, judged: 1, pass: false });
  });

  test('a demand with nothing to judge does not pass', () => {
    expect(demandResults([fine])[1]).toMatchObject({ judged: 0, pass: false });
    expect(demandResults([]).some(({ pass }) => pass)).toBe(false);
  });

  test('marginal conditions are counted apart, and still shown as they would be judged', () => {
    expect(demandResults([...many(9), apart])[0]).toMatchObject({
      held: 9,
      judged: 9,
      apart: 1,
      strictHeld: 9,
      strictJudged: 10,
    });
  });

  test('one other end state fails', () => {
    const other = compareCondition([run({ endState: 'ended' }, {})], 'hls', BOUNDS);
    expect(demandResults([...many(99), other]).at(-1)).toMatchObject({ held: 99, judged: 100, pass: false });
  });
});

describe('causes', () => {
  const cause: Cause = { condition: 'cut', metric: 'count', cause: 'the reason' };

  test('a miss gets the cause of its condition and metric, and no other', () => {
    const explained = explain([missing], [cause]);
    expect(explained.filter((miss) => miss.cause === 'the reason').map(({ metric }) => metric)).toEqual([
      'count',
    ]);
    expect(explained.filter((miss) => miss.cause === undefined).length).toBeGreaterThan(0);
  });

  test('a cause for the newest libraries explains nothing of the page', () => {
    expect(
      explain([missing], [{ ...cause, libraries: 'newest' }]).every((miss) => miss.cause === undefined),
    ).toBe(true);
  });

  test('a cause that no miss needs is spare', () => {
    expect(spareCauses([missing], [cause])).toEqual([]);
    expect(spareCauses([fine], [cause])).toEqual([cause]);
  });
});
