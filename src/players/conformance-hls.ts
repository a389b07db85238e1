import {
  type Case,
  equal,
  type Facts,
  type HlsStory,
  latencyAt,
  lengthsMs,
  near,
  type StoryList,
  type StoryMedia,
  type StorySegment,
  totalMs,
} from './conformance.js';
import { BARE_1_6, BARE_1_7, PAGE } from './conformance-pages.js';

/** Where the edge stands when the viewer comes, ms of media. */
const EDGE_MS = 12_000;

interface LiveOptions {
  readonly segmentMs?: number;
  readonly targetDurationS?: number;
  /** Segments listed. */
  readonly window?: number;
  /** Time of the origin as a function of run time: stands still while the list is frozen. */
  originMs?(nowMs: number): number;
  /** The list's answer instead of the usual one. */
  instead?(nowMs: number): StoryList | undefined;
  segment?(number: number, nowMs: number): Partial<StoryMedia> | 404 | 'hangs' | undefined;
  readonly ptsMs?: number;
  readonly bFrames?: boolean;
  readonly more?: Partial<HlsStory>;
}

/** A live list that grows by one segment each segment length, at run time 0, 1, 2 ... of them. */
function live(options: LiveOptions = {}): HlsStory {
  const segmentMs = options.segmentMs ?? 2000;
  const window = options.window ?? 6;
  const originMs = options.originMs ?? ((nowMs) => nowMs);
  const edgeMs = EDGE_MS + originMs(0);
  const nextNumber = (nowMs: number) => Math.floor((EDGE_MS + originMs(nowMs)) / segmentMs + 1e-6);
  return {
    player: 'hls',
    list(nowMs) {
      const instead = options.instead?.(nowMs);
      if (instead !== undefined) return instead;
      const next = nextNumber(nowMs);
      const sequence = Math.max(0, next - window);
      const targetDurationS = options.targetDurationS ?? Math.ceil(segmentMs / 1000);
      return { kind: 'list', targetDurationS, sequence, segments: numbered(sequence, next, segmentMs) };
    },
    media(name, nowMs) {
      const number = Number(/\d+/.exec(name)?.[0]);
      const special = options.segment?.(number, nowMs);
      if (special === 404) return { kind: 'status', status: 404 };
      if (special === 'hangs') return { kind: 'hangs' };
      return {
        kind: 'media',
        ptsMs: (options.ptsMs ?? 0) + number * segmentMs,
        durationMs: segmentMs,
        lastByteMs: 10,
        capturedAtMs: number * segmentMs - edgeMs,
        ...(options.bFrames === true ? { bFrames: true } : {}),
        ...special,
      };
    },
    ...options.more,
  };
}

/** Segments first..next-1 by number. */
function numbered(first: number, next: number, durationMs: number): StorySegment[] {
  return Array.from({ length: Math.max(0, next - first) }, (_, i) => ({
    name: `s-${first + i}`,
    durationMs,
  }));
}

/** The origin's clock stands from `fromMs` on for `forMs`; then it goes on, or has caught up. */
const frozen =
  (fromMs: number, forMs: number, catchUp: boolean) =>
  (nowMs: number): number => {
    if (nowMs < fromMs) return nowMs;
    if (nowMs < fromMs + forMs) return fromMs - 1;
    return catchUp ? nowMs : nowMs - forMs;
  };

/** Reloads that were answered with 404 or worse, of segments. */
const failedSegments = (facts: Facts) =>
  facts.events.filter((e) => e.kind === 'media_request' && e.what === 'segment' && e.outcome !== 'ok');

export const HLS_CASES: readonly Case[] = [
  {
    number: 4,
    sentence:
      'whose list comes back with numbers that name other segments has a fatal error, plays out and waits',
    story: live({
      instead: (nowMs) =>
        nowMs > 5000
          ? {
              kind: 'list',
              targetDurationS: 2,
              sequence: 4,
              segments: numbered(4, 8, 2000).map((one) => ({ ...one, name: `again-${one.name}` })),
            }
          : undefined,
    }),
    page: BARE_1_7,
    watchMs: 14_000,
    claims: (facts) => [
      equal(
        'error',
        facts.playlistErrors.map(({ code }) => code),
        ['mismatch'],
      ),
      near('dead', facts.deadAtMs, 6010),
      near('stall from', facts.rebuffers[0]?.fromMs, 10_100),
      near('stall to the end', facts.rebuffers[0]?.toMs, 14_000, 1),
    ],
  },
  {
    number: 19,
    sentence: 'whose old segment is 404 leaves it out at once and for good (1.7)',
    story: live({ segmentMs: 1000, bFrames: true, segment: (number) => (number === 10 ? 404 : undefined) }),
    page: BARE_1_7,
    watchMs: 9000,
    claims: (facts) => [
      equal('asked for', failedSegments(facts).length, 1),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal(
        'seeks',
        facts.seeks.map(({ cause }) => cause),
        ['hole'],
      ),
      near('skipped', facts.seeks[0]?.skippedMs, 1170),
    ],
  },
  {
    number: 19,
    sentence: 'whose old segment is 404 asks for it at each list, then waits 71 ms and skips 1.17 s (1.6)',
    story: live({ segmentMs: 1000, bFrames: true, segment: (number) => (number === 10 ? 404 : undefined) }),
    page: BARE_1_6,
    watchMs: 9000,
    claims: (facts) => [
      equal('asked for again', failedSegments(facts).length > 1, true),
      equal('rebuffers', facts.rebuffers.length, 0),
      near('wait', totalMs(facts.microWaits), 71, 30),
      // Which audio frame was the last one before the hole decides 23 ms, which picture 33.
      near('skipped', facts.seeks[0]?.skippedMs, 1170, 130),
    ],
  },
  {
    number: 20,
    sentence:
      'whose newest segment stays 404 climbs the ladder: 4.04, 5.07, 7.17, 11.27, 19.37, 27.47, 35.58 fatal (1.7)',
    story: live({
      originMs: (nowMs) => Math.min(nowMs, 4000),
      segment: (number) => (number === 7 ? 404 : undefined),
    }),
    page: BARE_1_7,
    watchMs: 40_000,
    claims: (facts) => [
      ...[4040, 5070, 7170, 11_270, 19_370, 27_470, 35_580].map((want, i) =>
        near(`error ${i + 1}`, failedSegments(facts)[i]?.atMs, want, 150),
      ),
      near('fatal', facts.deadAtMs, 35_580, 150),
    ],
  },
  {
    number: 20,
    sentence: 'whose new segments are all 404 for 4 s stalls 1.99 s once and stays 2 s further behind (1.6)',
    story: live({
      segment: (number, nowMs) => (number >= 8 && nowMs >= 6000 && nowMs < 10_100 ? 404 : undefined),
    }),
    page: BARE_1_6,
    watchMs: 24_000,
    claims: (facts) => [
      equal('stalls', facts.rebuffers.length, 1),
      near('stall', totalMs(facts.rebuffers), 1990),
      near('latency grew by', (latencyAt(facts, 24_000) ?? 0) - (latencyAt(facts, 5000) ?? 0), 1990, 120),
      equal('dead', facts.deadAtMs, undefined),
    ],
  },
  {
    number: 26,
    sentence: 'whose 2-s segments take 3 s each for a while stalls 0.84 and 1.0 s',
    story: live({
      segment: (number) => (number >= 6 && number <= 9 ? { lastByteMs: 3000 } : undefined),
    }),
    page: BARE_1_7,
    watchMs: 24_000,
    claims: (facts) => [
      equal('stalls', facts.rebuffers.length, 2),
      near('first', lengthsMs(facts.rebuffers)[0], 840),
      near('second', lengthsMs(facts.rebuffers)[1], 1000),
    ],
  },
  {
    number: 37,
    sentence: 'whose list says ENDLIST plays to the end and has ended at 12.235',
    story: live({
      originMs: (nowMs) => Math.min(nowMs, 6000),
      instead: (nowMs) =>
        nowMs > 5000
          ? { kind: 'list', targetDurationS: 2, sequence: 3, segments: numbered(3, 9, 2000), endList: true }
          : undefined,
    }),
    page: BARE_1_7,
    watchMs: 16_000,
    claims: (facts) => [
      near('ended', facts.deadAtMs, 12_235),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('lists after the end', facts.requests.filter(({ atMs }) => atMs > 6100).length, 0),
    ],
  },
  {
    number: 5,
    sentence: 'that lost its hls_ctx has a fatal error at the reload and plays out what it has',
    story: live({ instead: (nowMs) => (nowMs > 5000 ? { kind: 'master' } : undefined) }),
    page: BARE_1_7,
    watchMs: 14_000,
    claims: (facts) => [
      equal(
        'error',
        facts.playlistErrors.map(({ code }) => code),
        ['no_target_duration'],
      ),
      near('at', facts.playlistErrors[0]?.atMs, 6070),
      near('dead', facts.deadAtMs, 6070),
      near('stall from', facts.rebuffers[0]?.fromMs, 10_200, 150),
    ],
  },
  {
    number: 5,
    sentence:
      'that lost its hls_ctx asks again at once, then each second, on a page that starts loading again',
    story: live({ instead: (nowMs) => (nowMs > 5000 && nowMs < 6500 ? { kind: 'master' } : undefined) }),
    page: { ...BARE_1_6, page: { ...BARE_1_6.page, restartOnFatal: true } },
    watchMs: 14_000,
    claims: (facts) => [
      equal('context lost', facts.count('context_lost'), 2),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('dead', facts.deadAtMs, undefined),
    ],
  },
  {
    number: 6,
    sentence: 'whose 33-bit timestamps wrap sees nothing of it',
    story: live({ ptsMs: 2 ** 33 / 90 - 16_000 }),
    page: BARE_1_7,
    watchMs: 14_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('frozen', facts.frozen.length, 0),
      equal('seeks', facts.seeks.length, 0),
      equal('errors', facts.count('media_error'), 0),
    ],
  },
  {
    number: 15,
    sentence: 'of a stream with B-frames begins where presentation begins, without a wait or a freeze',
    story: live({ bFrames: true }),
    page: BARE_1_7,
    watchMs: 14_000,
    claims: (facts) => [
      near('first frame', facts.firstFrameMs, 130),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('frozen', facts.frozen.length, 0),
      equal('seeks', facts.seeks.length, 0),
    ],
  },
  {
    number: 21,
    sentence: 'whose playlist is 404 from 5 s on: errors 6.01, 7.02, fatal 9.02, stall from 10.1',
    story: live({ instead: (nowMs) => (nowMs > 5000 ? { kind: 'status', status: 404 } : undefined) }),
    page: BARE_1_7,
    watchMs: 14_000,
    claims: (facts) => [
      ...[6010, 7020, 9020].map((want, i) => near(`error ${i + 1}`, facts.playlistErrors[i]?.atMs, want)),
      near('fatal', facts.deadAtMs, 9020),
      near('stall from', facts.rebuffers[0]?.fromMs, 10_100),
    ],
  },
  {
    number: 22,
    sentence: 'whose first playlist is 404 is dead at once and never sees a frame',
    story: live({ more: { entry: { status: 404 } } }),
    page: BARE_1_7,
    watchMs: 5000,
    claims: (facts) => [
      near('dead', facts.deadAtMs, 19),
      equal('first frame', facts.firstFrameMs, undefined),
      equal('requests', facts.requests.length, 1),
    ],
  },
  {
    number: 23,
    sentence: 'whose list stands for 12 s and goes on late stalls 7.94 s, then twice unseen, then 2.01 s',
    story: live({ originMs: frozen(6000, 12_000, false) }),
    page: BARE_1_7,
    watchMs: 40_000,
    claims: (facts) => [
      near('first stall', lengthsMs(facts.rebuffers)[0], 7940),
      equal('later stalls', facts.rebuffers.length, 2),
      near('second stall', lengthsMs(facts.rebuffers)[1], 2014),
    ],
  },
  {
    number: 24,
    sentence: 'whose list stands for 10 s and catches up stalls 5.9 s once and stays 12.1 s behind for ever',
    story: live({ originMs: frozen(6000, 10_000, true) }),
    page: BARE_1_7,
    watchMs: 40_000,
    claims: (facts) => [
      near('latency before', latencyAt(facts, 9000), 6200),
      equal('stalls', facts.rebuffers.length, 1),
      near('stall', totalMs(facts.rebuffers), 5900),
      near('latency at the end', latencyAt(facts, 40_000), 12_100),
    ],
  },
  {
    number: 25,
    sentence: 'that has fallen out of a 3-segment window is set to the next list and plays 0.19 s later',
    story: live({ window: 3, originMs: frozen(4000, 16_000, true), bFrames: true }),
    page: BARE_1_7,
    watchMs: 30_000,
    claims: (facts) => [
      equal('stalls', facts.rebuffers.length, 1),
      equal('seeks', facts.seeks.map(({ cause }) => cause).slice(0, 1), ['window']),
      near('sought at', facts.seeks[0]?.atMs, 20_037),
      near('playing', facts.rebuffers[0]?.toMs, 20_226),
    ],
  },
  {
    number: 27,
    sentence:
      'whose segment hangs stalls when the buffer ends; time-outs at 16.01, 26.01, 36.01, 46.01, 56.01',
    story: live({ window: 60, segment: (number) => (number === 8 ? 'hangs' : undefined) }),
    page: BARE_1_7,
    watchMs: 60_000,
    claims: (facts) => {
      const timeouts = facts.events.filter((e) => e.kind === 'media_request' && e.outcome === 'timeout');
      return [
        near('stall from', facts.rebuffers[0]?.fromMs, 10_070),
        ...[16_010, 26_010, 36_010, 46_010, 56_010].map((want, i) =>
          near(`time-out ${i + 1}`, timeouts[i]?.atMs, want),
        ),
      ];
    },
  },
  {
    number: 32,
    sentence: 'that joins a dead stream plays 3.0 s and waits for ever, asking for the list twice a second',
    story: live({ segmentMs: 1000, window: 5, originMs: () => 0, more: { rttMs: 70 } }),
    page: BARE_1_6,
    watchMs: 20_000,
    claims: (facts) => [
      near('first frame', facts.firstFrameMs, 350),
      near('stall from', facts.rebuffers[0]?.fromMs, 3360),
      near('stall to the end', facts.rebuffers[0]?.toMs, 20_000, 1),
      near(
        'lists in 10 s',
        facts.requests.filter(
          ({ path, atMs }) => path.includes('ctx') && path.includes('m3u8') && atMs > 5000 && atMs <= 15_000,
        ).length,
        20,
        1,
      ),
    ],
  },
  {
    number: 33,
    sentence: 'whose list is redirected reloads at the final URL with the same context',
    story: live({ more: { movedTo: '/edge/key.m3u8' } }),
    page: PAGE,
    watchMs: 9000,
    claims: (facts) => {
      const lists = facts.requests.filter(({ path }) => path.includes('m3u8?')).map(({ path }) => path);
      return [
        equal('first', lists[0], '/live/key.m3u8?hls_ctx=1234'),
        equal('then', [...new Set(lists.slice(1))], ['/edge/key.m3u8?hls_ctx=1234']),
        equal(
          'segments',
          facts.requests.some(({ path }) => path.startsWith('/edge/s-')),
          true,
        ),
        equal('rebuffers', facts.rebuffers.length, 0),
      ];
    },
  },
  {
    number: 34,
    sentence: 'whose list says TD 10 for 2-s segments starts 30 s behind and loads 15 segments back to back',
    story: live({ targetDurationS: 10, window: 30, originMs: (nowMs) => nowMs + 48_000 }),
    page: BARE_1_7,
    watchMs: 5000,
    claims: (facts) => [
      near('latency', latencyAt(facts, 4000), 30_150),
      equal(
        'segments within a second',
        facts.requests.filter(({ path, atMs }) => path.includes('.ts') && atMs < 1000).length,
        15,
      ),
    ],
  },
  {
    number: 35,
    sentence: 'that joins while one segment is listed at 250 ms round trip never waits, 2.2 to 2.7 s behind',
    story: live({ segmentMs: 1000, originMs: (nowMs) => nowMs - 10_600, more: { rttMs: 250 } }),
    page: BARE_1_7,
    watchMs: 12_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 0),
      near('latency', latencyAt(facts, 10_000), 2450, 250),
    ],
  },
];
