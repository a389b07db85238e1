/** The HLS dialogue of SRS: entry -> master with a context -> media playlist -> segments (contract 4.1). */
import { randomFillSync } from 'node:crypto';
import type { StageCounts } from './counts.js';
import type { FaultBoard } from './fault-board.js';
import type { HlsContexts } from './hls-contexts.js';
import { masterPlaylist, mediaPlaylist } from './hls-playlist.js';
import type { HlsSegmenter, Segment } from './hls-segmenter.js';

export interface MediaAnswer {
  readonly status: 200 | 404;
  readonly type: string;
  readonly body: Buffer;
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const SEGMENT_TYPE = 'video/MP2T';
const NOT_FOUND: MediaAnswer = {
  status: 404,
  type: 'text/plain; charset=utf-8',
  body: Buffer.from('Not Found'),
};
const GARBAGE_PLAYLIST = 'this is no playlist\n\u0000\u0001\n#EXTINF:soon\n';
const CONTEXT_PARAMETER = 'hls_ctx';

export interface HlsServerOptions {
  readonly streamKey: string;
  readonly fragmentMs: number;
}

export class HlsServer {
  readonly #options: HlsServerOptions;
  readonly #segmenter: HlsSegmenter;
  readonly #contexts: HlsContexts;
  readonly #counts: StageCounts['hls'];
  readonly #faults: FaultBoard;
  #frozenList: readonly Segment[] | undefined;
  #loseAfterNumber: { number: number; count: number } | undefined;

  constructor(
    options: HlsServerOptions,
    segmenter: HlsSegmenter,
    contexts: HlsContexts,
    counts: StageCounts['hls'],
    faults: FaultBoard,
  ) {
    this.#options = options;
    this.#segmenter = segmenter;
    this.#contexts = contexts;
    this.#counts = counts;
    this.#faults = faults;
    this.#actOnFaults();
  }

  /** Answers `/live/{name}` or `/hls/{name}`, `name` being the last part of the path. */
  answer(name: string, query: URLSearchParams): MediaAnswer {
    const key = this.#options.streamKey;
    const answer = name === `${key}.m3u8` ? this.#playlist(query) : this.#segment(name, query);
    if (answer.status === 404) this.#counts.notFound++;
    return answer;
  }

  #playlist(query: URLSearchParams): MediaAnswer {
    const listed = this.#frozenList ?? this.#segmenter.listed;
    if (listed.length === 0) return NOT_FOUND;
    if (this.#faults.active('garbage-playlist')) return playlistAnswer(GARBAGE_PLAYLIST);
    const context = query.get(CONTEXT_PARAMETER) ?? undefined;
    const known = context === undefined ? undefined : this.#contexts.touch(context);
    if (known === undefined) return this.#master(context, query);
    const text = mediaPlaylist(listed, this.#options.streamKey, known.context, this.#options.fragmentMs);
    const answer = playlistAnswer(text);
    this.#counts.playlists++;
    this.#counts.playlistBodyBytes += answer.body.length;
    known.sentBytes += answer.body.length;
    return answer;
  }

  #master(context: string | undefined, query: URLSearchParams): MediaAnswer {
    const session = this.#contexts.open(context);
    this.#counts.masters++;
    this.#counts.sessionsTotal++;
    const rest = context === undefined ? query.toString() : '';
    const path = `/live/${this.#options.streamKey}.m3u8`;
    return playlistAnswer(masterPlaylist(path, session.context, rest));
  }

  #segment(name: string, query: URLSearchParams): MediaAnswer {
    const prefix = `${this.#options.streamKey}-`;
    const digits = name.startsWith(prefix) && name.endsWith('.ts') ? name.slice(prefix.length, -3) : '';
    const segment = /^\d{1,9}$/.test(digits) ? this.#segmenter.file(Number(digits)) : undefined;
    if (segment === undefined || this.#isLost(segment)) return NOT_FOUND;
    const session = this.#contexts.touch(query.get(CONTEXT_PARAMETER) ?? '');
    const body = this.#faults.active('garbage-segment')
      ? randomFillSync(Buffer.alloc(segment.bytes.length))
      : segment.bytes;
    this.#counts.segments++;
    this.#counts.segmentBodyBytes += body.length;
    if (session) session.sentBytes += body.length;
    return { status: 200, type: SEGMENT_TYPE, body };
  }

  /** The next segments after the fault began are lost for everybody. */
  #isLost(segment: Segment): boolean {
    const plan = this.#loseAfterNumber;
    if (plan === undefined) return false;
    return segment.number > plan.number && segment.number <= plan.number + plan.count;
  }

  #actOnFaults(): void {
    this.#faults.act('frozen-playlist', {
      begin: () => {
        this.#frozenList = [...this.#segmenter.listed];
      },
      end: () => {
        this.#frozenList = undefined;
      },
    });
    this.#faults.act('lose-context', { begin: () => this.#contexts.clear() });
    this.#faults.act('lost-segments', {
      begin: ({ parameters }) => {
        const count = typeof parameters.count === 'number' ? parameters.count : 1;
        this.#loseAfterNumber = { number: this.#segmenter.listed.at(-1)?.number ?? -1, count };
      },
      end: () => {
        this.#loseAfterNumber = undefined;
      },
    });
  }
}

function playlistAnswer(text: string): MediaAnswer {
  return { status: 200, type: PLAYLIST_TYPE, body: Buffer.from(text, 'utf8') };
}
