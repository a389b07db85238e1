import {
  type Case,
  equal,
  type FlvStory,
  latencyAt,
  lengthsMs,
  near,
  type Track,
  totalMs,
} from './conformance.js';
import { BARE_1_7, CHASING, PAGE } from './conformance-pages.js';

type Arrive = (mediaMs: number, track: Track) => number | undefined;

/** Media that was captured `leadMs` before the join comes at once, later media as it is made. */
const live =
  (leadMs: number): Arrive =>
  (mediaMs) =>
    Math.max(0, mediaMs - leadMs);

/** What would arrive from `fromMs` on is held for `forMs` and then comes at once. */
const held =
  (leadMs: number, fromMs: number, forMs: number): Arrive =>
  (mediaMs) => {
    const atMs = Math.max(0, mediaMs - leadMs);
    return atMs >= fromMs && atMs < fromMs + forMs ? fromMs + forMs : atMs;
  };

/** What would arrive from `fromMs` on, for `forMs`, never comes; of one track or of both. */
const lost =
  (leadMs: number, fromMs: number, forMs: number, only?: Track): Arrive =>
  (mediaMs, track) => {
    const atMs = Math.max(0, mediaMs - leadMs);
    if (only !== undefined && track !== only) return atMs;
    return atMs >= fromMs && atMs < fromMs + forMs ? undefined : atMs;
  };

function story(leadMs: number, toMs: number, more: Partial<FlvStory> = {}): FlvStory {
  return { player: 'flv', leadMs, toMs, arriveMs: live(leadMs), ...more };
}

/** The media clock goes on at `toMs` from position `fromMs` on. */
const clockJump = (fromMs: number, toMs: number) => (mediaMs: number) =>
  mediaMs < fromMs ? mediaMs : toMs + (mediaMs - fromMs);

export const FLV_CASES: readonly Case[] = [
  {
    number: 7,
    sentence: 'whose tag times cross 2^31 stalls for ever and raises no error',
    story: story(500, 20_000, { tagMs: (mediaMs) => 2 ** 31 - 5000 + mediaMs }),
    page: BARE_1_7,
    watchMs: 15_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 1),
      near('stall from', facts.rebuffers[0]?.fromMs, 5000),
      near('stall to the end', facts.rebuffers[0]?.toMs, 15_000, 1),
      equal('dead', facts.deadAtMs, undefined),
    ],
  },
  {
    number: 7,
    sentence: 'whose 31-bit tag times wrap to 0 stalls for ever',
    story: story(500, 20_000, { tagMs: (mediaMs) => (2 ** 31 - 5000 + Math.round(mediaMs)) % 2 ** 31 }),
    page: BARE_1_7,
    watchMs: 15_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 1),
      near('stall from', facts.rebuffers[0]?.fromMs, 5000),
      near('stall to the end', facts.rebuffers[0]?.toMs, 15_000, 1),
    ],
  },
  {
    number: 8,
    sentence: 'whose tag times go back to 0 waits until audio is past its old end, then the picture is dead',
    story: story(400, 24_000, { tagMs: clockJump(6400, 0) }),
    page: BARE_1_7,
    watchMs: 18_000,
    claims: (facts) => [
      near('first stall', lengthsMs(facts.rebuffers)[0], 6200, 250),
      near(
        'next wait 3 s after audio runs again',
        facts.rebuffers[1]?.fromMs,
        (facts.rebuffers[0]?.toMs ?? 0) + 3000,
      ),
    ],
  },
  {
    number: 9,
    sentence:
      'whose tag times jump ahead by 5 s never waits: the picture stands for 5.03 s, latency grows by 5 s',
    story: story(500, 24_000, { tagMs: clockJump(6000, 11_000) }),
    page: BARE_1_7,
    watchMs: 16_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('frozen once', facts.frozen.length, 1),
      near('frozen for', totalMs(facts.frozen), 5030),
      near('latency grew by', (latencyAt(facts, 16_000) ?? 0) - (latencyAt(facts, 3000) ?? 0), 5000),
    ],
  },
  {
    number: 10,
    sentence:
      'that joins mid-GOP 0.57 s before a keyframe plays at once and sees the picture move when it is due',
    story: story(1200, 9000, { fromMs: 430 }),
    page: BARE_1_7,
    watchMs: 6000,
    claims: (facts) => [
      near('playing', facts.playingMs, 30),
      near('picture moves', facts.movingMs, 630),
      near('latency', latencyAt(facts, 5000), 1200 - 430 + 64),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('seeks', facts.seeks.length, 0),
    ],
  },
  {
    number: 11,
    sentence: 'that joins mid-GOP 1.1 s before a keyframe begins at the keyframe, 1.44 s after the request',
    story: story(900, 9000, { fromMs: 900, framesPerGop: 60 }),
    page: BARE_1_7,
    watchMs: 6000,
    claims: (facts) => [
      near('first frame', facts.firstFrameMs, 1440),
      equal('frozen', facts.frozen.length, 0),
      equal('rebuffers', facts.rebuffers.length, 0),
      near('latency', latencyAt(facts, 5000), 300),
    ],
  },
  {
    number: 12,
    sentence:
      'that is promised audio which never comes paints a picture and never plays: not started, no stall',
    story: story(500, 9000, {
      flags: { audio: true, video: true },
      arriveMs: (mediaMs, track) => (track === 'audio' ? undefined : Math.max(0, mediaMs - 500)),
    }),
    page: BARE_1_7,
    watchMs: 20_000,
    claims: (facts) => [
      equal('first frame', facts.firstFrameMs, undefined),
      equal('playing', facts.playingMs, undefined),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('failed once', facts.count('start_failed'), 1),
    ],
  },
  {
    number: 13,
    sentence: 'of an audio-only stream plays without a first frame, and that is no failure',
    story: story(500, 9000, { flags: { audio: true, video: false } }),
    page: BARE_1_7,
    watchMs: 6000,
    claims: (facts) => [
      near('playing', facts.playingMs, 30),
      equal('first frame', facts.firstFrameMs, undefined),
      equal('no video', facts.count('no_video'), 1),
      equal('failed', facts.count('start_failed'), 0),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('frozen', facts.frozen.length, 0),
    ],
  },
  {
    number: 14,
    sentence: 'of a video-only stream starts with its first pictures and sees no wait',
    story: story(0, 12_000, { flags: { audio: false, video: true } }),
    page: BARE_1_7,
    watchMs: 10_000,
    claims: (facts) => [near('playing', facts.playingMs, 180), equal('rebuffers', facts.rebuffers.length, 0)],
  },
  {
    number: 15,
    sentence: 'of a stream with B-frames sees neither a wait nor a freeze',
    story: story(500, 12_000, { bFrames: true }),
    page: BARE_1_7,
    watchMs: 10_000,
    claims: (facts) => [
      near('first frame', facts.firstFrameMs, 20, 50),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('micro-waits', facts.microWaits.length, 0),
      equal('frozen', facts.frozen.length, 0),
    ],
  },
  {
    number: 16,
    sentence: 'whose audio is away for 4 s waits at once although video goes on',
    story: story(400, 16_000, { arriveMs: lost(400, 5000, 4000, 'audio') }),
    page: BARE_1_7,
    watchMs: 13_000,
    claims: (facts) => [
      equal('rebuffers', facts.rebuffers.length, 1),
      near('stall from', facts.rebuffers[0]?.fromMs, 5400 - 50 + 40),
      near('stall to', facts.rebuffers[0]?.toMs, 9000),
      equal('frozen', facts.frozen.length, 0),
    ],
  },
  {
    number: 17,
    sentence: 'whose video is away for 6 s: frozen 5.94, waiting 8.97, playing 11.16, moving again 14.32',
    story: story(800, 22_000, { arriveMs: lost(800, 5070, 6000, 'video') }),
    page: BARE_1_7,
    watchMs: 18_000,
    claims: (facts) => [
      near('frozen from', facts.frozen[0]?.fromMs, 5940),
      near('waiting', facts.rebuffers[0]?.fromMs, 8970),
      near('playing', facts.rebuffers[0]?.toMs, 11_160),
      near('moving again', facts.frozen[1]?.toMs, 14_320, 150),
    ],
  },
  {
    number: 18,
    sentence: 'whose server drops 2 s of tags: stall 1.64 s, then frozen 1.97 s, latency 2.17 s for good',
    // Frames take 0.1 s from the camera to the viewer.
    story: story(400, 18_000, { arriveMs: lost(300, 5000, 2000) }),
    page: BARE_1_7,
    watchMs: 14_000,
    claims: (facts) => [
      near('latency before', latencyAt(facts, 4000), 464),
      equal('rebuffers', facts.rebuffers.length, 1),
      near('stall', totalMs(facts.rebuffers), 1640),
      near('frozen', totalMs(facts.frozen), 1970),
      near('latency after', latencyAt(facts, 14_000), 2170),
    ],
  },
  {
    number: 28,
    sentence: 'whose socket falls silent waits for ever without an error',
    story: story(500, 5000),
    page: BARE_1_7,
    watchMs: 60_000,
    claims: (facts) => [
      near('stall from', facts.rebuffers[0]?.fromMs, 5000),
      near('stall to', facts.rebuffers[0]?.toMs, 60_000, 1),
      equal('errors', facts.count('media_error') + facts.count('flv_ended') + facts.count('player_dead'), 0),
    ],
  },
  {
    number: 28,
    sentence: 'whose socket falls silent is reloaded by the page after five still seconds',
    story: story(500, 5000),
    page: PAGE,
    watchMs: 12_000,
    claims: (facts) => [
      equal('requests', facts.requests.length, 2),
      near('reloaded', facts.requests[1]?.atMs, 10_500, 600),
    ],
  },
  {
    number: 29,
    sentence:
      'whose publisher leaves SRS (no last chunk) has a network error at once, plays out 0.6 s and waits',
    story: story(600, 5600, { end: { kind: 'cut', atMs: 5000 } }),
    page: BARE_1_7,
    watchMs: 9000,
    claims: (facts) => [
      near('error', facts.deadAtMs, 5000, 16),
      near('stall from', facts.rebuffers[0]?.fromMs, 5600),
    ],
  },
  {
    number: 29,
    sentence: 'whose publisher leaves SRS is on HLS at once on the target page',
    story: story(600, 5600, { end: { kind: 'cut', atMs: 5000 } }),
    page: PAGE,
    watchMs: 9000,
    claims: (facts) => [
      equal('switched', facts.count('protocol_switched'), 1),
      near(
        'asked for HLS after the cut',
        (facts.requests[1]?.atMs ?? 0) - (facts.requests[0]?.atMs ?? 0),
        5000,
        20,
      ),
      equal('path', facts.requests[1]?.path, '/hls/key.m3u8'),
    ],
  },
  {
    number: 30,
    sentence: 'whose body ends cleanly plays out what it has (5.03 -> 6.12) and that is the end',
    story: story(1090, 6120, { end: { kind: 'complete', atMs: 5030 } }),
    page: BARE_1_7,
    watchMs: 9000,
    claims: (facts) => [
      equal('ended', facts.count('flv_ended'), 1),
      near('ended', facts.deadAtMs, 6120),
      equal('rebuffers', facts.rebuffers.length, 0),
    ],
  },
  {
    number: 31,
    sentence:
      'of a stream that is not published gets no byte: failed after the patience of the page, no stall',
    story: story(0, 0, { silent: true }),
    page: BARE_1_7,
    watchMs: 20_000,
    claims: (facts) => [
      near('failed', facts.events.find(({ kind }) => kind === 'start_failed')?.atMs, 15_000),
      equal('rebuffers', facts.rebuffers.length, 0),
      equal('first frame', facts.firstFrameMs, undefined),
    ],
  },
  {
    number: 36,
    sentence: 'that chases at 5 s does nothing after an outage of 4 s: about 4.1 s stay ahead',
    story: story(400, 30_000, { arriveMs: held(400, 5000, 4000) }),
    page: CHASING,
    watchMs: 14_000,
    claims: (facts) => [
      equal('seeks', facts.seeks.length, 0),
      near('latency', latencyAt(facts, 13_000), 4100, 150),
    ],
  },
  {
    number: 36,
    sentence: 'that chases at 5 s is set to 2 s before the end after an outage of 6 s',
    story: story(400, 30_000, { arriveMs: held(400, 5000, 6000) }),
    page: CHASING,
    watchMs: 16_000,
    claims: (facts) => [
      equal(
        'seeks',
        facts.seeks.map(({ cause }) => cause),
        ['chaser'],
      ),
      near('at', facts.seeks[0]?.atMs, 11_069, 100),
      near('latency', latencyAt(facts, 15_000), 2000, 150),
    ],
  },
  {
    number: 38,
    sentence: 'that runs dry again and again needs 0.42, 0.84, 1.63, 3.02, 3.02, 3.02 s ahead to go on',
    story: story(300, 70_000, {
      // Six silences of 5 s, each long enough to run dry; arrivals in real time in between.
      arriveMs: (mediaMs) => {
        const atMs = Math.max(0, mediaMs - 300);
        return atMs + Math.floor(atMs / 10_000) * 5000;
      },
    }),
    page: BARE_1_7,
    watchMs: 95_000,
    claims: (facts) => {
      // Media goes on 15 s after it last did: what is ahead then arrived since.
      const ahead = facts.rebuffers.map(({ toMs }) => toMs % 15_000);
      return [420, 840, 1630, 3020, 3020, 3020].map((want, k) =>
        near(`ahead after underrun ${k + 1}`, ahead[k], want),
      );
    },
  },
];
