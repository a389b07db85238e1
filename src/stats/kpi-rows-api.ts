import { type Kpi, percentileOf, present, rate } from './kpi.js';

const API = { source: 'viewers', mandatory: true } as const;

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

export const API_SUCCESS: Kpi = {
  ...API,
  title: 'API success',
  section: '1.4',
  unit: '%',
  formula:
    'calls with a 2xx and the agreed body / (calls - business refusals - calls renewed) x 100; throttling, proxy limits, faults, timeouts and failed connections all count against it; "sold out" is an answer and counts on neither side, as do a 404 of what a platform need not have and a 401 that a new token mended (the repeated call counts)',
  window: 'calm',
  bound: { op: '>', value: 99 },
  minSamples: { atLeast: 20 },
  sampleOf: 'calls without business refusals and those renewed',
  needs: [],
  metrics: ['api_outcome_count'],
  compute(view) {
    const outcomes = view.byLabel('api_outcome_count');
    const { ok = 0, business = 0, renewed = 0, absent = 0 } = outcomes;
    const judged = sum(outcomes) - business - renewed - absent;
    return { ...rate(ok, judged), samples: judged, beside: outcomes };
  },
};

export const API_5XX_RATE: Kpi = {
  ...API,
  title: 'API server faults (5xx)',
  section: '5.1#9',
  unit: '%',
  formula:
    "5xx answers of the platform / calls x 100; the proxy's own limit (503) stands beside and counts in API success",
  window: 'calm',
  bound: { op: '<', value: 1 },
  minSamples: { atLeast: 20 },
  sampleOf: 'calls',
  needs: [],
  metrics: ['api_outcome_count'],
  compute(view) {
    const outcomes = view.byLabel('api_outcome_count');
    const { server_fault: faults = 0, proxy_limit: limited = 0 } = outcomes;
    const calls = sum(outcomes);
    return { ...rate(faults, calls), samples: calls, beside: { faults, proxyLimit: limited } };
  },
};

/** A percentile of reads or writes; p99 needs the hundred samples that make one. */
export function apiLatency(what: 'read' | 'write', percentile: 95 | 99, limitMs: number): Kpi {
  const judged = what === 'read' ? 'api_read_since_due_ms' : 'api_write_since_due_ms';
  const plain = what === 'read' ? 'api_read_ms' : 'api_write_ms';
  return {
    ...API,
    title: `API ${what}s, p${percentile}`,
    section: what === 'read' && percentile === 95 ? '1.4, 5.1#10' : '1.4',
    unit: 'ms',
    formula: `p${percentile} of the time from when a ${what} was due to its answer or timeout; refusals by a limit are not in it`,
    window: 'hold',
    bound: { op: '<', value: limitMs },
    minSamples: { atLeast: percentile === 99 ? 100 : 20 },
    sampleOf: `${what}s answered or timed out`,
    needs: what === 'write' ? ['account', 'writes'] : [],
    metrics: [judged, plain],
    compute(view) {
      const spread = view.spread(judged);
      return {
        ...percentileOf(spread, percentile),
        beside: present({ sinceSentMs: view.spread(plain).percentileMs(percentile), meanMs: spread.meanMs }),
      };
    },
  };
}
