import { gaugeNow, type Totals } from '../stats/merge.js';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRIC_NAMES,
  METRICS,
  type MetricSpec,
  storedPerUnit,
} from '../stats/metrics.js';
import { NO_PROTOCOL, SLOTS, type Slot } from '../stats/slots.js';
import type { Trend } from '../stats/trend.js';
import { createView, type View } from '../stats/view.js';
import type { MetricSummary } from './summary-schema.js';

/** Every metric that has data, over the whole run, with its parts by protocol and label. */
export function metricSummaries(totals: Totals): Record<string, MetricSummary> {
  const view = createView(totals);
  const summaries: Record<string, MetricSummary> = {};
  for (const name of METRIC_NAMES) {
    const spec = METRICS[name];
    const summary =
      spec.kind === 'gauge'
        ? gaugeSummary(totals, name as GaugeName, spec)
        : spec.kind === 'counter'
          ? counterSummary(view, name as CounterName, spec)
          : histogramSummary(view, name as HistogramName, spec);
    if (summary !== undefined) summaries[name] = summary;
  }
  return summaries;
}

function gaugeSummary(totals: Totals, name: GaugeName, { unit }: MetricSpec): MetricSummary | undefined {
  const last = gaugeNow(totals, name);
  if (last === undefined) return undefined;
  const count = [...totals.workers.values()].filter((worker) => worker.gauges.has(name)).length;
  return { kind: 'gauge', unit, count, last, max: totals.gaugeMax.get(name) ?? last };
}

function counterSummary(view: View, name: CounterName, spec: MetricSpec): MetricSummary | undefined {
  const total = view.count(name);
  if (total === 0) return undefined;
  const parts = partsOf(name, (slot) => view.count(name, selectOf(slot)) || undefined);
  return { kind: 'counter', unit: spec.unit, count: total, total, ...(parts ? { parts } : {}) };
}

function histogramSummary(view: View, name: HistogramName, spec: MetricSpec): MetricSummary | undefined {
  const whole = spreadOf(view.spread(name));
  if (whole === undefined) return undefined;
  const parts = partsOf(name, (slot) => spreadOf(view.spread(name, selectOf(slot))));
  return { kind: 'histogram', unit: spec.unit, ...whole, ...(parts ? { parts } : {}) };
}

interface Spread {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

function spreadOf(trend: Trend): Spread | undefined {
  if (trend.count === 0) return undefined;
  const at = (percentile: number): number => round(trend.percentileMs(percentile) ?? 0);
  return {
    count: trend.count,
    min: round(trend.minMs ?? 0),
    mean: round(trend.meanMs ?? 0),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    max: round(trend.maxMs ?? 0),
  };
}

/** To the stored microsecond: more digits are noise of the division. */
function round(ms: number): number {
  const perMs = storedPerUnit('ms');
  return Math.round(ms * perMs) / perMs;
}

function selectOf({ protocol, label }: Slot): { protocol?: 'hls' | 'flv'; label?: string } {
  return {
    ...(protocol === NO_PROTOCOL ? {} : { protocol: protocol as 'hls' | 'flv' }),
    ...(label === undefined ? {} : { label }),
  };
}

/** Parts of a metric that is divided, named `flv`, `cut` or `flv.cut`; undefined for one that is not. */
function partsOf<T>(name: string, read: (slot: Slot) => T | undefined): Record<string, T> | undefined {
  const parts: Record<string, T> = {};
  for (const slot of SLOTS) {
    if (slot.metric !== name) continue;
    const path = [slot.protocol === NO_PROTOCOL ? undefined : slot.protocol, slot.label].filter(
      (p) => p !== undefined,
    );
    if (path.length === 0) return undefined;
    const value = read(slot);
    if (value !== undefined) parts[path.join('.')] = value;
  }
  return parts;
}
