import { createRng } from '../../../src/rng.js';
import { masterPlaylist, mediaPlaylist } from '../../../src/stage/hls-playlist.js';
import type { Segment } from '../../../src/stage/hls-segmenter.js';
import type { Condition } from '../script.js';
import { FRAGMENT_MS, type HlsTimeline, shelfAt } from './hls-timeline.js';

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const SEGMENT_TYPE = 'video/MP2T';

export interface HlsAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  /** From the request to the first byte. */
  readonly waitMs: number;
  /** Only this much of the body comes, then the connection ends. */
  readonly cutAtByte?: number;
  /** Holds stamps that want the session's epoch. */
  readonly media: boolean;
}

/** One session's talk with SRS over HLS: entry -> master with a context -> media list -> segments. */
export class HlsDialogue {
  readonly #condition: Condition;
  readonly #timeline: HlsTimeline;
  readonly #key: string;
  readonly #context: string;
  readonly #missing: ReadonlySet<Segment>;
  readonly #cut: Segment | undefined;
  #contextKnown = false;
  #forgotten = false;
  #listFailed = false;
  #cutDone = false;

  constructor(condition: Condition, timeline: HlsTimeline, key: string) {
    const { missing, cutSegment } = condition.script.server;
    this.#condition = condition;
    this.#timeline = timeline;
    this.#key = key;
    this.#context = contextOf(condition.seed);
    const after = (atMs: number): Segment[] =>
      timeline.made.filter((made) => made.atMs > atMs).map((made) => made.segment);
    this.#missing = new Set(missing === undefined ? [] : after(missing.atMs).slice(0, missing.count));
    this.#cut = cutSegment === undefined ? undefined : after(cutSegment.atMs)[0];
  }

  /** Answers the request of file `name` (`key.m3u8`, `key-7.ts`) that came at `atMs`. */
  answer(name: string, context: string | null, atMs: number): HlsAnswer {
    if (name === `${this.#key}.m3u8`) return this.#list(context, atMs);
    const number = new RegExp(`^${this.#key}-(\\d{1,9})\\.ts$`).exec(name)?.[1];
    const segment =
      number === undefined ? undefined : shelfAt(this.#timeline, atMs)?.files.get(Number(number));
    if (segment === undefined || this.#missing.has(segment)) return refusal(404, this.#lateness(name, atMs));
    const cut = segment === this.#cut && !this.#cutDone;
    if (cut) this.#cutDone = true;
    const body = segment.bytes;
    const waitMs = this.#lateness(name, atMs) + this.#slowness(atMs);
    const answer = { status: 200, type: SEGMENT_TYPE, body, waitMs, media: true };
    return cut ? { ...answer, cutAtByte: body.length >> 1 } : answer;
  }

  #list(context: string | null, atMs: number): HlsAnswer {
    const { failList, contextLost } = this.#condition.script.server;
    const waitMs = this.#lateness('list', atMs);
    if (context === null || context !== this.#context || !this.#contextKnown) return this.#master(waitMs);
    if (failList !== undefined && !this.#listFailed && atMs >= failList.atMs) {
      this.#listFailed = true;
      return refusal(failList.status, waitMs);
    }
    if (contextLost !== undefined && !this.#forgotten && atMs >= contextLost.atMs) {
      this.#forgotten = true;
      return this.#master(waitMs);
    }
    const listed = shelfAt(this.#timeline, this.#listTimeMs(atMs))?.listed ?? [];
    if (listed.length === 0) return refusal(404, waitMs);
    return playlist(mediaPlaylist(listed, this.#key, this.#context, FRAGMENT_MS), waitMs);
  }

  #master(waitMs: number): HlsAnswer {
    this.#contextKnown = true;
    return playlist(masterPlaylist(`/live/${this.#key}.m3u8`, this.#context, ''), waitMs);
  }

  #listTimeMs(atMs: number): number {
    const frozen = this.#condition.script.server.frozenList;
    const stands = frozen !== undefined && atMs >= frozen.atMs && atMs < frozen.atMs + frozen.forMs;
    return stands ? frozen.atMs : atMs;
  }

  /** By name and second, so that one viewer's repeated request does not shift the draws of all that follow. */
  #lateness(name: string, atMs: number): number {
    const { jitterMs, roundTripMs = 0 } = this.#condition.script.path;
    if (jitterMs <= 0) return roundTripMs;
    const file = name.slice(this.#key.length);
    const rng = createRng(this.#condition.seed, `hls-late-${file}-${Math.floor(atMs / 1000)}`);
    return roundTripMs + jitterMs * rng.next();
  }

  #slowness(atMs: number): number {
    const slow = this.#condition.script.path.slowFirstByte;
    return slow.find((s) => atMs >= s.atMs && atMs < s.atMs + s.forMs)?.waitMs ?? 0;
  }
}

function playlist(text: string, waitMs: number): HlsAnswer {
  return { status: 200, type: PLAYLIST_TYPE, body: Buffer.from(text, 'utf8'), waitMs, media: false };
}

function refusal(status: number, waitMs: number): HlsAnswer {
  const body = Buffer.from(status === 404 ? 'Not Found' : 'Error');
  return { status, type: 'text/plain; charset=utf-8', body, waitMs, media: false };
}

/** Eight characters, as SRS draws them. */
function contextOf(seed: number): string {
  const rng = createRng(seed, 'hls-context');
  return Array.from({ length: 8 }, () => Math.floor(rng.next() * 36).toString(36)).join('');
}
