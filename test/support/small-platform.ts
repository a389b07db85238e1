import { readFileSync } from 'node:fs';
import { parseAacConfig } from '../../src/media/aac.js';
import type {
  Cancel,
  Http,
  HttpRequest,
  ResponseHeaders,
  StreamSink,
  TextFailure,
  TextResponse,
} from '../../src/seams.js';
import { type Clip, type ClipPicture, readClip } from '../../src/stage/clip.js';
import { emptyCounts } from '../../src/stage/counts.js';
import { createEncoder } from '../../src/stage/encoder.js';
import { FaultBoard } from '../../src/stage/fault-board.js';
import { headersChunk, mediaChunk } from '../../src/stage/flv-batch.js';
import { GopCache } from '../../src/stage/gop-cache.js';
import type { MediaUnit, StreamHeaders } from '../../src/stage/media-unit.js';
import type { PublisherSink } from '../../src/stage/publisher.js';
import { createStageMedia, type StageMedia } from '../../src/stage/stage-media.js';
import { resolveStageOptions } from '../../src/stage/stage-options.js';
import type { Target, ViewerIdentity } from '../../src/target.js';
import type { LongClock } from './long-clock.js';
import { unsignedToken } from './token-platform.js';

const STREAM_KEY = 'live';
const TOKEN_TTL_MS = 15 * 60_000;
const FLV_FILE_HEADER = Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);
/** AAC LC, 8 kHz, mono: 7.8 frames a second. */
const AAC_8_KHZ = Uint8Array.of(0x15, 0x88);
const FRAMES_PER_S = 10;
const PICTURE_BYTES = 12;
/**
 * The FLV library hands on what has come when an eighth of a second at 32 KiB/s and more would overflow: a stream
 * slower than that stutters in a real page, too. HLS has no such thing, so its pictures stay small.
 */
const FLV_FILLER = fillerUnit(4000);

export const SMALL_TARGET: Target = {
  apiUrl: 'http://127.0.0.1:4000',
  socketUrl: 'http://127.0.0.1:4000',
  flvUrl: 'http://127.0.0.1:4000',
  hlsUrl: 'http://127.0.0.1:4000',
  streamKey: STREAM_KEY,
};

/** A stream of a few kbit/s: as few pictures as pass for motion, as little in each as a reader needs. */
function smallClip(gopS: number): Clip {
  const whole = readClip(readFileSync(new URL('../../assets/clip-gop1.flv', import.meta.url)));
  const pictures = Array.from({ length: FRAMES_PER_S * gopS }, (_, i): ClipPicture => {
    const nal = new Uint8Array(PICTURE_BYTES).fill(0xab);
    nal[0] = i === 0 ? 0x65 : 0x41;
    return { keyframe: i === 0, nals: [nal], compositionMs: 0 };
  });
  const audioFrames = Array.from({ length: 8 }, () => new Uint8Array(8).fill(0x21));
  const aac = { aac: parseAacConfig(AAC_8_KHZ), aacRecord: AAC_8_KHZ };
  return { ...whole, ...aac, pictures, audioFrames, framesPerS: FRAMES_PER_S, gopPictures: pictures.length };
}

/** A filler NAL unit with its length, as FLV carries it. */
function fillerUnit(bytes: number): Buffer {
  const unit = Buffer.alloc(4 + bytes, 0xff);
  unit.writeUInt32BE(bytes, 0);
  unit[4] = 12;
  return unit;
}

function padded(unit: MediaUnit): MediaUnit {
  return unit.kind === 'audio' ? unit : { ...unit, flvRest: Buffer.concat([unit.flvRest, FLV_FILLER]) };
}

/** What a chunk carries, without its size line and line ends. */
function contentOf(chunk: { readonly bytes: Buffer; readonly bodyBytes: number }): Buffer {
  return chunk.bytes.subarray(chunk.bytes.length - 2 - chunk.bodyBytes, chunk.bytes.length - 2);
}

/** The FLV side: what the publisher sends goes to each viewer that is there, in one buffer that is used again. */
class FlvSide implements PublisherSink {
  readonly viewers = new Set<(bytes: Uint8Array) => void>();
  private readonly cache = new GopCache(0);
  private readonly headers: StreamHeaders;

  constructor(headers: StreamHeaders) {
    this.headers = headers;
  }

  join(send: (bytes: Uint8Array) => void): Cancel {
    send(FLV_FILE_HEADER);
    send(contentOf(headersChunk(this.headers)));
    const { units } = this.cache;
    if (units.length > 0) send(contentOf(chunkOf(units)));
    this.viewers.add(send);
    return () => void this.viewers.delete(send);
  }

  onPublish(): void {
    this.cache.clear();
  }

  onUnpublish(): void {}

  onUnits(bare: readonly MediaUnit[]): void {
    const units = bare.map(padded);
    for (const unit of units) this.cache.push(unit);
    const bytes = contentOf(chunkOf(units));
    for (const send of this.viewers) send(bytes);
  }
}

function chunkOf(units: readonly MediaUnit[]) {
  return mediaChunk(
    units,
    units.map(({ dtsMs }) => dtsMs),
  );
}

/** A whole platform without sockets: the stage's own media at a tiny bit rate, and a REST API that always answers. */
export class SmallPlatform {
  readonly clock: LongClock;
  readonly media: StageMedia;
  readonly flv: FlvSide;
  /** From the request to the answer, ms, by the instant of the request. */
  apiMs: (atMs: number) => number = () => 12;
  private orders = 0;

  constructor(clock: LongClock, gopS = 1) {
    this.clock = clock;
    const clip = smallClip(gopS);
    const options = resolveStageOptions({
      ...{ streamKey: STREAM_KEY, bitsPerS: 0, hlsFragmentMs: gopS * 1000, hlsWindowMs: gopS * 4000 },
    });
    this.media = createStageMedia(
      { clock, counts: emptyCounts(), faults: new FaultBoard(clock), clip },
      options,
    );
    this.flv = new FlvSide(createEncoder(clip, 0).headers);
    this.media.publisher.addSink(this.flv);
    this.media.publisher.start(options.prerollMs);
  }

  issue(userId: string): ViewerIdentity {
    const exp = (this.clock.epochMs() + TOKEN_TTL_MS) / 1000;
    const accessToken = unsignedToken({ sub: userId, userId, type: 'access', exp });
    return { userId, accessToken, refreshToken: `refresh-${userId}` };
  }

  http(): Http {
    return new SmallHttp(this);
  }

  rest({ method, url, headers = {} }: HttpRequest): {
    status: number;
    headers?: ResponseHeaders;
    data: unknown;
  } {
    const route = `${method} ${new URL(url).pathname}`;
    if (route === 'POST /api/auth/refresh') {
      const user = /refreshToken=refresh-([^;]+)/.exec(headers.cookie ?? '')?.[1];
      if (user === undefined) return { status: 401, data: {} };
      const { accessToken, refreshToken } = this.issue(user);
      const cookies = [`accessToken=${accessToken}; Path=/`, `refreshToken=${refreshToken}; Path=/`];
      return { status: 201, headers: { 'set-cookie': cookies }, data: { message: 'refreshed' } };
    }
    if (route === 'GET /api/products')
      return { status: 200, data: [{ id: 'p1', status: 'AVAILABLE', stock: 5, variants: [] }] };
    if (route === 'POST /api/orders/from-cart')
      return { status: 201, data: { id: `order-${++this.orders}` } };
    if (route === 'GET /api/cart') return { status: 200, data: { items: [] } };
    if (route.endsWith('/status')) return { status: 200, data: { status: 'LIVE', viewerCount: 1 } };
    return { status: 200, data: { id: 'x' } };
  }
}

/** One viewer's way to it. Bytes are handed over in a buffer that is overwritten after each call. */
class SmallHttp implements Http {
  private readonly platform: SmallPlatform;
  private readonly running = new Set<Cancel>();
  private static readonly pool = new Uint8Array(65_536);

  constructor(platform: SmallPlatform) {
    this.platform = platform;
  }

  text(request: HttpRequest): Promise<TextResponse | TextFailure> {
    const { clock } = this.platform;
    const startedAtMs = clock.nowMs();
    const { pathname, searchParams } = new URL(request.url);
    const isPlaylist = pathname.endsWith('.m3u8');
    const waitMs = isPlaylist ? 3 : this.platform.apiMs(startedAtMs);
    return new Promise((resolve) => {
      const stop = (): void => {
        cancel();
        clock.settles();
        resolve({ kind: 'failure', end: { kind: 'aborted', atMs: clock.nowMs() }, startedAtMs });
      };
      const cancel = clock.after(waitMs, () => {
        this.running.delete(stop);
        const atMs = clock.nowMs();
        const times = { startedAtMs, firstByteAtMs: atMs, endedAtMs: atMs };
        clock.settles();
        if (isPlaylist) {
          const { status, type, body } = this.platform.media.hls.answer(pathname, searchParams);
          const head = { status, headers: { 'content-type': type }, url: request.url };
          resolve({ kind: 'response', ...head, ...times, body: body.toString(), bodyBytes: body.length });
          return;
        }
        const { status, headers = {}, data } = this.platform.rest(request);
        const body = JSON.stringify({ success: status < 400, data, timestamp: 't' });
        resolve({
          kind: 'response',
          status,
          headers,
          url: request.url,
          ...times,
          body,
          bodyBytes: body.length,
        });
      });
      this.running.add(stop);
    });
  }

  stream({ url }: HttpRequest, sink: StreamSink): Cancel {
    const { clock } = this.platform;
    const { pathname, searchParams } = new URL(url);
    const exchange: { leave?: Cancel } = {};
    const stop = (): void => {
      if (!this.running.delete(stop)) return;
      cancel();
      exchange.leave?.();
      sink.onEnd({ kind: 'aborted', atMs: clock.nowMs() });
    };
    this.running.add(stop);
    const cancel = clock.after(4, () => {
      if (pathname.endsWith('.flv')) {
        sink.onResponse(200, { 'content-type': 'video/x-flv' }, clock.nowMs(), url);
        exchange.leave = this.platform.flv.join((bytes) => hand(bytes, sink, clock.nowMs()));
        return;
      }
      const { status, type, body } = this.platform.media.hls.answer(pathname, searchParams);
      const length = String(body.length);
      sink.onResponse(status, { 'content-type': type, 'content-length': length }, clock.nowMs(), url);
      hand(body, sink, clock.nowMs());
      if (!this.running.delete(stop)) return;
      sink.onEnd({ kind: 'complete', atMs: clock.nowMs() });
    });
    return stop;
  }

  close(): void {
    for (const stop of [...this.running]) stop();
  }

  /** @internal */
  static readonly hands = SmallHttp.pool;
}

function hand(bytes: Uint8Array, sink: StreamSink, atMs: number): void {
  const view = SmallHttp.hands.subarray(0, bytes.length);
  view.set(bytes);
  sink.onBytes(view, atMs);
}
