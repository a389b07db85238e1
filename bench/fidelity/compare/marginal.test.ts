import { describe, expect, test } from 'vitest';
import { run, spansOf } from '../../../test/support/fidelity-stories.js';
import type { RunRecord } from '../story.js';
import { BOUNDS } from './bounds.js';
import { compareCondition } from './condition.js';

const compare = (...runs: readonly RunRecord[]) => compareCondition(runs, 'hls', BOUNDS);
const one = { waits: spansOf([5000, 7000]) };
const two = { waits: spansOf([5000, 7000], [8000, 8400]) };
const late = { waits: spansOf([5000, 7400]) };

describe('a marginal condition', () => {
  test('is one whose shifted viewers disagree on the number of rebuffers', () => {
    const { marginal, judgements } = compare(run(two, one, { late: two }));
    expect(marginal).toMatchObject({ count: { least: 1, most: 2 }, browserInside: true });
    expect(judgements).toMatchObject({ count: 'apart', boundary: 'apart', total: 'apart', latency: 'apart' });
    expect(judgements).toMatchObject({ firstFrame: 'ok', endState: 'ok' });
  });

  test('is one whose shifted viewers disagree on a boundary by more than twice its bound', () => {
    expect(compare(run(one, one, { early: late })).marginal?.totalMs).toEqual({ least: 2000, most: 2400 });
    expect(compare(run(one, one, { early: { waits: spansOf([5100, 7100]) } })).marginal).toBeUndefined();
    expect(compare(run(one, one, { early: { waits: spansOf([5101, 7100]) } })).marginal).toBeDefined();
  });

  test('is not made by the shift itself, to both sides at once', () => {
    const early = { waits: spansOf([4960, 6960]) };
    const lateOne = { waits: spansOf([5040, 7040]) };
    expect(compare(run(one, one, { early, late: lateOne })).marginal).toBeUndefined();
  });

  test('is not made by half of its runs, only by more', () => {
    const sure = run(one, one);
    const unsure = run(one, one, { early: two });
    expect(compare(sure, unsure).marginal).toBeUndefined();
    expect(compare(sure, unsure, unsure).marginal?.why).toBe('2 of 3 runs hang on milliseconds');
  });

  test("is one in which the browser's own repeats disagree on the number", () => {
    const { marginal, judgements } = compare(run(one, one), run(two, one), run(one, one));
    expect(marginal).toMatchObject({ browserInside: false });
    expect(marginal?.why).toContain('1 or 2');
    // Ours had one in every run: the interval does not hold the browser's two, so the medians are judged.
    expect(judgements).toMatchObject({ count: 'ok', boundary: 'ok' });
  });

  test('hides no miss: outside of the interval the browser is judged as anywhere else', () => {
    const none = { waits: [] };
    const result = compare(run(none, one, { late: two }));
    expect(result.marginal?.browserInside).toBe(false);
    expect(result.misses.map(({ metric }) => metric)).toEqual(['count', 'boundary', 'boundary', 'total']);
  });

  test('excuses no total and no latency outside of the interval', () => {
    const long = { waits: spansOf([5000, 9000], [9500, 9900]) };
    expect(compare(run(long, one, { late: two })).marginal?.browserInside).toBe(false);
    const behind = { ...two, latency: [{ atMs: 1000, latencyMs: 2500 }] };
    expect(compare(run(behind, one, { late: two })).marginal?.browserInside).toBe(false);
    expect(compare(run({ ...behind }, one, { late: behind })).marginal?.browserInside).toBe(true);
  });

  test('excuses no first frame and no end state', () => {
    const { misses } = compare(run({ ...two, firstFrameMs: 900, endState: 'stalled' }, one, { late: two }));
    expect(misses.map(({ metric }) => metric)).toEqual(['firstFrame', 'endState']);
  });

  test('is judged like the others in the strict numbers', () => {
    const { strict } = compare(run(two, one, { late: two }));
    expect(strict.count).toBe('miss');
  });
});
