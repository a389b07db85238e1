import { describe, expect, it, test } from 'vitest';
import { contextOf, healthyRun, measure } from '../../test/support/measured.js';
import { judge } from '../stats/gate.js';
import { KPI_IDS, type KpiId } from '../stats/kpis.js';
import { CRITERIA, type Evidence, readiness, rowsOf, SCENARIOS } from './readiness.js';
import { formatReadiness, readinessMarkdown } from './readiness-text.js';
import { buildSummary, type Summary } from './summary.js';

const totals = measure(healthyRun());
const context = contextOf();
const healthy = buildSummary({
  ...{ totals, context, verdict: judge(totals, context) },
  run: {
    ...{ id: 'x', profile: 'ramp', target: 'http://platform', seed: 1, startedAt: '', plannedMs: 60_000 },
    ...{ version: '1', nodeVersion: 'v20', host: 'h', workers: 1 },
  },
});

/** A run of a scenario in which every row passed, but for those named. */
function evidence(
  profile: string,
  changes: Partial<Record<KpiId, Summary['kpis'][number]['status']>> = {},
  doubts: string[] = [],
): Evidence {
  const kpis = healthy.kpis.map((row) => ({
    ...row,
    status: changes[row.id] ?? 'pass',
    reason: 'no collector',
    value: 1,
  }));
  return { path: `runs/${profile}`, doubts, summary: { ...healthy, kpis, run: { ...healthy.run, profile } } };
}

const all = (): Evidence[] => SCENARIOS.map((name) => evidence(name));
const statusOf = (runs: Evidence[], number: number) =>
  readiness(runs).criteria.find((one) => one.number === number);

describe('the release verdict', () => {
  it('is READY when each of the ten is proven by its scenario', () => {
    expect(readiness(all())).toMatchObject({ release: 'ready', exitCode: 0 });
  });

  test.each(CRITERIA.map(({ number, scenarios }) => [number, scenarios] as const))(
    'of criterion %i is not proven without a run of %s',
    (number, scenarios) => {
      for (const scenario of scenarios) {
        const without = all().filter(({ summary }) => summary.run.profile !== scenario);
        const found = statusOf(without, number);
        expect(found?.status).toBe('not_proven');
        expect(found?.reasons).toContain(`no ${scenario} run`);
        expect(readiness(without).exitCode).toBe(114);
      }
    },
  );

  test.each(CRITERIA.map(({ number, scenarios }) => [number, scenarios[0] ?? 'ramp'] as const))(
    'of criterion %i fails when one of its rows fails',
    (number, scenario) => {
      const [row] = rowsOf(number);
      if (row === undefined) throw new Error(`criterion ${number} has no row`);
      const runs = all().map((run) =>
        run.summary.run.profile === scenario ? evidence(scenario, { [row]: 'fail' }) : run,
      );
      expect(statusOf(runs, number)?.status).toBe('fail');
      expect(readiness(runs)).toMatchObject({ release: 'not_ready', exitCode: 99 });
    },
  );

  it('does not take a scaled run for a proof, and its failure for a failure', () => {
    const scaled = (status: 'pass' | 'fail'): Evidence[] => [
      ...all().filter(({ summary }) => summary.run.profile !== 'soak'),
      evidence('soak', { memory_growth: status }, ['scaled by 0.1']),
    ];
    expect(statusOf(scaled('pass'), 3)).toMatchObject({
      status: 'not_proven',
      reasons: ['soak: runs/soak proves nothing: scaled by 0.1'],
    });
    expect(statusOf(scaled('fail'), 3)?.status).toBe('fail');
  });

  it('names the row that no meter was there for', () => {
    const runs = [...all().slice(1), evidence('ramp', { cpu_max: 'not_judged' })];
    expect(statusOf(runs, 2)?.reasons.join()).toMatch(/^ramp: CPU of any container, highest: no collector/);
  });

  it('is not outvoted: one failing run of three fails the criterion', () => {
    const runs = [...all(), evidence('ramp'), evidence('ramp', { api_read_p95: 'fail' })];
    expect(statusOf(runs, 10)?.status).toBe('fail');
  });

  it('takes nothing from an invalid run, neither good nor bad', () => {
    const bad = evidence('spike', { stream_start_success: 'fail' });
    const invalid = { ...bad, doubts: ['invalid'], summary: { ...bad.summary, verdict: 'invalid' as const } };
    const runs = [...all().filter(({ summary }) => summary.run.profile !== 'spike'), invalid];
    expect(statusOf(runs, 5)).toMatchObject({
      status: 'not_proven',
      reasons: ['spike: runs/spike is invalid'],
    });
    expect(statusOf([...all(), invalid], 5)?.status).toBe('pass');
  });

  it('says all of it in at most 80 columns, and as a table of ten rows', () => {
    const result = readiness([evidence('ramp', { cpu_max: 'not_judged' })]);
    const text = formatReadiness(result, { color: false });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^NOT PROVEN: 4 of 10 criteria are proven, missing: #2, #3/);
    expect(readinessMarkdown(result).match(/^\| \d+ \| /gm)).toHaveLength(10);
  });
});

test('every row that names one of the ten belongs to it, and each of the ten has one', () => {
  const named = KPI_IDS.filter((id) => CRITERIA.some(({ number }) => rowsOf(number).includes(id)));
  expect(named).toContain('api_read_p95');
  expect(rowsOf(1)).not.toContain('api_read_p95');
  for (const { number } of CRITERIA) expect(rowsOf(number).length, `#${number}`).toBeGreaterThan(0);
});
