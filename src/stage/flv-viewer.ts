/**
 * One FLV viewer of the stage: its own time, and SRS's send queue of 1 s. While the socket takes no more, chunks
 * wait; when they span more than 1 s all are thrown away, and the viewer sees a hole in the times (no disconnect).
 * SRS keeps the sequence headers that wait in the queue; here they went out at the beginning and never wait.
 */
import type { Socket } from 'node:net';
import { FLV_FILE_HEADER } from '../media/flv-layout.js';
import { SRS_SERVER_NAME } from './encoder.js';
import { type FlvChunk, headersChunk, mediaChunk, rawChunk } from './flv-batch.js';
import { FlvJitter } from './flv-jitter.js';
import type { MediaUnit, StreamHeaders } from './media-unit.js';

const QUEUE_MS = 1000;
const LAST_CHUNK = '0\r\n\r\n';
const RESPONSE_HEAD = [
  'HTTP/1.1 200 OK',
  'Connection: Close',
  'Content-Type: video/x-flv',
  `Server: ${SRS_SERVER_NAME}`,
  'Transfer-Encoding: chunked',
  '\r\n',
].join('\r\n');

export interface FlvTally {
  tags: number;
  bodyBytes: number;
}

/** Chunks of one batch by (viewer's time - publisher's time): viewers who joined together share them. */
export type ChunkCache = Map<number, FlvChunk>;

export class FlvViewer {
  readonly socket: Socket;
  readonly #tally: FlvTally;
  readonly #jitter = new FlvJitter();
  #queue: FlvChunk[] = [];
  /** Viewer's time from which the queue's span counts; undefined while nothing has waited since the last flush. */
  #queuedFromMs: number | undefined;
  /** Waits for its share of the server's bandwidth. */
  #starved: { readonly chunk: FlvChunk; readonly fromMs: number }[] = [];
  #allowedBytes = 0;

  constructor(socket: Socket, tally: FlvTally) {
    this.socket = socket;
    this.#tally = tally;
    socket.on('drain', () => this.#flush());
  }

  /** Response head, file header, metadata, sequence headers, and what the cache holds. */
  begin(headers: StreamHeaders, cached: readonly MediaUnit[]): void {
    this.socket.cork();
    this.socket.write(RESPONSE_HEAD, 'latin1');
    this.#write(rawChunk(FLV_FILE_HEADER));
    this.#write(headersChunk(headers));
    if (cached.length > 0) this.#write(mediaChunk(cached, this.#timesOf(cached)));
    this.socket.uncork();
  }

  /** Sends one batch. `unlimited` keeps a held burst out of the queue's limit. */
  send(units: readonly MediaUnit[], cache: ChunkCache, unlimited: boolean): void {
    this.#feed();
    const timesMs = this.#timesOf(units);
    const chunk = this.#chunkOf(units, timesMs, cache);
    if (this.#queue.length === 0 && this.socket.writableLength === 0) this.#write(chunk);
    else this.#enqueue(chunk, timesMs, unlimited);
  }

  /** Sends one batch to a viewer that gets `share` (below 1) of the bitrate: what waits for more than 1 s is thrown away. */
  sendShare(units: readonly MediaUnit[], cache: ChunkCache, share: number): void {
    const timesMs = this.#timesOf(units);
    const chunk = this.#chunkOf(units, timesMs, cache);
    const endMs = timesMs.at(-1) as number;
    this.#allowedBytes += chunk.bytes.length * share;
    this.#starved.push({ chunk, fromMs: timesMs[0] as number });
    if (endMs - (this.#starved[0]?.fromMs ?? endMs) > QUEUE_MS) this.#starved = [];
    for (let next = this.#starved[0]; next; next = this.#starved[0]) {
      if (next.chunk.bytes.length > this.#allowedBytes || this.socket.writableLength > 0) return;
      this.#allowedBytes -= next.chunk.bytes.length;
      this.#starved.shift();
      this.#write(next.chunk);
    }
    // What is not used is not saved up.
    this.#allowedBytes = 0;
  }

  /** There is enough for everybody again. */
  #feed(): void {
    if (this.#starved.length === 0) return;
    const waiting = this.#starved;
    this.#starved = [];
    this.#allowedBytes = 0;
    for (const { chunk } of waiting) this.#write(chunk);
  }

  /** Lets time go on for units that this viewer will never get. */
  lose(units: readonly MediaUnit[]): void {
    this.#timesOf(units);
  }

  /** The same, and what waited goes too. */
  drop(units: readonly MediaUnit[]): void {
    this.#queue = [];
    this.#queuedFromMs = undefined;
    this.lose(units);
  }

  /** Sends any bytes, if the socket takes them at once. */
  sendRaw(body: Uint8Array): void {
    if (this.socket.writableLength === 0) this.#write(rawChunk(body));
  }

  /** Closes as SRS does on unpublish: without the final chunk. */
  cut(): void {
    this.#queue = [];
    this.socket.destroySoon();
  }

  /** Closes with the final chunk: all has been said. */
  end(): void {
    this.#queue = [];
    if (!this.socket.destroyed) this.socket.write(LAST_CHUNK, 'latin1');
    this.socket.destroySoon();
  }

  #timesOf(units: readonly MediaUnit[]): number[] {
    return units.map((unit) => this.#jitter.correct(unit.dtsMs));
  }

  #chunkOf(units: readonly MediaUnit[], timesMs: readonly number[], cache: ChunkCache): FlvChunk {
    const offset = (timesMs[0] as number) - (units[0] as MediaUnit).dtsMs;
    const uniform = units.every((unit, index) => (timesMs[index] as number) - unit.dtsMs === offset);
    if (!uniform) return mediaChunk(units, timesMs);
    let chunk = cache.get(offset);
    if (chunk === undefined) {
      chunk = mediaChunk(units, timesMs);
      cache.set(offset, chunk);
    }
    return chunk;
  }

  #enqueue(chunk: FlvChunk, timesMs: readonly number[], unlimited: boolean): void {
    this.#queue.push(chunk);
    this.#queuedFromMs ??= timesMs[0] as number;
    const endMs = timesMs.at(-1) as number;
    if (unlimited || endMs - this.#queuedFromMs <= QUEUE_MS) return;
    this.#queue = [];
    this.#queuedFromMs = endMs;
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedFromMs = undefined;
    for (const chunk of queue) this.#write(chunk);
  }

  #write(chunk: FlvChunk): void {
    if (this.socket.destroyed) return;
    this.socket.write(chunk.bytes);
    this.#tally.tags += chunk.tagCount;
    this.#tally.bodyBytes += chunk.bodyBytes;
  }
}
