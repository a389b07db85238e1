import type { Protocol } from '../events.js';
import type { Totals } from './merge.js';
import { type CounterName, type HistogramName, METRICS, type MetricName, storedPerUnit } from './metrics.js';
import { keyOf, SLOTS, type Slot } from './slots.js';
import { Trend } from './trend.js';

/** Which part of a metric is meant; absent = all of it. */
export interface Select {
  readonly protocol?: Protocol;
  readonly label?: string;
}

/** Totals read through a window of phases. */
export interface View {
  /** Sum of a counter in the metric's own unit (ms, bytes, count). */
  count(metric: CounterName, select?: Select): number;
  /** Non-zero parts of a counter by label. */
  byLabel(metric: CounterName, select?: Select): Record<string, number>;
  /** All samples of a histogram, to be read only; empty when there are none. */
  spread(metric: HistogramName, select?: Select): Trend;
}

const slotsByMetric = new Map<MetricName, Slot[]>();
for (const slot of SLOTS) slotsByMetric.set(slot.metric, [...(slotsByMetric.get(slot.metric) ?? []), slot]);

/** A view of `phases`; absent = the whole run, whatever its phases were. */
export function createView(totals: Totals, phases?: readonly string[]): View {
  const names = phases ?? phasesOf(totals);
  const keys = function* (
    metric: MetricName,
    { protocol, label }: Select,
  ): Generator<readonly [Slot, string]> {
    for (const slot of slotsByMetric.get(metric) ?? []) {
      if (protocol !== undefined && slot.protocol !== protocol) continue;
      if (label !== undefined && slot.label !== label) continue;
      for (const phase of names) yield [slot, keyOf(slot, phase)];
    }
  };
  return {
    count(metric, select = {}) {
      let sum = 0;
      for (const [, key] of keys(metric, select)) sum += totals.counters.get(key) ?? 0;
      return sum / storedPerUnit(METRICS[metric].unit);
    },
    byLabel(metric, select = {}) {
      const sums: Record<string, number> = {};
      for (const [slot, key] of keys(metric, select)) {
        const value = (totals.counters.get(key) ?? 0) / storedPerUnit(METRICS[metric].unit);
        if (value > 0 && slot.label !== undefined) sums[slot.label] = (sums[slot.label] ?? 0) + value;
      }
      return sums;
    },
    spread(metric, select = {}) {
      const found: Trend[] = [];
      for (const [, key] of keys(metric, select)) {
        const trend = totals.trends.get(key);
        if (trend) found.push(trend);
      }
      // One alone, which is the rule, needs no copy.
      if (found.length === 1) return found[0] as Trend;
      const merged = new Trend();
      for (const trend of found) merged.add(trend);
      return merged;
    },
  };
}

/** Phases that anything was measured in. */
export function phasesOf(totals: Totals): string[] {
  const phases = new Set<string>();
  for (const key of [...totals.counters.keys(), ...totals.trends.keys()]) phases.add(key.split('|')[1] ?? '');
  return [...phases];
}
