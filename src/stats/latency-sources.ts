import type { CaptureSource, Protocol } from '../events.js';
import type { View } from './view.js';

/** What one source of capture times says of the latency. */
export interface SourceLatency {
  readonly source: CaptureSource;
  readonly samples: number;
  readonly p95Ms: number;
}

/** Fewer samples of a source are no 95th percentile. */
export const MIN_SOURCE_SAMPLES = 20;

const SOURCES: readonly CaptureSource[] = ['stamp', 'misb', 'obs', 'pic_timing', 'pdt'];

/**
 * Latency of one protocol by where its capture times came from, the best source first. Sources differ in what they
 * leave out (a playlist's date knows nothing of the way to the server), so they are never thrown together.
 */
export function latencyBySource(view: View, protocol: Protocol): SourceLatency[] {
  return SOURCES.flatMap((source) => {
    const spread = view.spread('latency_by_source_ms', { protocol, label: source });
    const p95Ms = spread.percentileMs(95);
    return p95Ms === undefined ? [] : [{ source, samples: spread.count, p95Ms }];
  });
}

/** Where the capture times came from, one after the other, or `unknown`. */
export function sourceNames(latencies: readonly SourceLatency[]): string {
  return latencies.map(({ source }) => source).join('+') || 'unknown';
}

/**
 * The p95 that is judged: of one source its own; of several that have enough samples the largest, so that none can
 * hide behind another.
 */
export function judgedP95Ms(latencies: readonly SourceLatency[]): number | undefined {
  const enough = latencies.filter(({ samples }) => samples >= MIN_SOURCE_SAMPLES);
  const judged = enough.length > 0 ? enough : latencies;
  return judged.length === 0 ? undefined : Math.max(...judged.map(({ p95Ms }) => p95Ms));
}
