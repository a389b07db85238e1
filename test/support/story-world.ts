import type { PlayerEvent } from '../../src/events.js';
import type { HlsStory, PlayStory, Sighting, Story, StoryList } from '../../src/players/conformance.js';
import { createPagePlayer } from '../../src/players/page-player.js';
import type { OpenPlayer } from '../../src/players/player.js';
import type { PageProfile } from '../../src/players/profiles.js';
import { createRng } from '../../src/rng.js';
import { type Answer, type Piece, ScriptedHttp } from './scripted-http.js';
import { flvBody, tsSegment } from './story-bytes.js';
import { VirtualClock } from './virtual-clock.js';

const TARGET = {
  apiUrl: 'http://127.0.0.1:1',
  socketUrl: 'http://127.0.0.1:1',
  flvUrl: 'http://127.0.0.1:1',
  hlsUrl: 'http://127.0.0.1:1',
  streamKey: 'key',
};
const SAMPLE_EVERY_MS = 1000;

/** Plays a story to the whole page player in virtual time, sampled once a second as a worker does. */
export const playStory: PlayStory = (story, page, watchMs) => playStoryWith(story, page, watchMs, {});

/** The same for somebody who looks on, or whose clock is off. */
export async function playStoryWith(
  story: Story,
  page: PageProfile,
  watchMs: number,
  watching: Watching,
): Promise<Sighting> {
  const clock = new VirtualClock();
  const http = new ScriptedHttp(clock);
  if (story.player === 'flv') routeFlv(http, story, clock.epochMs(), watching.cuts);
  else routeHls(http, story, clock.epochMs());
  const events = await playPage(clock, http, page, story.player, watchMs, watching);
  const requests = http.requests.map(({ url, atMs }) => {
    const { pathname, search } = new URL(url);
    return { path: pathname + search, atMs };
  });
  return { events, requests, sessionMs: watchMs };
}

export interface Watching {
  /** Called at each sample, before it. */
  readonly inspect?: (player: OpenPlayer, nowMs: number) => void;
  readonly everyMs?: number;
  readonly clockOffsetMs?: number;
  /** FLV: bytes that come at one instant are handed over in pieces of these sizes, in turn. */
  readonly cuts?: readonly number[];
}

/** Runs a page for `watchMs` against whatever `http` answers. */
export async function playPage(
  clock: VirtualClock,
  http: ScriptedHttp,
  profile: PageProfile,
  startWith: Story['player'],
  watchMs: number,
  { inspect, everyMs = SAMPLE_EVERY_MS, clockOffsetMs = 0 }: Watching = {},
): Promise<PlayerEvent[]> {
  const events: PlayerEvent[] = [];
  const player = createPagePlayer({
    clock,
    http,
    rng: createRng(1, 1),
    emit: (event) => events.push(event),
    target: TARGET,
    profile,
    headers: { 'user-agent': 'test' },
    publisherClock: {
      offsetMs: () => clockOffsetMs,
      uncertaintyMs: () => 0,
      coversServers: true,
    },
    startWith,
  });
  player.start();
  for (let done = 0; done < watchMs; done += everyMs) {
    await clock.run(Math.min(everyMs, watchMs - done));
    inspect?.(player, clock.nowMs());
    player.sample(clock.nowMs());
  }
  player.stop();
  return events;
}

function routeFlv(
  http: ScriptedHttp,
  story: Story & { player: 'flv' },
  startEpochMs: number,
  cuts?: readonly number[],
): void {
  if (story.silent === true) {
    http.route('GET /live/live/key.flv', { body: [], end: 'never', headersAtMs: Number.MAX_SAFE_INTEGER });
    return;
  }
  // What was sent live was captured when the undisturbed stream would have delivered it.
  const leadMs = story.leadMs;
  const body = flvBody(story, (mediaMs) => startEpochMs + mediaMs - leadMs);
  const pieces = cuts === undefined ? body : cutPieces(body, cuts);
  http.route('GET /live/live/key.flv', { body: pieces, end: story.end ?? 'never' });
}

function cutPieces(whole: readonly Piece[], sizes: readonly number[]): Piece[] {
  let turn = 0;
  return whole.flatMap(({ atMs, bytes }) => {
    const all = bytes as Uint8Array;
    const pieces: Piece[] = [];
    for (let at = 0; at < all.length; ) {
      const end = at + (sizes[turn++ % sizes.length] as number);
      pieces.push({ atMs, bytes: all.subarray(at, end) });
      at = end;
    }
    return pieces;
  });
}

function routeHls(http: ScriptedHttp, story: HlsStory, startEpochMs: number): void {
  const listPath = story.movedTo ?? '/live/key.m3u8';
  const rttMs = story.rttMs ?? 0;
  const segments = new Map<string, Uint8Array>();
  const answerAt = rttMs + 5;
  http
    .route('GET /hls/key.m3u8', () => ({ ...(story.entry ?? MASTER), headersAtMs: answerAt }))
    .route('GET /live/key.m3u8', ({ atMs }) => ({
      ...listAnswer(story.list(atMs + answerAt)),
      headersAtMs: answerAt,
      ...(story.movedTo === undefined ? {} : { url: `http://127.0.0.1:1${listPath}?hls_ctx=1234` }),
    }))
    .route(/\.ts/, ({ url, atMs }) => {
      const name = /([^/]+)\.ts/.exec(url)?.[1] ?? '';
      const media = story.media(name, atMs);
      if (media.kind === 'status') return { status: media.status, body: 'no', headersAtMs: answerAt };
      if (media.kind === 'hangs') return { body: [], end: 'never', headersAtMs: Number.MAX_SAFE_INTEGER };
      const whole = segments.get(name) ?? tsSegment(media, startEpochMs);
      segments.set(name, whole);
      const lastByteMs = rttMs + media.lastByteMs;
      return { body: [{ atMs: lastByteMs, bytes: whole }], headersAtMs: Math.min(answerAt, lastByteMs) };
    });
  if (story.movedTo !== undefined)
    http.route(`GET ${story.movedTo}`, ({ atMs }) => ({
      ...listAnswer(story.list(atMs + answerAt)),
      headersAtMs: answerAt,
    }));
}

const MASTER: Answer = {
  body: '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n/live/key.m3u8?hls_ctx=1234\n',
};

function listAnswer(list: StoryList): Answer {
  if (list.kind === 'status') return { status: list.status, body: 'no' };
  if (list.kind === 'master') return MASTER;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-MEDIA-SEQUENCE:${list.sequence}`,
    `#EXT-X-TARGETDURATION:${list.targetDurationS}`,
  ];
  for (const { name, durationMs, discontinuity } of list.segments) {
    if (discontinuity === true) lines.push('#EXT-X-DISCONTINUITY');
    lines.push(`#EXTINF:${(durationMs / 1000).toFixed(3)}, no desc`, `${name}.ts?hls_ctx=1234`);
  }
  if (list.endList === true) lines.push('#EXT-X-ENDLIST');
  return { body: `${lines.join('\n')}\n` };
}
