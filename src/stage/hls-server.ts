/** The HLS dialogue of SRS: entry -> master with a context -> media playlist -> segments (contract 4.1). */
import type { StageCounts } from './counts.js';
import type { HlsContexts } from './hls-contexts.js';
import type { HlsFaults } from './hls-faults.js';
import { masterPlaylist, mediaPlaylist } from './hls-playlist.js';
import type { HlsSegmenter } from './hls-segmenter.js';
import type { MediaAnswer } from './media-answer.js';

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const SEGMENT_TYPE = 'video/MP2T';
const NOT_FOUND = refusal(404);
const GARBAGE_PLAYLIST = 'this is no playlist\n\u0000\u0001\n#EXTINF:soon\n';
const CONTEXT_PARAMETER = 'hls_ctx';
/** Marks the URL that a redirect leads to. */
const MOVED_PARAMETER = 'moved';

export interface HlsServerOptions {
  readonly streamKey: string;
  readonly fragmentMs: number;
}

export class HlsServer {
  readonly #options: HlsServerOptions;
  readonly #segmenter: HlsSegmenter;
  readonly #contexts: HlsContexts;
  readonly #counts: StageCounts['hls'];
  readonly #faults: HlsFaults;

  constructor(
    options: HlsServerOptions,
    segmenter: HlsSegmenter,
    contexts: HlsContexts,
    counts: StageCounts['hls'],
    faults: HlsFaults,
  ) {
    this.#options = options;
    this.#segmenter = segmenter;
    this.#contexts = contexts;
    this.#counts = counts;
    this.#faults = faults;
  }

  /** Answers `path` = `/live/{name}` or `/hls/{name}`. */
  answer(path: string, query: URLSearchParams): MediaAnswer {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isPlaylist = name === `${this.#options.streamKey}.m3u8`;
    const answer = isPlaylist ? this.#playlist(path, query) : this.#segment(name, query);
    if (answer.status === 404) this.#counts.notFound++;
    return answer;
  }

  #playlist(path: string, query: URLSearchParams): MediaAnswer {
    const refused = this.#faults.refusePlaylist();
    if (refused !== undefined) return refusal(refused);
    const listed = this.#faults.frozenList ?? this.#segmenter.listed;
    if (listed.length === 0) return NOT_FOUND;
    if (this.#faults.redirects && !query.has(MOVED_PARAMETER)) return moved(path, query);
    if (this.#faults.garbagePlaylist) return playlistAnswer(GARBAGE_PLAYLIST);
    const context = query.get(CONTEXT_PARAMETER) ?? undefined;
    const known = context === undefined ? undefined : this.#contexts.touch(context);
    if (known === undefined) return this.#master(context, query);
    const { streamKey, fragmentMs } = this.#options;
    const text = mediaPlaylist(listed, streamKey, known.context, fragmentMs);
    const answer = playlistAnswer(this.#faults.endsList ? `${text}#EXT-X-ENDLIST\n` : text);
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
    if (segment === undefined || this.#faults.isLost(segment)) return NOT_FOUND;
    const session = this.#contexts.touch(query.get(CONTEXT_PARAMETER) ?? '');
    const body = this.#faults.bytesOf(segment);
    const delivery = this.#faults.segmentDelivery(this.#options.fragmentMs);
    this.#counts.segments++;
    this.#counts.segmentBodyBytes += body.length;
    if (session) session.sentBytes += body.length;
    return { status: 200, type: SEGMENT_TYPE, body, delivery };
  }
}

function playlistAnswer(text: string): MediaAnswer {
  return { status: 200, type: PLAYLIST_TYPE, body: Buffer.from(text, 'utf8') };
}

function refusal(status: number): MediaAnswer {
  const body = Buffer.from(status === 404 ? 'Not Found' : 'Error');
  return { status, type: 'text/plain; charset=utf-8', body };
}

function moved(path: string, query: URLSearchParams): MediaAnswer {
  const to = new URLSearchParams(query);
  to.set(MOVED_PARAMETER, '1');
  return { status: 302, type: 'text/plain', body: Buffer.alloc(0), location: `${path}?${to}` };
}
