/** What the faults of HLS do to lists and segments. */
import { randomFillSync } from 'node:crypto';
import type { FaultBoard } from './fault-board.js';
import type { HlsContexts } from './hls-contexts.js';
import type { HlsSegmenter, Segment } from './hls-segmenter.js';
import type { Delivery } from './media-answer.js';

const DEFAULT_SLOW_MS = 3000;
const NOT_FOUND = 404;
/** A share of nothing is a segment that takes a hundred times its length. */
const LEAST_SHARE = 0.01;

export class HlsFaults {
  readonly #board: FaultBoard;
  readonly #share: () => number;
  #frozenList: readonly Segment[] | undefined;
  #lost: { readonly after: number; readonly count: number } | undefined;
  #playlistsToLose = 0;

  constructor(board: FaultBoard, segmenter: HlsSegmenter, contexts: HlsContexts, share = (): number => 1) {
    this.#board = board;
    this.#share = share;
    board.act('frozen-playlist', {
      begin: () => {
        this.#frozenList = [...segmenter.listed];
      },
      end: () => {
        this.#frozenList = undefined;
      },
    });
    board.act('lose-context', { begin: () => contexts.clear() });
    board.act('lost-playlists', {
      begin: ({ parameters }) => {
        this.#playlistsToLose = numberOf(parameters.count, Number.POSITIVE_INFINITY);
      },
    });
    board.act('lost-segments', {
      begin: ({ parameters }) => {
        const after = segmenter.listed.at(-1)?.number ?? -1;
        this.#lost = { after, count: numberOf(parameters.count, 1) };
      },
      end: () => {
        this.#lost = undefined;
      },
    });
  }

  /** The list that stands still, while it does. */
  get frozenList(): readonly Segment[] | undefined {
    return this.#frozenList;
  }

  get garbagePlaylist(): boolean {
    return this.#board.active('garbage-playlist') !== undefined;
  }

  get endsList(): boolean {
    return this.#board.active('end-list') !== undefined;
  }

  get redirects(): boolean {
    return this.#board.active('redirect-playlist') !== undefined;
  }

  /** Status that the playlist asked for now is refused with; each call takes one of those to be lost. */
  refusePlaylist(): number | undefined {
    if (this.#board.active('unpublished')) return NOT_FOUND;
    const fault = this.#board.active('lost-playlists');
    if (fault === undefined || this.#playlistsToLose <= 0) return undefined;
    this.#playlistsToLose--;
    return numberOf(fault.parameters.status, NOT_FOUND);
  }

  /** The next segments after the fault began are lost for everybody. */
  isLost(segment: Segment): boolean {
    if (this.#lost === undefined) return false;
    const { after, count } = this.#lost;
    return segment.number > after && segment.number <= after + count;
  }

  bytesOf(segment: Segment): Buffer {
    return this.#board.active('garbage-segment')
      ? randomFillSync(Buffer.alloc(segment.bytes.length))
      : segment.bytes;
  }

  /** How a segment of `spanMs` of media leaves. */
  segmentDelivery(spanMs: number): Delivery {
    if (this.#board.active('hang-segments')) return { kind: 'never' };
    if (this.#board.active('cut-segments')) return { kind: 'cut' };
    const overMs = this.#board.spanMs('slow-segments', DEFAULT_SLOW_MS);
    if (overMs !== undefined) return { kind: 'slow', overMs };
    const share = this.#share();
    return share >= 1 ? { kind: 'whole' } : { kind: 'slow', overMs: spanMs / Math.max(share, LEAST_SHARE) };
  }
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? value : fallback;
}
