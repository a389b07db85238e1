import {
  type Case,
  equal,
  type Facts,
  type HlsStory,
  latencyAt,
  near,
  type StorySegment,
} from './conformance.js';
import { BARE_1_7, PAGE } from './conformance-pages.js';

interface Restart {
  readonly segmentMs: number;
  /** Media that was out when the viewer came, and how long ago the last segment of it was listed. */
  readonly edgeMs: number;
  readonly agedMs: number;
  readonly window: number;
  readonly targetDurationS: number;
  /** The publisher goes at this run time and comes back after `pauseMs`. */
  readonly goneAtMs: number;
  readonly pauseMs: number;
  /** Numbers go on, behind a discontinuity; else they begin at 0 again. */
  readonly goesOn: boolean;
}

/** The first publisher's segments are `old-N`, the second one's `new-N`; both count media from 0. */
function restart(options: Restart): HlsStory {
  const { segmentMs, edgeMs, agedMs, window, goneAtMs, pauseMs } = options;
  const oldMediaMs = (nowMs: number) => edgeMs + agedMs + Math.min(nowMs, goneAtMs);
  const endMs = oldMediaMs(goneAtMs);
  const partMs = endMs % segmentMs;
  const oldCount = Math.floor(endMs / segmentMs) + (partMs > 0 ? 1 : 0);
  const oldList = (nowMs: number): StorySegment[] => {
    const whole = Math.floor(oldMediaMs(nowMs) / segmentMs);
    const list = Array.from({ length: whole }, (_, n) => ({ name: `old-${n}`, durationMs: segmentMs }));
    // What was under way when the publisher went is closed as it is.
    if (nowMs >= goneAtMs && partMs > 0) list.push({ name: `old-${whole}`, durationMs: partMs });
    return list;
  };
  const newList = (nowMs: number): StorySegment[] => {
    const count = Math.max(0, Math.floor((nowMs - goneAtMs - pauseMs) / segmentMs));
    return Array.from({ length: count }, (_, n) => ({
      name: `new-${n}`,
      durationMs: segmentMs,
      ...(n === 0 ? { discontinuity: true } : {}),
    }));
  };
  return {
    player: 'hls',
    list(nowMs) {
      const fresh = newList(nowMs);
      const all = options.goesOn ? [...oldList(nowMs), ...fresh] : fresh.length > 0 ? fresh : oldList(nowMs);
      const sequence = Math.max(0, all.length - window);
      return {
        kind: 'list',
        targetDurationS: options.targetDurationS,
        sequence,
        segments: all.slice(sequence),
      };
    },
    media(name) {
      const number = Number(/\d+/.exec(name)?.[0]);
      const old = name.startsWith('old');
      const capturedAtMs = number * segmentMs + (old ? -edgeMs - agedMs : goneAtMs + pauseMs);
      const durationMs = old && number === oldCount - 1 && partMs > 0 ? partMs : segmentMs;
      return { kind: 'media', ptsMs: number * segmentMs, durationMs, lastByteMs: 10, capturedAtMs };
    },
  };
}

const SRS = {
  segmentMs: 1000,
  edgeMs: 9000,
  agedMs: 500,
  window: 6,
  targetDurationS: 1,
  goesOn: false,
} as const;

/** The numbers of the second publisher's segments, as they were asked for. */
const askedAnew = ({ requests }: Facts) =>
  requests.flatMap(({ path }) => /new-(\d+)/.exec(path)?.slice(1).map(Number) ?? []);

/** None is left out, not even the one that ends just behind what is left of the old media. */
const noneLeftOut = (facts: Facts) =>
  equal(
    'new segments, one after the other',
    askedAnew(facts).every((number, i) => number === i),
    true,
  );

/** What a viewer of SRS sees of a publisher who comes back with numbers from 0. */
const backToZero = (facts: Facts, stallMs: number) => [
  equal('reset', facts.count('sequence_reset'), 1),
  noneLeftOut(facts),
  near('first stall', (facts.rebuffers[0]?.toMs ?? 0) - (facts.rebuffers[0]?.fromMs ?? 0), stallMs, 300),
  equal('seeks back', facts.seeks[0]?.cause, 'window'),
  near('from where the buffer ended to the start of the list', facts.seeks[0]?.replayedMs, 5830),
  equal('pulled to the end of the old tail', facts.seeks[1]?.cause, 'drift'),
  equal('sought back again', facts.seeks[2]?.cause, 'window'),
  equal('old pictures for over a second', facts.replayedMs > 1000, true),
  near('latency at the end', latencyAt(facts, facts.sessionMs), 3100, 1200),
];

export const RESTART_CASES: readonly Case[] = [
  {
    number: 1,
    sentence:
      'whose list starts again at 0 without an overlap waits until the new edge is past the old buffer (1.7)',
    story: restart({
      segmentMs: 2000,
      edgeMs: 12_000,
      agedMs: 0,
      window: 6,
      targetDurationS: 2,
      goneAtMs: 6000,
      pauseMs: 0,
      goesOn: false,
    }),
    page: BARE_1_7,
    watchMs: 40_000,
    claims: (facts) => [
      equal('reset', facts.count('sequence_reset'), 1),
      noneLeftOut(facts),
      near('first stall from', facts.rebuffers[0]?.fromMs, 12_200, 150),
    ],
  },
  {
    number: 2,
    sentence: 'whose publisher is away for 4 s stalls 1.5 s and sees old pictures again (page, SRS)',
    story: restart({ ...SRS, goneAtMs: 4340, pauseMs: 4000 }),
    page: PAGE,
    watchMs: 30_000,
    claims: (facts) => backToZero(facts, 1500),
  },
  {
    number: 2,
    sentence: 'whose publisher is away for 10 s stalls 7.4 s and sees old pictures again (page, SRS)',
    story: restart({ ...SRS, goneAtMs: 4340, pauseMs: 10_000 }),
    page: PAGE,
    watchMs: 34_000,
    claims: (facts) => backToZero(facts, 7400),
  },
  {
    number: 3,
    // 1.07 s are missing from the stream when the publisher was away for 1.5 s.
    sentence: 'whose publisher is away for a moment sees nothing of it and is 1.07 s less behind (page, SRS)',
    story: restart({ ...SRS, agedMs: 0, goneAtMs: 4000, pauseMs: 1070, goesOn: true }),
    page: PAGE,
    watchMs: 16_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 0),
      near('latency before', latencyAt(facts, 3000), 3260),
      near('latency after', latencyAt(facts, 15_000), 2190),
    ],
  },
];
