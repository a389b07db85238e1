/**
 * HTTP-FLV as SRS serves it (contract 4.1): chunked, per-viewer times, GOP cache with a limit, and no answer at
 * all (not even headers) where nothing is published.
 */
import { randomFillSync } from 'node:crypto';
import type { Socket } from 'node:net';
import type { StageCounts } from './counts.js';
import { type ChunkCache, FlvViewer } from './flv-viewer.js';
import { GopCache } from './gop-cache.js';
import type { MediaUnit, StreamHeaders } from './media-unit.js';
import type { Delivery, PublisherSink } from './publisher.js';

const GARBAGE_BYTES = 4096;
const GATEWAY_TIMEOUT = 'HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export interface FlvFanoutOptions {
  readonly gopCacheMessages: number;
  /** How long a request without a publisher stays unanswered, ms; then 504 as from nginx. Absent: for ever. */
  readonly silenceLimitMs?: number;
}

export class FlvFanout implements PublisherSink {
  readonly #headers: StreamHeaders;
  readonly #counts: StageCounts['flv'];
  readonly #cache: GopCache;
  readonly #viewers = new Set<FlvViewer>();
  readonly #waiting = new Set<Socket>();
  readonly #silenceLimitMs: number;
  readonly #isGarbage: () => boolean;
  #published = false;

  /** @param isGarbage asked per batch: send noise in place of tags? */
  constructor(
    headers: StreamHeaders,
    counts: StageCounts['flv'],
    options: FlvFanoutOptions,
    isGarbage: () => boolean,
  ) {
    this.#headers = headers;
    this.#counts = counts;
    this.#cache = new GopCache(options.gopCacheMessages);
    this.#silenceLimitMs = options.silenceLimitMs ?? 0;
    this.#isGarbage = isGarbage;
  }

  /** Takes over the socket of one `GET`; only this class writes to it from now on. */
  join(socket: Socket, known: boolean): void {
    socket.setNoDelay(true);
    socket.setTimeout(0);
    if (!known || !this.#published) {
      this.#wait(socket);
      return;
    }
    const viewer = new FlvViewer(socket, this.#headers, this.#counts);
    this.#viewers.add(viewer);
    this.#counts.viewersNow++;
    this.#counts.viewersTotal++;
    socket.once('close', () => {
      this.#counts.bodyBytes -= Math.min(this.#counts.bodyBytes, socket.writableLength);
      if (this.#viewers.delete(viewer)) this.#counts.viewersNow--;
    });
    viewer.begin(this.#cache.units);
  }

  onPublish(): void {
    this.#published = true;
    this.#cache.clear();
  }

  onUnpublish(): void {
    this.#published = false;
    for (const viewer of this.#viewers) viewer.cut();
    this.#viewers.clear();
    this.#counts.viewersNow = 0;
  }

  onUnits(units: readonly MediaUnit[], delivery: Delivery): void {
    if (delivery === 'lost') {
      for (const viewer of this.#viewers) viewer.lose(units);
      return;
    }
    for (const unit of units) this.#cache.push(unit);
    if (this.#isGarbage()) {
      const noise = randomFillSync(Buffer.alloc(GARBAGE_BYTES));
      for (const viewer of this.#viewers) viewer.sendRaw(noise);
      return;
    }
    const chunks: ChunkCache = new Map();
    for (const viewer of this.#viewers) viewer.send(units, chunks, delivery === 'burst');
  }

  /** Ends every connection. */
  close(): void {
    for (const viewer of this.#viewers) viewer.socket.destroy();
    for (const socket of this.#waiting) socket.destroy();
  }

  #wait(socket: Socket): void {
    this.#waiting.add(socket);
    this.#counts.waitingNow++;
    socket.setTimeout(this.#silenceLimitMs, () => socket.end(GATEWAY_TIMEOUT));
    socket.once('close', () => {
      this.#waiting.delete(socket);
      this.#counts.waitingNow--;
    });
  }
}
