import type { PlayerEvent, PlaylistErrorCode, SeekCause } from '../events.js';
import type { StreamEndKind } from '../seams.js';
import type { PageProfile } from './profiles.js';

/**
 * One suite for both players: what an origin does, which page watches it, and what a person in front of that page
 * would have seen, with instants that were measured in a browser. Cases are data; whoever runs them brings the
 * world they play in. Nothing here depends on a test framework: a case that fails is a list of problems.
 */

export type Track = 'audio' | 'video';

/** An FLV stream as its frames arrive; 30 pictures and 43 audio frames a second, all spans in ms. */
export interface FlvStory {
  readonly player: 'flv';
  /** Media position that the server sends first. */
  readonly fromMs?: number;
  readonly toMs: number;
  /** Position that was just being captured when the viewer came. */
  readonly leadMs: number;
  /** When a frame arrives after the request; undefined = never. */
  arriveMs(mediaMs: number, track: Track): number | undefined;
  /** Time written into the tag; default: the media position. */
  tagMs?(mediaMs: number, track: Track): number;
  readonly framesPerGop?: number;
  /** Media position of each picture, in order; default: 30 a second. */
  readonly picturesMs?: readonly number[];
  /** Every other picture is a B-frame: the first one is shown two frames after it is decoded. */
  readonly bFrames?: boolean;
  readonly flags?: { readonly audio: boolean; readonly video: boolean };
  readonly end?: { readonly kind: StreamEndKind; readonly atMs: number };
  /** No byte is ever answered. */
  readonly silent?: boolean;
}

/** One line of a playlist. */
export interface StorySegment {
  readonly name: string;
  readonly durationMs: number;
  readonly discontinuity?: boolean;
}

export type StoryList =
  | {
      readonly kind: 'list';
      readonly targetDurationS: number;
      readonly sequence: number;
      readonly segments: readonly StorySegment[];
      readonly endList?: boolean;
    }
  /** What SRS answers when it has forgotten the viewer's session. */
  | { readonly kind: 'master' }
  | { readonly kind: 'status'; readonly status: number };

export interface StoryMedia {
  readonly kind: 'media';
  /** First timestamp. */
  readonly ptsMs: number;
  readonly durationMs: number;
  /** From the request to the last byte. */
  readonly lastByteMs: number;
  readonly tracks?: { readonly audio: boolean; readonly video: boolean };
  readonly bFrames?: boolean;
  /** From `ptsMs` to each picture, the first included; default: 30 a second. */
  readonly picturesMs?: readonly number[];
  /** Number of the first picture in its stamp; default: as many as there are at 30 a second from time 0 on. */
  readonly firstNumber?: number;
  /** When the picture at `ptsMs` was captured, in run ms; absent = pictures carry no stamp. */
  readonly capturedAtMs?: number;
}

/** A live HLS origin. Times are ms since the page's first request. */
export interface HlsStory {
  readonly player: 'hls';
  /** Answer of the entry URL; default: a master. */
  readonly entry?: { readonly status: number };
  readonly rttMs?: number;
  /** Where the media list's requests are redirected to. */
  readonly movedTo?: string;
  list(nowMs: number): StoryList;
  media(name: string, nowMs: number): StoryMedia | { kind: 'status'; status: number } | { kind: 'hangs' };
}

export type Story = FlvStory | HlsStory;

/** A wait or freeze in run ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a world saw of a page that played a story. */
export interface Sighting {
  readonly events: readonly PlayerEvent[];
  readonly requests: readonly { readonly path: string; readonly atMs: number }[];
  /** Length of the session. */
  readonly sessionMs: number;
}

/** The same as facts that claims are made of. Everything in run ms. */
export interface Facts extends Sighting {
  readonly firstFrameMs: number | undefined;
  readonly playingMs: number | undefined;
  readonly movingMs: number | undefined;
  readonly rebuffers: readonly Span[];
  /** A wait that runs when the viewer leaves is among the rebuffers too. */
  readonly cutOff: number;
  readonly microWaits: readonly Span[];
  readonly frozen: readonly Span[];
  readonly seeks: readonly { cause: SeekCause; atMs: number; skippedMs: number; replayedMs: number }[];
  readonly latencies: readonly { readonly atMs: number; readonly latencyMs: number }[];
  readonly playlistErrors: readonly { readonly code: PlaylistErrorCode; readonly atMs: number }[];
  readonly deadAtMs: number | undefined;
  readonly replayedMs: number;
  count(kind: PlayerEvent['kind']): number;
}

/** One thing that must hold: `saw` within `within` of `want`, or equal to it. */
export interface Claim {
  readonly what: string;
  readonly saw: unknown;
  readonly want: unknown;
  readonly within?: number;
}

export interface Case {
  /** Number in the list of edge cases. */
  readonly number: number;
  readonly sentence: string;
  readonly story: Story;
  readonly page: PageProfile;
  readonly watchMs: number;
  claims(facts: Facts): readonly Claim[];
}

/** A part of an edge case that is not played, and why not. */
export interface CaseException {
  readonly number: number;
  readonly reason: string;
}

/** Plays a story to a page for a while. */
export type PlayStory = (story: Story, page: PageProfile, watchMs: number) => Promise<Sighting>;

/** Default tolerance of an instant, ms. */
export const INSTANT_MS = 100;

export function equal(what: string, saw: unknown, want: unknown): Claim {
  return { what, saw, want };
}

/** `saw` ms lies within the tolerance of `want` ms. */
export function near(what: string, saw: number | undefined, want: number, within = INSTANT_MS): Claim {
  return { what, saw, want, within };
}

/** Plays the case; the problems in words, empty when the player did what a browser does. */
export async function problemsOf(test: Case, play: PlayStory): Promise<readonly string[]> {
  const facts = factsOf(await play(test.story, test.page, test.watchMs));
  return test.claims(facts).flatMap((claim) => (holds(claim) ? [] : [inWords(claim)]));
}

function holds({ saw, want, within }: Claim): boolean {
  if (within === undefined) return JSON.stringify(saw) === JSON.stringify(want);
  return typeof saw === 'number' && typeof want === 'number' && Math.abs(saw - want) <= within;
}

function inWords({ what, saw, want, within }: Claim): string {
  const around = within === undefined ? '' : ` +- ${within}`;
  return `${what}: ${JSON.stringify(saw) ?? 'nothing'}, expected ${JSON.stringify(want)}${around}`;
}

/** What the events say, in the terms of the edge cases. */
export function factsOf(sighting: Sighting): Facts {
  const of = <K extends PlayerEvent['kind']>(kind: K) =>
    sighting.events.filter((event): event is Extract<PlayerEvent, { kind: K }> => event.kind === kind);
  const spans = (list: readonly { startedAtMs: number; durationMs: number }[]): Span[] =>
    list.map(({ startedAtMs, durationMs }) => ({ fromMs: startedAtMs, toMs: startedAtMs + durationMs }));
  return {
    ...sighting,
    firstFrameMs: of('first_frame')[0]?.sinceStartMs,
    playingMs: of('playing')[0]?.sinceStartMs,
    movingMs: of('moving')[0]?.sinceStartMs,
    rebuffers: spans(of('rebuffer_ended')),
    cutOff: of('rebuffer_ended').filter(({ cutOff }) => cutOff).length,
    microWaits: spans(of('micro_wait')),
    frozen: spans(of('frozen')),
    seeks: of('seek'),
    latencies: of('latency'),
    playlistErrors: of('playlist_error'),
    deadAtMs: of('player_dead')[0]?.atMs,
    replayedMs: of('watched').reduce((sum, event) => sum + event.replayedMs, 0),
    count: (kind) => of(kind).length,
  };
}

/** Lengths of spans, ms. */
export function lengthsMs(spans: readonly Span[]): number[] {
  return spans.map(({ fromMs, toMs }) => toMs - fromMs);
}

/** Sum of the lengths of spans, ms. */
export function totalMs(spans: readonly Span[]): number {
  return lengthsMs(spans).reduce((sum, ms) => sum + ms, 0);
}

/** Latency as of the last sample before `nowMs`; undefined when there was none. */
export function latencyAt(facts: Facts, nowMs: number): number | undefined {
  return facts.latencies.findLast(({ atMs }) => atMs <= nowMs)?.latencyMs;
}
