import type { Protocol } from '../events.js';
import { type Kpi, percentileOf, present, valued } from './kpi.js';
import { judgedP95Ms, latencyBySource, type SourceLatency, sourceNames } from './latency-sources.js';
import type { View } from './view.js';

const NAMES: Readonly<Record<Protocol, string>> = { hls: 'HLS', flv: 'HTTP-FLV' };
const MS_PER_S = 1000;

/** Each viewer reports its latency once a second; with less than this share of it the rest may be anything. */
const LATENCY_COVERAGE = 0.8;
/** The difference of two clocks may be wrong by this share of the bound; beyond, it decides too much. */
const CLOCK_SHARE = 0.1;

/** Strategy 5.1#7 names an evidence that is no latency: it stands beside. */
const FIRST_BYTE =
  'the "first byte time" that 5.1#7 names as its evidence is no latency and stands beside: p95 from the start of an attempt to its first byte, over the whole run';

export function latency(protocol: Protocol, limitMs: number): Kpi {
  return {
    title: `Glass to glass ${NAMES[protocol]}, p95`,
    section: protocol === 'hls' ? '1.1, 5.1#6' : '1.1, 5.1#7',
    mandatory: true,
    unit: 'ms',
    formula: `p95 over viewers and seconds of: instant of showing - capture time of the picture shown; the capture time comes from the bytes of the picture or else from the playlist, never from a guess. Of several sources each has its own p95, and the largest is judged. The capture time must be known for 80 % of the time played or waited, never lie in the future, and its clock's difference from ours to a tenth of the bound${protocol === 'flv' ? `; ${FIRST_BYTE}` : ''}`,
    window: 'hold',
    bound: { op: '<=', value: limitMs },
    minSamples: { atLeast: 20 },
    sampleOf: 'viewer-seconds with a known capture time',
    needs: [protocol],
    source: 'viewers',
    metrics: [
      'latency_ms',
      'latency_by_source_ms',
      'latency_uncertainty_ms',
      'latency_unknown_clock_count',
      'clock_warning_count',
      'capture_clock_step_ms',
      'arrival_ms',
      'played_ms',
      'stalled_ms',
      ...(protocol === 'flv' ? (['first_byte_ms'] as const) : []),
    ],
    compute(view, wholeRun) {
      const spread = view.spread('latency_ms', { protocol });
      const bySource = latencyBySource(view, protocol);
      const noData =
        fromTheFuture(view, protocol) ??
        clockDoubt(view, wholeRun, protocol, limitMs) ??
        uncovered(view, protocol, spread.count);
      return {
        ...valued(judgedP95Ms(bySource)),
        samples: spread.count,
        ...(noData === undefined ? {} : { noData }),
        beside: present({
          // Of several sources each has its own figures: together they are nobody's.
          ...(bySource.length > 1
            ? p95s(bySource)
            : { meanMs: spread.meanMs, p50Ms: spread.percentileMs(50) }),
          arrivalP95Ms: view.spread('arrival_ms', { protocol }).percentileMs(95),
          ...(protocol === 'flv' ? firstBytes(wholeRun) : {}),
          clockUncertaintyMs: clockUncertainty(view, protocol),
          source: sourceNames(bySource),
        }),
      };
    },
  };
}

/** Strategy 1.1: "must produce segments within 2 s of keyframe arrival". */
const GENERATION_MS = 2000;

export const SEGMENT_GENERATION: Kpi = {
  title: 'HLS segment generation, p95',
  section: '1.1',
  mandatory: true,
  unit: 'ms',
  formula:
    "p95 over segments of: first byte of the earliest list in which any viewer of a worker saw the segment - capture of the segment's keyframe. An upper bound of the time to generate it: the encoder, its way to the media server and at most one reload of the list are in it, and the more viewers there are, the less of the last. Each worker takes the earliest of its own viewers. Segments that stood in a viewer's first list are left out: nobody saw them appear",
  window: 'hold',
  bound: { op: '<=', value: GENERATION_MS },
  // Of fewer the 95th percentile is the worst one: a single list that was lost would decide.
  minSamples: { atLeast: 20 },
  sampleOf: 'segments, once per worker',
  needs: ['hls'],
  source: 'viewers',
  metrics: [
    'segment_listing_ms',
    'latency_ms',
    'latency_uncertainty_ms',
    'latency_unknown_clock_count',
    'clock_warning_count',
    'capture_clock_step_ms',
  ],
  compute(view, wholeRun) {
    const spread = view.spread('segment_listing_ms', { protocol: 'hls' });
    const noData = fromTheFuture(view, 'hls') ?? clockDoubt(view, wholeRun, 'hls', GENERATION_MS);
    return {
      ...percentileOf(spread, 95),
      ...(noData === undefined ? {} : { noData }),
      beside: present({
        minMs: spread.minMs,
        p50Ms: spread.percentileMs(50),
        clockUncertaintyMs: clockUncertainty(view, 'hls'),
      }),
    };
  },
};

/**
 * The other reading of 5.1#7, whose evidence is the "first byte time" of the stream: how soon a viewer hears anything,
 * which is no latency of what is heard. Of the whole run: viewers come before the hold.
 */
function firstBytes(wholeRun: View): Record<string, number | undefined> {
  return { firstByteP95Ms: wholeRun.spread('first_byte_ms', { protocol: 'flv' }).percentileMs(95) };
}

/** `obsP95Ms` and the like. */
function p95s(latencies: readonly SourceLatency[]): Record<string, number> {
  return Object.fromEntries(latencies.map(({ source, p95Ms }) => [`${source}P95Ms`, p95Ms]));
}

function fromTheFuture(view: View, protocol: Protocol): string | undefined {
  const ahead = view.count('clock_warning_count', { protocol });
  if (ahead === 0) return undefined;
  return `${ahead} pictures were captured in the future of this machine: its clock and the encoder's differ`;
}

function uncovered(view: View, protocol: Protocol, samples: number): string | undefined {
  // A picture that waits is late, too, and is reported: of the time played alone, those that wait would stand for others.
  const watchedMs = view.count('played_ms', { protocol }) + view.count('stalled_ms', { protocol });
  const covered = watchedMs > 0 ? (samples * MS_PER_S) / watchedMs : 1;
  if (covered >= LATENCY_COVERAGE) return undefined;
  return `the capture time is known for ${Math.round(covered * 100)} % of the time watched`;
}

/** The worst of the window, ms; absent without samples. */
function clockUncertainty(view: View, protocol: Protocol): number | 'unknown' | undefined {
  if (view.count('latency_unknown_clock_count', { protocol }) > 0) return 'unknown';
  return view.spread('latency_uncertainty_ms', { protocol }).maxMs;
}

/** Why the difference of the clocks is not known well enough; undefined = it is. */
function clockDoubt(view: View, wholeRun: View, protocol: Protocol, limitMs: number): string | undefined {
  const uncertaintyMs = clockUncertainty(view, protocol);
  const measured = view.spread('latency_ms', { protocol }).count > 0;
  if (uncertaintyMs === undefined) {
    // Without samples there is nothing to doubt; with them, the feed of the clocks' uncertainty is broken.
    return measured ? 'nothing was reported of how well the clocks are known' : undefined;
  }
  if (uncertaintyMs === 'unknown') {
    return "nobody knows how the capture's clock stands to ours: --capture-clock names it (the URL of publish --clock, or `same` where the publisher runs on this machine)";
  }
  const allowedMs = limitMs * CLOCK_SHARE;
  if (uncertaintyMs > allowedMs) {
    return `the difference of the clocks is known to ${ms(uncertaintyMs)} only, ${ms(allowedMs)} is the limit (a tenth of the bound)`;
  }
  // Noticed when it is over: what was measured since the last comparison may lie anywhere before that.
  const steppedMs = wholeRun.spread('capture_clock_step_ms').maxMs ?? 0;
  if (steppedMs <= allowedMs) return undefined;
  return `one of the clocks was set by ${ms(steppedMs)} during the run, ${ms(allowedMs)} is the limit (a tenth of the bound)`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
