import { describe, expect, it } from 'vitest';
import { healthyRun } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';
import { formatRepeated, repeated } from './repeat.js';
import type { KpiSummary, Summary } from './summary-schema.js';

const BASE = summaryOf(healthyRun());
const ROW = 'api_read_p95';
const OTHER = 'api_success';

type Outcome = Pick<KpiSummary, 'status' | 'value'>;

/** A run in which one row came to this. */
function run(value: number | null, status: KpiSummary['status'], changes: Partial<Summary> = {}) {
  const outcome: Outcome = { status, value };
  const kpis = BASE.kpis.map((row) => (row.id === ROW ? { ...row, ...outcome } : row));
  return { path: 'x', summary: { ...BASE, kpis, ...changes } };
}

function rowOf(runs: readonly ReturnType<typeof run>[], id = ROW) {
  const { median, min, max, judged, passed } = repeated(runs).rows.find((row) => row.id === id) ?? {};
  return { median, min, max, judged, passed };
}

describe('the rows of several runs', () => {
  it('have the middle value in whatever order the runs came, which is neither the first nor their mean', () => {
    const runs = [run(900, 'fail'), run(7, 'pass'), run(30, 'pass'), run(1000, 'fail'), run(8, 'pass')];
    const wanted = { median: 30, min: 7, max: 1000, judged: 5, passed: 3 };
    expect(rowOf(runs)).toEqual(wanted);
    expect(rowOf([...runs].reverse())).toEqual(wanted);
  });

  it('have the mean of the two in the middle where the runs are even in number', () => {
    const runs = [run(100, 'pass'), run(3, 'pass'), run(20, 'pass'), run(9, 'pass')];
    expect(rowOf(runs)).toEqual({ median: 14.5, min: 3, max: 100, judged: 4, passed: 4 });
  });

  it('count a run without data as judged and not passed, and have nothing of its value', () => {
    const runs = [run(null, 'no_data'), run(40, 'pass'), run(10, 'pass')];
    expect(rowOf(runs)).toEqual({ median: 25, min: 10, max: 40, judged: 3, passed: 2 });
  });

  it('leave a run out that did not judge them, with its value', () => {
    const runs = [run(9999, 'not_judged'), run(10, 'pass'), run(12, 'fail')];
    expect(rowOf(runs)).toEqual({ median: 11, min: 10, max: 12, judged: 2, passed: 1 });
    expect(repeated([run(1, 'not_judged'), run(2, 'not_judged')]).rows.map(({ id }) => id)).not.toContain(
      ROW,
    );
  });

  it('have no value where no run has one', () => {
    const runs = [run(null, 'no_data'), run(null, 'no_data')];
    expect(rowOf(runs)).toEqual({ median: null, min: null, max: null, judged: 2, passed: 0 });
    expect(formatRepeated(repeated(runs))).toMatch(/^! API reads, p95 +- +- +- +0\/2$/m);
  });

  it('are each by itself', () => {
    const own = BASE.kpis.find(({ id }) => id === OTHER)?.value;
    expect(rowOf([run(1, 'fail'), run(2, 'fail')], OTHER)).toEqual({
      ...{ median: own, min: own, max: own },
      ...{ judged: 2, passed: 2 },
    });
  });

  it('stand in the text with their middle, lowest and highest value and the runs that passed', () => {
    const text = formatRepeated(repeated([run(900, 'fail'), run(7, 'pass'), run(30, 'pass')]));
    expect(text).toMatch(/^! API reads, p95 +30 ms +7 +900 +2\/3$/m);
    expect(text).toMatch(/^ {2}API success +100 % +100 +100 +3\/3$/m);
  });
});

describe('the verdict of several runs', () => {
  const fail = { exitCode: 99, verdict: 'fail' } as const;
  const invalid = { exitCode: 111, verdict: 'invalid' } as const;
  const stopped = { exitCode: 105 } as const;
  it.each([
    [[{}, {}, {}], 3, 0, 'pass', '3 of 3 passed: PASS'],
    [[{}, fail, {}], 2, 99, 'fail', '2 of 3 passed: FAIL'],
    [[fail, fail, {}], 1, 99, 'fail', '1 of 3 passed: FAIL'],
    [[fail, invalid, {}], 1, 111, 'invalid', '1 of 3 passed: INVALID'],
    [[fail, stopped, {}, {}], 2, 105, 'stopped', '2 of 4 passed: STOPPED'],
  ] as const)(
    '%# is the worst of them, with how many passed',
    (runs, passed, exitCode, verdict, sentence) => {
      const result = repeated(runs.map((changes) => run(20, 'pass', changes as Partial<Summary>)));
      expect(result).toMatchObject({ passed, exitCode, verdict, sentence });
      expect(result.runs.map((one) => one.exitCode)).toEqual(
        runs.map((changes) => ('exitCode' in changes ? changes.exitCode : 0)),
      );
    },
  );

  it('says how many runs are invalid, and that two are few', () => {
    const { notes } = repeated([run(20, 'pass', invalid), run(20, 'pass')]);
    expect(notes).toEqual([
      '2 runs: the strategy wants 3 at least for spread to mean anything',
      '1 of them are invalid: their rows say nothing of the platform',
    ]);
  });
});
