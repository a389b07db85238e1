import { type Kpi, type Measured, percent, percentileOf, present, valued } from './kpi.js';
import { STREAM_START } from './kpi-rows-media.js';
import type { Trend } from './trend.js';
import type { View } from './view.js';

const SPIKE = { window: 'spike', source: 'viewers', mandatory: true, needs: [] } as const;

export const SPIKE_5XX: Kpi = {
  ...SPIKE,
  title: '5xx during the spike',
  section: '2.2 spike',
  unit: 'errors',
  formula:
    "answers with a 5xx that viewers got in the spike, from the API, for playlists, segments and FLV streams; a proxy's own limit (503) is one of them",
  bound: { op: '<=', value: 0 },
  minSamples: { atLeast: 20 },
  sampleOf: 'answers',
  metrics: ['server_error_count', 'api_outcome_count', 'media_request_count'],
  compute(view) {
    const byWhat = view.byLabel('server_error_count');
    const { network = 0, timeout = 0, ...answered } = view.byLabel('api_outcome_count');
    const calls = Object.values(answered).reduce((sum, count) => sum + count, 0);
    return {
      value: view.count('server_error_count'),
      samples: calls + view.count('media_request_count'),
      beside: present({
        ...byWhat,
        proxyLimit: answered.proxy_limit,
        unanswered: network + timeout || undefined,
      }),
    };
  },
};

export const SPIKE_FIRST_FRAME: Kpi = {
  ...SPIKE,
  title: 'First frame in the spike, p95',
  section: '2.2 spike',
  unit: 'ms',
  formula:
    'p95 of the time from the start of an attempt to the first painted picture, of the attempts begun in the spike, whatever their protocol',
  bound: { op: '<', value: 5000 },
  minSamples: { atLeast: 20 },
  sampleOf: 'first frames',
  metrics: ['first_frame_ms'],
  compute(view) {
    const spread = view.spread('first_frame_ms');
    return {
      ...percentileOf(spread, 95),
      beside: present({
        maxMs: spread.maxMs,
        hlsP95Ms: view.spread('first_frame_ms', { protocol: 'hls' }).percentileMs(95),
        flvP95Ms: view.spread('first_frame_ms', { protocol: 'flv' }).percentileMs(95),
      }),
    };
  },
};

export const SPIKE_START: Kpi = {
  ...STREAM_START,
  ...SPIKE,
  title: 'Stream start success in the spike',
  section: '5.1#5',
  formula: `${STREAM_START.formula}; of the attempts begun in the spike`,
  minSamples: { atLeast: 20 },
};

/** Above what it was before, in %, of at least this: what takes no time cannot take twice as much. */
const FLOOR_MS = 100;
const RETURN_PCT = 20;
const MIN_SAMPLES = 20;

const RETURNED = {
  section: '2.2 spike (as viewers see it)',
  mandatory: true,
  unit: '%',
  window: 'recovery',
  bound: { op: '<=', value: RETURN_PCT },
  minSamples: { atLeast: MIN_SAMPLES },
  source: 'viewers',
  needs: [],
} as const;

/** How far a p95 stands above what it was before the crowd came. */
function risen(before: Trend, after: Trend): Measured {
  const was = before.percentileMs(95);
  const is = after.percentileMs(95);
  const pct = was === undefined || is === undefined ? undefined : percent(is - was, Math.max(was, FLOOR_MS));
  const few =
    before.count < MIN_SAMPLES ? `${before.count} samples before the spike, ${MIN_SAMPLES} needed` : '';
  return {
    ...valued(pct),
    samples: after.count,
    ...(few === '' ? {} : { noData: few }),
    beside: present({ beforeP95Ms: was, afterP95Ms: is }),
  };
}

const RISEN = `(p95 after the crowd has gone - p95 before it came) / p95 before it came, at least ${FLOOR_MS} ms, x 100`;

export const SPIKE_API_RETURN: Kpi = {
  ...RETURNED,
  title: 'API reads back to before the spike',
  formula: `${RISEN}; reads, from when they were due`,
  sampleOf: 'reads in the recovery',
  metrics: ['api_read_since_due_ms'],
  compute: (view, _run, sight) => {
    const reads = (of: View): Trend => of.spread('api_read_since_due_ms');
    return risen(reads(sight.before('spike')), reads(view));
  },
};

export const SPIKE_JOIN_RETURN: Kpi = {
  ...RETURNED,
  title: 'Joining back to before the spike',
  formula: `${RISEN}; from the begin of a viewer to fully joined. Needs viewers that come in the recovery, which the spike as the strategy draws it has not`,
  sampleOf: 'joins in the recovery',
  metrics: ['vu_join_ms'],
  compute: (view, _run, sight) => {
    const joins = (of: View): Trend => of.spread('vu_join_ms');
    return risen(joins(sight.earlier('spike')), joins(view));
  },
};
