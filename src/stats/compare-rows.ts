import type { Protocol } from '../events.js';
import { KPIS, type KpiId } from './kpis.js';
import type { Totals } from './merge.js';
import type { HistogramName } from './metrics.js';
import type { Trend } from './trend.js';
import { createView } from './view.js';
import { type PhaseSpan, phasesIn } from './windows.js';

/** The samples that a row's percentile is of. */
export interface ComparedSpread {
  readonly spread: Trend;
  readonly percentile: number;
}

interface Percentile {
  readonly metric: HistogramName;
  readonly percentile: 95 | 99;
  readonly protocol?: Protocol;
}

const p95 = (metric: HistogramName, protocol?: Protocol): Percentile => ({
  metric,
  percentile: 95,
  ...(protocol ? { protocol } : {}),
});

/** Rows that are a percentile of one histogram over their window; compare-rows.test.ts checks that they are. */
export const PERCENTILE_ROWS: Readonly<Partial<Record<KpiId, Percentile>>> = {
  first_frame_p95_flv: p95('first_frame_ms', 'flv'),
  first_frame_p95_hls: p95('first_frame_ms', 'hls'),
  latency_p95_flv: p95('latency_ms', 'flv'),
  latency_p95_hls: p95('latency_ms', 'hls'),
  segment_generation_p95: p95('segment_listing_ms', 'hls'),
  spike_first_frame_p95: p95('first_frame_ms'),
  chat_delivery_p95: p95('chat_delivery_since_due_ms'),
  chat_burst_p95: p95('chat_delivery_since_due_ms'),
  api_read_p95: p95('api_read_since_due_ms'),
  api_read_p99: { metric: 'api_read_since_due_ms', percentile: 99 },
  api_write_p95: p95('api_write_since_due_ms'),
  api_write_p99: { metric: 'api_write_since_due_ms', percentile: 99 },
};

/** The samples behind a row of one run; undefined for a row that is no percentile. */
export function spreadBehind(
  id: KpiId,
  totals: Totals,
  phases: readonly PhaseSpan[],
): ComparedSpread | undefined {
  const row = PERCENTILE_ROWS[id];
  if (row === undefined) return undefined;
  const names = phasesIn(KPIS[id].window, phases).map(({ name }) => name);
  const select = row.protocol === undefined ? {} : { protocol: row.protocol };
  return { spread: createView(totals, names).spread(row.metric, select), percentile: row.percentile };
}

/** Counts of viewers or connections that are a part of the row's samples. */
const COUNTED: readonly string[] = ['viewers_lost', 'connections_dropped', 'join_failures'];
/** Percentages that are no part of a whole: growth, return, use of the platform's. */
const NO_SHARE = /growth|return|accuracy|^cpu|^memory/;

/** Whether the row's value is a share of its samples, or a count of some of them. */
export function isShare({
  id,
  unit,
  value,
  samples,
}: {
  readonly id: KpiId;
  readonly unit: string;
  readonly value?: number | null;
  readonly samples: number;
}): boolean {
  if (typeof value !== 'number' || value < 0 || samples <= 0) return false;
  if (COUNTED.includes(id)) return value <= samples;
  return unit === '%' && value <= 100 && KPIS[id].source === 'viewers' && !NO_SHARE.test(id);
}
