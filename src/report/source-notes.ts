import type { Protocol } from '../events.js';
import { latencyBySource, MIN_SOURCE_SAMPLES } from '../stats/latency-sources.js';
import type { View } from '../stats/view.js';

const NAMES: Readonly<Record<Protocol, string>> = { flv: 'FLV', hls: 'HLS' };

/** Latencies of a protocol that stand on more than one source of capture times, in words. Empty when none do. */
export function sourceNotes(view: View): string[] {
  return (['flv', 'hls'] as const).flatMap((protocol) => {
    const latencies = latencyBySource(view, protocol);
    if (latencies.length < 2) return [];
    const parts = latencies.map(
      ({ source, samples, p95Ms }) => `${source} p95 ${Math.round(p95Ms)} ms of ${samples}`,
    );
    return [
      `${NAMES[protocol]} capture times came from ${latencies.length} sources (${parts.join(', ')}): each stands for itself, the largest p95 of those with ${MIN_SOURCE_SAMPLES} samples and more is judged`,
    ];
  });
}
