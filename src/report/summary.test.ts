import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { api, contextOf, healthyRun, measure, player, session, times } from '../../test/support/measured.js';
import { RUN_FACTS, summaryOf } from '../../test/support/summaries.js';
import { judge } from '../stats/gate.js';
import { KPI_IDS } from '../stats/kpis.js';
import { METRICS, type MetricName } from '../stats/metrics.js';
import { EXIT, EXIT_CODES, exitCodeOf } from './exit-codes.js';
import { buildSummary, type Summary } from './summary.js';
import { summaryJsonSchema } from './summary-schema.js';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  summaryJsonSchema() as object,
);

/** As a reader of the file gets it; a value that JSON cannot carry would show. */
function asFile(summary: Summary): Summary {
  return JSON.parse(JSON.stringify(summary)) as Summary;
}

const healthy = summaryOf(healthyRun());
const slow = times(20, () => api(false, 900));
const withFaults = buildSummary({
  verdict: judge(measure(healthyRun()), contextOf()),
  totals: measure(healthyRun()),
  context: contextOf(),
  run: RUN_FACTS,
  faults: {
    told: [
      {
        ...{ name: 'cut', what: 'network partition for 5 s', breaks: 'network', atMs: 20_000, forMs: 5000 },
        ...{ doneAtMs: 20_010, undoneAtMs: null, outcome: 'not_mended', error: 'HTTP 409' },
      },
    ],
    places: [{ name: 'cut', breaks: 'network', phase: 'hold' }],
  },
});
const RUNS: Readonly<Record<string, Summary>> = {
  pass: healthy,
  fail: summaryOf([...healthyRun(), ...slow]),
  invalid: summaryOf([...healthyRun(), player('flv', { kind: 'first_byte', sinceStartMs: -1 })]),
  no_data: summaryOf([], { facts: { workersPlanned: 1, workersDied: 0, completed: false } }),
};

describe.each(Object.entries(RUNS))('the summary of a run that ends as %s', (verdict, summary) => {
  test('says so, with the exit code of that verdict', () => {
    expect(summary.verdict).toBe(verdict);
    expect(summary.exitCode).toBe(exitCodeOf(summary.verdict));
  });

  test('is valid by the published schema, and JSON carries all of it', () => {
    expect(validate(asFile(summary)) ? [] : validate.errors).toEqual([]);
    expect(asFile(summary)).toEqual(summary);
  });

  test('has every row of the gate, judged or not', () => {
    expect(summary.kpis.map(({ id }) => id)).toEqual([...KPI_IDS]);
    for (const { status, value, reason } of summary.kpis) {
      if (status === 'pass' || status === 'fail') expect(value).toBeTypeOf('number');
      expect(reason === '').toBe(status === 'pass');
    }
  });
});

describe('the summary', () => {
  test('counts viewers, and what they cost', () => {
    expect(healthy.vus).toEqual({ planned: 50, joined: 50, maxConcurrent: 40, lost: 0 });
    expect(healthy.generator).toEqual({
      cpuMsPerViewerSecond: 2,
      eventLoopDelayP99Ms: 3,
      laggedPct: 0,
      rssBytes: 345_000_000,
    });
    expect(healthy.run).toEqual({ ...RUN_FACTS, measuredMs: 60_000 });
  });

  test('metrics have their kind and unit, spans in ms, and their parts', () => {
    expect(healthy.metrics.first_frame_ms).toMatchObject({
      kind: 'histogram',
      unit: 'ms',
      count: 50,
      p50: 300,
      p95: 300,
      max: 300,
      parts: { flv: { count: 15 }, hls: { count: 35 } },
    });
    expect(healthy.metrics.played_ms).toEqual({
      kind: 'counter',
      unit: 'ms',
      count: 2_000_000,
      total: 2_000_000,
      parts: { hls: 1_400_000, flv: 600_000 },
    });
    expect(healthy.metrics.vu_started_count).toEqual({
      kind: 'counter',
      unit: 'count',
      count: 50,
      total: 50,
    });
    expect(healthy.metrics.rss_bytes).toMatchObject({ kind: 'gauge', unit: 'bytes', last: 345_000_000 });
    for (const [name, { kind, unit }] of Object.entries(healthy.metrics)) {
      expect({ kind, unit }).toEqual({
        kind: METRICS[name as MetricName].kind,
        unit: METRICS[name as MetricName].unit,
      });
    }
  });

  test('a part is named by protocol and label', () => {
    const summary = summaryOf([
      player('flv', { kind: 'start_failed', reason: 'cut' }),
      session({ kind: 'socket_error', code: 'other' }),
    ]);
    expect(summary.metrics.start_failed_count).toMatchObject({ total: 1, parts: { 'flv.cut': 1 } });
    expect(summary.metrics.socket_error_count).toMatchObject({ total: 1, parts: { other: 1 } });
  });

  test('a metric without data is absent, never zero', () => {
    expect(Object.keys(RUNS.no_data?.metrics ?? {}).sort()).toEqual([
      'event_loop_delay_ms',
      'event_loop_delay_p99_ms',
      'generator_cpu_ms',
      'rss_bytes',
      'vus_watching_count',
    ]);
    expect(RUNS.no_data?.generator.cpuMsPerViewerSecond).toBeNull();
  });

  test('a signal or a fault of ours outranks the verdict, which still stands', () => {
    const totals = measure(healthyRun());
    const context = contextOf();
    const input = { verdict: judge(totals, context), totals, context, run: RUN_FACTS };
    const stopped = buildSummary({ ...input, exitCode: EXIT.stopped, notes: ['stopped by SIGINT'] });
    expect(stopped).toMatchObject({ verdict: 'pass', exitCode: 105, notes: ['stopped by SIGINT'] });
  });

  test('equal inputs give an equal summary', () => {
    expect(summaryOf(healthyRun())).toEqual(healthy);
  });

  test('something that is no summary is not valid by the schema', () => {
    expect(validate({ ...asFile(healthy), verdict: 'passed' })).toBe(false);
    expect(validate({ ...asFile(healthy), more: 1 })).toBe(false);
    const { vus: _, ...without } = asFile(healthy);
    expect(validate(without)).toBe(false);
  });
});

test('exit codes are those that were agreed, each once, in the agreed order', () => {
  expect(EXIT_CODES.map(({ code }) => code)).toEqual([
    1, 104, 113, 105, 130, 111, 99, 114, 115, 116, 117, 118, 119, 0,
  ]);
  expect(EXIT_CODES.map(({ name }) => EXIT[name])).toEqual(EXIT_CODES.map(({ code }) => code));
  expect((['pass', 'fail', 'invalid', 'no_data'] as const).map(exitCodeOf)).toEqual([0, 99, 111, 114]);
});

test('faults and recovery stand in it when something was to be broken, by the published schema', () => {
  expect(validate(asFile(withFaults)) ? [] : validate.errors).toEqual([]);
  expect(withFaults.faults).toHaveLength(1);
  expect(withFaults.recovery).toMatchObject([{ faults: ['cut'], faced: 0, back: null, reconnects: null }]);
  expect(healthy.faults ?? healthy.recovery).toBeUndefined();
});
