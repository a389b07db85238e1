import type { Protocol } from '../events.js';
import { type Kpi, type Measured, percent, percentileOf, present, rate, valued } from './kpi.js';
import type { View } from './view.js';

const NAMES: Readonly<Record<Protocol, string>> = { hls: 'HLS', flv: 'HTTP-FLV' };
const WATCHING = { window: 'hold', source: 'viewers', needs: [], unit: '%' } as const;
/** Below half a minute of watching, one event decides everything. */
const MIN_WATCHED = { minSamples: { atLeast: 30 }, sampleOf: 'seconds watched' } as const;
const MS_PER_S = 1000;
/** Stalled time without a single rebuffer event, beyond this, is a contradiction of the feeds. */
const CONTRADICTION_MS = 1000;

export function firstFrame(protocol: Protocol, limitMs: number): Kpi {
  return {
    title: `First frame ${NAMES[protocol]}, p95`,
    section: '1.1',
    mandatory: true,
    unit: 'ms',
    formula: 'p95 of the time from the start of an attempt to the first painted picture',
    window: 'calm',
    bound: { op: '<=', value: limitMs },
    minSamples: { atLeast: 20, perViewer: { share: 0.9, of: protocol } },
    sampleOf: 'first frames',
    needs: [protocol],
    source: 'viewers',
    metrics: ['first_frame_ms', 'first_byte_ms', 'first_keyframe_ms'],
    compute(view) {
      const spread = view.spread('first_frame_ms', { protocol });
      return {
        ...percentileOf(spread, 95),
        beside: present({
          meanMs: spread.meanMs,
          firstByteP95Ms: view.spread('first_byte_ms', { protocol }).percentileMs(95),
          firstKeyframeP95Ms: view.spread('first_keyframe_ms', { protocol }).percentileMs(95),
        }),
      };
    },
  };
}

export const STREAM_START: Kpi = {
  title: 'Stream start success',
  section: '1.2, 5.1#5',
  mandatory: true,
  unit: '%',
  formula:
    'attempts that ended with a picture / (attempts - attempts that the end of the run cut short) x 100; a fallback to the other protocol is an attempt of its own',
  window: 'calm',
  comesLater: true,
  bound: { op: '>', value: 99 },
  minSamples: { perViewer: { share: 0.9, of: 'vus' } },
  sampleOf: 'attempts',
  needs: [],
  source: 'viewers',
  metrics: ['play_attempt_count', 'first_frame_count', 'start_failed_count', 'no_video_count'],
  compute(view) {
    const { stopped = 0, ...reasons } = view.byLabel('start_failed_count');
    const attempts = view.count('play_attempt_count') - stopped;
    const pictures = view.count('first_frame_count');
    return {
      ...rate(pictures, attempts),
      samples: Math.max(0, attempts),
      ...(pictures > attempts ? { noData: `${pictures} first frames of ${attempts} attempts` } : {}),
      beside: present({ ...reasons, noVideo: view.count('no_video_count') || undefined, stopped }),
    };
  },
};

/** Rebuffers of the window, and how many of them our own lag may have made. */
function rebuffers(view: View, wholeRun: View): { sure: number; all: number; noData?: string } {
  const all = view.count('rebuffer_count');
  const stalledMs = wholeRun.count('stalled_ms');
  const silent = wholeRun.count('rebuffer_count') === 0 && stalledMs > CONTRADICTION_MS;
  return {
    all,
    sure: Math.max(0, all - view.count('tainted_rebuffer_count')),
    ...(silent ? { noData: `${Math.round(stalledMs)} ms stalled, yet no rebuffer was reported` } : {}),
  };
}

/** Rebuffers per hundred of `whole`. */
function rebufferRate(view: View, wholeRun: View, whole: number, samples: number): Measured {
  const { all, sure, noData } = rebuffers(view, wholeRun);
  const doubt = percent(all, whole);
  return {
    ...rate(sure, whole),
    ...(doubt === undefined ? {} : { valueWithDoubt: doubt }),
    samples,
    ...(noData === undefined ? {} : { noData }),
    beside: { rebuffers: all, ofThemOursPerhaps: all - sure },
  };
}

export const REBUFFER_RATE_PER_SECOND: Kpi = {
  ...WATCHING,
  ...MIN_WATCHED,
  sampleOf: 'seconds played',
  title: 'Rebuffers per second played',
  section: '1.2',
  mandatory: true,
  formula: 'rebuffers (stalls >= 100 ms after playing began) / seconds played x 100',
  bound: { op: '<', value: 1 },
  metrics: ['rebuffer_count', 'tainted_rebuffer_count', 'played_ms', 'stalled_ms'],
  compute(view, wholeRun) {
    const playedS = view.count('played_ms') / MS_PER_S;
    return rebufferRate(view, wholeRun, playedS, Math.floor(playedS));
  },
};

export const REBUFFER_RATE_PER_SEGMENT: Kpi = {
  ...WATCHING,
  title: 'Rebuffers per segment',
  section: '5.1#4',
  mandatory: true,
  formula:
    'rebuffers / segments x 100; a segment is an HLS segment received or, for HTTP-FLV which has none, one second played',
  bound: { op: '<', value: 1 },
  minSamples: { atLeast: 30 },
  sampleOf: 'segments',
  metrics: ['rebuffer_count', 'tainted_rebuffer_count', 'segment_count', 'played_ms', 'stalled_ms'],
  compute(view, wholeRun) {
    const hlsSegments = view.count('segment_count', { protocol: 'hls' });
    const segments = hlsSegments + view.count('played_ms', { protocol: 'flv' }) / MS_PER_S;
    const hlsPlayedMs = view.count('played_ms', { protocol: 'hls' });
    const measured = rebufferRate(view, wholeRun, segments, Math.floor(segments));
    const unfed = hlsSegments === 0 && hlsPlayedMs > 10 * MS_PER_S;
    return unfed ? { ...measured, noData: 'HLS was played, yet no segment was reported' } : measured;
  },
};

/** A share of the time watched. */
function share(view: View, partMs: number): Measured & { readonly wholeMs: number } {
  const wholeMs = view.count('played_ms') + view.count('stalled_ms');
  return { ...valued(percent(partMs, wholeMs)), samples: Math.floor(wholeMs / MS_PER_S), wholeMs };
}

export const REBUFFER_RATIO: Kpi = {
  ...WATCHING,
  ...MIN_WATCHED,
  title: 'Rebuffer ratio',
  section: '1.2',
  mandatory: true,
  formula: 'time in rebuffers / (time played + time in rebuffers) x 100',
  bound: { op: '<', value: 0.5 },
  metrics: ['played_ms', 'stalled_ms', 'tainted_viewer_ms', 'rebuffer_count', 'rebuffer_span_ms'],
  compute(view, wholeRun) {
    const stalledMs = view.count('stalled_ms');
    const doubtMs = view.count('tainted_viewer_ms');
    const { wholeMs, ...measured } = share(view, Math.max(0, stalledMs - doubtMs));
    const unfed = wholeRun.count('rebuffer_count') > 0 && wholeRun.count('stalled_ms') === 0;
    const doubt = percent(stalledMs, wholeMs);
    return {
      ...measured,
      ...(doubt === undefined ? {} : { valueWithDoubt: doubt }),
      ...(unfed ? { noData: 'rebuffers were reported, yet no stalled time' } : {}),
      beside: present({
        rebufferedMs: stalledMs,
        ofItOursPerhapsMs: doubtMs,
        longestMs: view.spread('rebuffer_span_ms').maxMs,
      }),
    };
  },
};

export const FROZEN_RATIO: Kpi = {
  ...WATCHING,
  ...MIN_WATCHED,
  title: 'Frozen picture ratio',
  section: 'own: video gone while audio runs is no rebuffer in a browser, yet the worst to watch',
  mandatory: true,
  formula:
    'time with a picture that stands still while the clock runs / time watched x 100. It stands when the next one is overdue by more than 150 ms, in a stream of fewer than 10 pictures a second by two of its usual steps',
  bound: { op: '<', value: 0.5 },
  metrics: ['played_ms', 'stalled_ms', 'frozen_ms', 'frozen_span_ms'],
  compute(view, wholeRun) {
    const frozenMs = view.count('frozen_ms');
    const { wholeMs: _, ...measured } = share(view, frozenMs);
    const spans = wholeRun.spread('frozen_span_ms');
    const unfed = spans.count > 0 && wholeRun.count('frozen_ms') === 0;
    return {
      ...measured,
      ...(unfed ? { noData: 'frozen pictures were reported, yet no frozen time' } : {}),
      beside: present({ frozenMs, longestMs: view.spread('frozen_span_ms').maxMs }),
    };
  },
};

export const REPLAYED_RATIO: Kpi = {
  ...WATCHING,
  ...MIN_WATCHED,
  title: 'Replayed time ratio',
  section: 'own: a player that jumps back shows old pictures without any rebuffer',
  mandatory: true,
  formula: 'time spent on media that was shown before / time watched x 100',
  bound: { op: '<', value: 0.5 },
  metrics: ['played_ms', 'stalled_ms', 'replayed_ms', 'seek_back_ms'],
  compute(view) {
    const replayedMs = view.count('replayed_ms');
    const { wholeMs: _, ...measured } = share(view, replayedMs);
    return { ...measured, beside: { replayedMs, jumpedBackMs: view.count('seek_back_ms') } };
  },
};

export const FRAME_DROP_RATE: Kpi = {
  ...WATCHING,
  title: 'Frame drop rate',
  section: '1.2',
  mandatory: true,
  formula:
    "frames that never arrived / (frames arrived + frames that never arrived) x 100; counted by gaps in the frame numbers of the capture stamps and by gaps in the timestamps (steps longer than one and a half usual ones), of each viewer's second the larger is judged, and both stand beside. A stream without stamps has the timestamps only",
  bound: { op: '<', value: 0.1 },
  minSamples: { atLeast: 1000 },
  sampleOf: 'frames',
  metrics: [
    'frame_count',
    'missing_frame_count',
    'missing_by_number_count',
    'missing_by_time_count',
    'numbered_frame_count',
  ],
  compute(view) {
    const missing = view.count('missing_frame_count');
    const frames = view.count('frame_count') + missing;
    const numbered = view.count('numbered_frame_count') > 0;
    const byNumbers = view.count('missing_by_number_count');
    return {
      ...rate(missing, frames),
      samples: frames,
      beside: {
        missing,
        byNumbers: numbered ? byNumbers : 'no stamps',
        byTimestamps: view.count('missing_by_time_count'),
      },
    };
  },
};
