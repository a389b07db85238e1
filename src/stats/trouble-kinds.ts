import { KPIS, type KpiId } from './kpis.js';
import { METRICS, type MetricName } from './metrics.js';

/** A report of where the time went is trouble only as far as these parts of it are more than nothing. */
const PARTS_OF_WATCHED: Readonly<Partial<Record<MetricName, string>>> = {
  stalled_ms: 'stalled',
  frozen_ms: 'frozen',
  missing_frame_count: 'frames_missing',
};

/** Kinds of trouble that a row is made of, as `Troubled` names them. */
export function troubleKindsOf(id: KpiId): ReadonlySet<string> {
  const { metrics } = KPIS[id];
  // Where no stalls are counted, the time stalled is a part of the time watched that something else is divided by.
  const blamed = metrics.filter((metric) => metric !== 'stalled_ms' || metrics.includes('rebuffer_count'));
  return new Set(blamed.flatMap(kindsOf));
}

function kindsOf(metric: MetricName): readonly string[] {
  const { fedBy } = METRICS[metric];
  if (typeof fedBy === 'string') return [];
  const part = PARTS_OF_WATCHED[metric];
  return part === undefined ? fedBy : [part];
}
