import { describe, expect, it, test } from 'vitest';
import { type ComparedRow, type ComparedRun, compareRuns } from './compare.js';
import { Trend } from './trend.js';

const OPTIONS = { sharePct: 10, points: 0.5 };

function trendOf(values: readonly number[]): Trend {
  const trend = new Trend();
  for (const value of values) trend.record(value);
  return trend;
}

/** `count` samples evenly from `fromMs` to twice of it. */
function even(fromMs: number, count: number): Trend {
  return trendOf(Array.from({ length: count }, (_, index) => fromMs * (1 + index / count)));
}

const READ: ComparedRow = {
  id: 'api_read_p95',
  title: 'API reads, p95',
  mandatory: true,
  status: 'pass',
  bound: { op: '<', value: 500 },
  unit: 'ms',
  samples: 1000,
};
const SUCCESS: ComparedRow = {
  id: 'api_success',
  title: 'API success',
  mandatory: true,
  status: 'pass',
  bound: { op: '>', value: 99 },
  unit: '%',
  samples: 1000,
};

function runOf(viewers: number, value: number, spread?: Trend, row = READ): ComparedRun {
  return {
    viewers,
    rows: [{ ...row, value }],
    spreadOf: () => (spread ? { spread, percentile: 95 } : undefined),
  };
}

function outcome(a: readonly ComparedRun[], b: readonly ComparedRun[]) {
  const [row] = compareRuns(a, b, OPTIONS).rows;
  if (row === undefined) throw new Error('nothing was compared');
  return row;
}

const READS_OF = (ms: number): ComparedRun => runOf(500, ms * 1.95, even(ms, 5000));

describe('one run against one', () => {
  it('calls reads that take three times as long worse, and better the other way round', () => {
    expect(outcome([READS_OF(20)], [READS_OF(60)]).outcome).toBe('worse');
    expect(outcome([READS_OF(60)], [READS_OF(20)]).outcome).toBe('better');
  });

  it('shows no difference between two draws of the same load', () => {
    expect(outcome([READS_OF(20)], [READS_OF(20.4)]).outcome).toBe('same');
  });

  it('counts no viewer twice: 5000 samples of 50 viewers tell no p95', () => {
    const of = (ms: number): ComparedRun => runOf(50, ms * 1.95, even(ms, 5000));
    const row = outcome([of(20)], [of(60)]);
    expect(row.outcome).toBe('worse');
    expect(row.why).toContain('by p90, 50 viewers tell no higher one');
    expect(outcome([of(20)], [of(21)]).outcome).toBe('same');
  });

  it('says when a summary alone, or a handful of viewers, tells nothing', () => {
    expect(outcome([runOf(500, 40)], [runOf(500, 900)])).toMatchObject({ outcome: 'untold' });
    const few = (ms: number): ComparedRun => runOf(2, ms, even(ms, 2));
    expect(outcome([few(20)], [few(2000)]).outcome).toBe('untold');
    expect(outcome([runOf(3, 100, undefined, SUCCESS)], [runOf(3, 0, undefined, SUCCESS)]).outcome).toBe(
      'untold',
    );
  });

  it('takes a sure difference that is too small to matter for none', () => {
    const of = (ms: number): ComparedRun => runOf(100_000, ms * 1.95, even(ms, 100_000));
    const row = outcome([of(20)], [of(21.6)]);
    expect(row).toMatchObject({ outcome: 'same' });
    expect(row.why).toContain('too little to matter');
  });

  test.each([
    ['a drop of half', 100, 50, 'worse'],
    ['a rise', 60, 100, 'better'],
    ['one call more', 100, 99.9, 'same'],
  ])('tells %s of a rate', (_name, a, b, wanted) => {
    expect(outcome([runOf(200, a, undefined, SUCCESS)], [runOf(200, b, undefined, SUCCESS)]).outcome).toBe(
      wanted,
    );
  });
});

describe('several runs a side', () => {
  const side = (values: readonly number[], row = READ): ComparedRun[] =>
    values.map((value) => runOf(50, value, undefined, row));

  it('has the runs as samples: what three agree on counts without any histogram', () => {
    expect(outcome(side([40, 42, 41]), side([80, 84, 79])).outcome).toBe('worse');
    expect(outcome(side([80, 84, 79]), side([40, 42, 41])).outcome).toBe('better');
  });

  it('does not take the spread between runs for a regression', () => {
    expect(outcome(side([40, 80, 60]), side([90, 45, 70])).outcome).toBe('same');
  });

  it('never thinks runs to be more alike than runs are', () => {
    expect(outcome(side([40, 40, 40]), side([40.3, 40.3, 40.3])).outcome).toBe('same');
    expect(outcome(side([100, 100, 100], SUCCESS), side([99.9, 99.9, 99.9], SUCCESS)).outcome).toBe('same');
    expect(outcome(side([100, 100, 100], SUCCESS), side([95, 95, 95], SUCCESS)).outcome).toBe('worse');
  });

  it('takes one new run against many old ones', () => {
    expect(outcome(side([40, 41, 42, 40, 41]), side([120])).outcome).toBe('worse');
    expect(outcome(side([40, 41, 42, 40, 41]), side([42])).outcome).toBe('same');
  });
});

describe('many rows', () => {
  const rows = (count: number, value: (index: number) => number): ComparedRun => ({
    viewers: 50,
    rows: Array.from({ length: count }, (_, index) => ({ ...READ, title: `${index}`, value: value(index) })),
    spreadOf: () => undefined,
  });

  it('share one rate of false alarms', () => {
    const one = compareRuns([READS_OF(20)], [READS_OF(20)], OPTIONS);
    expect(one.alpha).toBe(0.05);
    const row = (id: 'api_read_p95' | 'api_read_p99', value: number): ComparedRow => ({ ...READ, id, value });
    const two = {
      viewers: 50,
      rows: [row('api_read_p95', 1), row('api_read_p99', 2)],
      spreadOf: () => undefined,
    };
    expect(compareRuns([two, two], [two, two], OPTIONS).alpha).toBe(0.025);
  });

  it('raise one in at most 5 % of comparisons of equal loads', () => {
    let seed = 1;
    const noise = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    // Sum of twelve even ones: about normal.
    const normal = (): number => Array.from({ length: 12 }, noise).reduce((a, b) => a + b, -6);
    const ids = ['api_read_p95', 'api_read_p99', 'api_write_p95', 'api_write_p99'] as const;
    const run = (): ComparedRun => ({
      viewers: 50,
      rows: ids.map((id) => ({ ...READ, id, value: 50 * Math.exp(normal() * 0.3) })),
      spreadOf: () => undefined,
    });
    const sides = (): ComparedRun[] => [run(), run(), run()];
    let alarms = 0;
    for (let i = 0; i < 400; i++) {
      const { rows: found } = compareRuns(sides(), sides(), OPTIONS);
      if (found.some(({ outcome: of }) => of !== 'same')) alarms++;
    }
    expect(alarms).toBeGreaterThan(4);
    expect(alarms).toBeLessThan(33);
  });

  it('that one side did not judge are left out and counted', () => {
    const unjudged: ComparedRun = {
      ...rows(1, () => 1),
      rows: [{ ...READ, status: 'not_judged', value: 1 }],
    };
    expect(compareRuns([rows(1, () => 1)], [unjudged], OPTIONS)).toMatchObject({ rows: [], unjudged: 1 });
  });
});
