/**
 * HTTP-FLV as SRS serves it (contract 4.1): chunked, per-viewer times, GOP cache with a limit, and no answer at
 * all (not even headers) where nothing is published.
 */
import { randomFillSync } from 'node:crypto';
import type { Socket } from 'node:net';
import type { StageCounts } from './counts.js';
import type { Emissions } from './emissions.js';
import { type ChunkCache, FlvViewer } from './flv-viewer.js';
import { GopCache } from './gop-cache.js';
import type { MediaUnit, StreamHeaders } from './media-unit.js';
import type { Delivery, PublisherSink } from './publisher.js';
import type { StageClock } from './stage-clock.js';

const GARBAGE_BYTES = 4096;
/** Both reserved bits of a tag's first byte are set (FLV spec, E.4.1). */
const NO_TAG_TYPE = 0xff;
const GATEWAY_TIMEOUT = 'HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export interface FlvFanoutOptions {
  readonly clock: StageClock;
  readonly headers: StreamHeaders;
  readonly counts: StageCounts['flv'];
  /** Told of all media that leaves, with or without viewers. */
  readonly emissions: Emissions;
  readonly gopCacheMessages: number;
  /** How long a request without a publisher stays unanswered, ms; then 504 as from nginx. 0: for ever. */
  readonly silenceLimitMs: number;
  /** Asked per batch: send noise in place of tags? */
  readonly isGarbage: () => boolean;
  /** Asked per batch and join: is media thrown away, as SRS does to a slow reader? */
  readonly isGap: () => boolean;
  /** Asked per join: is there nothing to watch, as before the first publish? */
  readonly isUnpublished: () => boolean;
  /** Asked per batch: the part of the bitrate that each viewer gets. */
  readonly share: () => number;
}

export class FlvFanout implements PublisherSink {
  readonly #options: FlvFanoutOptions;
  readonly #counts: StageCounts['flv'];
  readonly #cache: GopCache;
  readonly #viewers = new Set<FlvViewer>();
  readonly #waiting = new Set<Socket>();
  #published = false;

  constructor(options: FlvFanoutOptions) {
    this.#options = options;
    this.#counts = options.counts;
    this.#cache = new GopCache(options.gopCacheMessages);
  }

  /** Takes over the socket of one `GET`; only this class writes to it from now on. */
  join(socket: Socket, known: boolean): void {
    socket.setNoDelay(true);
    socket.setTimeout(0);
    if (!known || !this.#published || this.#options.isUnpublished()) {
      this.#wait(socket);
      return;
    }
    const viewer = new FlvViewer(socket, this.#counts);
    this.#viewers.add(viewer);
    this.#counts.viewersNow++;
    this.#counts.viewersTotal++;
    socket.once('close', () => {
      this.#counts.bodyBytes -= Math.min(this.#counts.bodyBytes, socket.writableLength);
      if (this.#viewers.delete(viewer)) this.#counts.viewersNow--;
    });
    viewer.begin(this.#options.headers, this.#options.isGap() ? [] : this.#cache.units);
  }

  onPublish(): void {
    this.#published = true;
    this.#cache.clear();
  }

  onUnpublish(): void {
    this.#published = false;
    this.cut();
  }

  /** Ends every body without its last chunk, as SRS does on unpublish. */
  cut(): void {
    for (const viewer of this.#viewers) viewer.cut();
    this.#forgetViewers();
  }

  /** Ends every body as complete. */
  end(): void {
    for (const viewer of this.#viewers) viewer.end();
    this.#forgetViewers();
  }

  onUnits(units: readonly MediaUnit[], delivery: Delivery): void {
    if (delivery === 'lost') {
      for (const viewer of this.#viewers) viewer.lose(units);
      return;
    }
    for (const unit of units) this.#cache.push(unit);
    if (this.#options.isGap()) {
      for (const viewer of this.#viewers) viewer.drop(units);
      return;
    }
    if (this.#options.isGarbage()) {
      const noise = randomFillSync(Buffer.alloc(GARBAGE_BYTES));
      // One first byte in 43 is by chance that of a tag: players would fail all the same, for other reasons.
      noise[0] = NO_TAG_TYPE;
      for (const viewer of this.#viewers) {
        viewer.lose(units);
        viewer.sendRaw(noise);
      }
      return;
    }
    this.#options.emissions.note(units);
    const chunks: ChunkCache = new Map();
    const share = this.#options.share();
    for (const viewer of this.#viewers) {
      if (share < 1) viewer.sendShare(units, chunks, share);
      else viewer.send(units, chunks, delivery === 'burst');
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const viewer of this.#viewers) viewer.socket.destroy();
    for (const socket of this.#waiting) socket.destroy();
  }

  #forgetViewers(): void {
    this.#viewers.clear();
    this.#counts.viewersNow = 0;
  }

  #wait(socket: Socket): void {
    this.#waiting.add(socket);
    this.#counts.waitingNow++;
    const { clock, silenceLimitMs } = this.#options;
    const cancel = silenceLimitMs > 0 && clock.after(silenceLimitMs, () => socket.end(GATEWAY_TIMEOUT));
    socket.once('close', () => {
      if (cancel) cancel();
      this.#waiting.delete(socket);
      this.#counts.waitingNow--;
    });
  }
}
