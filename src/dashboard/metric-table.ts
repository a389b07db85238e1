import type { Protocol } from '../events.js';
import type { LiveState } from '../report/live-state.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRIC_NAMES,
  METRICS,
  OTHER_LABEL,
} from '../stats/metrics.js';

/**
 * What `/metrics` tells Prometheus, by the rules of its naming: the base unit last, seconds and bytes, counters end in
 * `_total`. What the platform says of itself is not repeated: its own exporters do.
 */
export const PREFIX = 'dorami_load_';

/** Spans whose distributions are told; those of all others are in summary.json. */
export const HISTOGRAMS: readonly HistogramName[] = [
  'first_frame_ms',
  'latency_ms',
  'rebuffer_span_ms',
  'vu_join_ms',
  'socket_ready_ms',
  'chat_delivery_since_due_ms',
  'api_read_since_due_ms',
  'api_write_since_due_ms',
  'event_loop_delay_ms',
];

/** Upper ends of buckets, seconds: the bounds of the gate are among them. */
export const BUCKETS_S: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 15, 30, 60,
];

/** Gauges that several workers make up. */
export const GAUGES: readonly GaugeName[] = [
  'vus_active_count',
  'vus_joined_count',
  'vus_watching_count',
  'vus_rebuffering_count',
  'vus_frozen_count',
  'connections_open_count',
  'sessions_open_count',
  'root_sessions_open_count',
  'chat_sessions_open_count',
  'streaming_sessions_open_count',
  'rss_bytes',
  'event_loop_delay_p99_ms',
];

/** Every counter of the run. */
export const COUNTERS: readonly CounterName[] = METRIC_NAMES.filter(
  (name): name is CounterName => METRICS[name].kind === 'counter',
);

/** Name of a metric for Prometheus: `first_frame_ms` is `dorami_load_first_frame_seconds`. */
export function promName(metric: keyof typeof METRICS): string {
  const { kind, unit } = METRICS[metric];
  const stem = metric.replace(/_(ms|bytes|count)$/, '');
  const named = unit === 'ms' ? `${stem}_seconds` : unit === 'bytes' ? `${stem}_bytes` : stem;
  return `${PREFIX}${named}${kind === 'counter' ? '_total' : ''}`;
}

/** Names of labels of a metric. */
export function promLabels(metric: keyof typeof METRICS): string[] {
  const { by, labels } = METRICS[metric];
  return [...(by === undefined ? [] : ['protocol']), ...(labels === undefined ? [] : ['kind'])];
}

export interface Selection {
  readonly protocol?: Protocol;
  readonly label?: string;
}

/** Every part of a metric: protocols times labels. */
export function partsOf(metric: keyof typeof METRICS): Selection[] {
  const { by, labels } = METRICS[metric];
  const protocols: Selection[] = by === undefined ? [{}] : [{ protocol: 'flv' }, { protocol: 'hls' }];
  if (labels === undefined) return protocols;
  return protocols.flatMap((part) => [...labels, OTHER_LABEL].map((label) => ({ ...part, label })));
}

interface StateGauge {
  readonly name: string;
  readonly help: string;
  value(live: LiveState, totals: Totals): number | undefined;
}

/** Gauges that no single worker knows. */
export const STATE_GAUGES: readonly StateGauge[] = [
  {
    name: `${PREFIX}vus_wanted`,
    help: 'viewers that the plan wants now',
    value: ({ wanted }) => wanted,
  },
  {
    name: `${PREFIX}run_elapsed_seconds`,
    help: 'run time',
    value: ({ elapsedMs }) => elapsedMs / 1000,
  },
  {
    name: `${PREFIX}run_planned_seconds`,
    help: 'length of the plan',
    value: ({ totalMs }) => totalMs / 1000,
  },
  {
    name: `${PREFIX}generator_lagged_ratio`,
    help: 'share of the viewer-time of the run that our own event loops held up; above 0.01 the run is invalid',
    value: ({ generator }) => (generator.laggedPct === undefined ? undefined : generator.laggedPct / 100),
  },
];

/** `1` for the state that holds, `0` for the others. */
export const HEALTH_GAUGE = {
  name: `${PREFIX}generator_health`,
  help: 'whether what is measured can be believed: 1 for the state that holds',
  states: ['ok', 'strained', 'invalid'],
} as const;

export const GATE_GAUGE = {
  name: `${PREFIX}gate_rows`,
  help: 'mandatory rows of the gate so far, by state; judged every few seconds',
  states: ['pass', 'fail', 'no_data'],
} as const;

export const INFO_GAUGE = { name: `${PREFIX}run_info`, help: 'which run this is; always 1' } as const;

/** A gauge of the run in the unit of its name for Prometheus. */
export function gaugeValue(totals: Totals, name: GaugeName): number | undefined {
  const value = gaugeNow(totals, name);
  if (value === undefined) return undefined;
  return METRICS[name].unit === 'ms' ? value / 1000 : value;
}
