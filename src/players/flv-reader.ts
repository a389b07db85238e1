import type { MediaErrorCode } from '../events.js';
import { FlvBodyReader } from './flv-reader-body.js';
import { FLV_HEAD_BYTES } from './flv-reader-head.js';
import { blankTag, clearTag, type FlvSink, type FlvTag } from './flv-reader-tag.js';
import { FlvTiming } from './flv-reader-time.js';

export type { FlvCodec, FlvSink, FlvTag, FlvWrap } from './flv-reader-tag.js';

/** A tag beyond this is taken for garbage. */
export const FLV_MAX_TAG_BYTES = 8 * 1024 * 1024;

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const TRAILER_BYTES = 4;
/** Time jumps reported per connection; a stream that jumps for ever must not flood the counters. */
const MAX_TIME_JUMPS = 16;

type Wanted = 'file_header' | 'header_rest' | 'tag_header' | 'head' | 'body' | 'trailer' | 'nothing';

/**
 * Reads an FLV stream (FLV 10.1 annex E) as its bytes arrive, in any cut. Bodies are skipped by arithmetic; at
 * most 40 bytes of a head and 512 of an SEI unit that a chunk boundary splits are kept. Wrong bytes are reported
 * once, then the reader is `corrupt` and silent: players do not look for a new beginning either. Only
 * `flv_time_jump` and `unknown_codec` are reported and read on.
 */
export class FlvReader {
  readonly #sink: FlvSink;
  readonly #tag: FlvTag = blankTag();
  readonly #bodyReader = new FlvBodyReader();
  readonly #timing = new FlvTiming();
  readonly #carry = new Uint8Array(FLV_HEAD_BYTES);

  #wanted: Wanted = 'file_header';
  #need = FILE_HEADER_BYTES;
  #have = 0;
  /** Bytes of the stream before the chunk in work. */
  #before = 0;
  #corrupt = false;
  #bodyLeft = 0;
  #jumps = 0;
  #unknownTold = false;

  constructor(sink: FlvSink) {
    this.#sink = sink;
  }

  /** Wrong bytes were met: nothing more will be reported. */
  get corrupt(): boolean {
    return this.#corrupt;
  }

  /** Reads the next bytes. `chunk` may be a view into a pool: nothing of it is kept. */
  push(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    while (at < end && this.#wanted !== 'nothing') {
      if (this.#wanted === 'body' || this.#wanted === 'header_rest') at = this.#body(chunk, at, end);
      else if (this.#have === 0 && end - at >= this.#need) {
        at += this.#need;
        this.#item(chunk, at - this.#need, this.#before + at - this.#need);
      } else at = this.#gather(chunk, at, end);
    }
    this.#before += end;
  }

  /** The body is over. A tag that is not complete is dropped; nothing is reported afterwards. */
  end(): void {
    if (this.#wanted === 'file_header' && this.#have > 0) this.#fail('flv_header', 0);
    this.#wanted = 'nothing';
  }

  /** An item is split over chunks: keep its bytes until it is whole. */
  #gather(chunk: Uint8Array, from: number, end: number): number {
    const step = Math.min(this.#need - this.#have, end - from);
    for (let i = 0; i < step; i++) this.#carry[this.#have + i] = chunk[from + i] as number;
    this.#have += step;
    if (this.#have === this.#need) {
      this.#have = 0;
      this.#item(this.#carry, 0, this.#before + from + step - this.#need);
    }
    return from + step;
  }

  #want(wanted: Wanted, need: number): void {
    this.#wanted = wanted;
    this.#need = need;
  }

  /** A whole small item stands at `buf[at]`; `atByte` is its place in the stream. */
  #item(buf: Uint8Array, at: number, atByte: number): void {
    switch (this.#wanted) {
      case 'file_header':
        this.#fileHeader(buf, at, atByte);
        break;
      case 'tag_header':
        this.#tagHeader(buf, at, atByte);
        break;
      case 'head':
        this.#bodyHead(buf, at, atByte);
        break;
      case 'trailer':
        this.#trailer(buf, at, atByte);
        break;
      default:
        break;
    }
  }

  #fileHeader(buf: Uint8Array, at: number, atByte: number): void {
    const headerBytes = uint32(buf, at + 5);
    const magic = buf[at] === 0x46 && buf[at + 1] === 0x4c && buf[at + 2] === 0x56 && buf[at + 3] === 1;
    if (!magic || headerBytes < FILE_HEADER_BYTES || headerBytes > FLV_MAX_TAG_BYTES) {
      this.#fail('flv_header', atByte);
      return;
    }
    const flags = buf[at + 4] as number;
    // Behind the header stands the size of "tag 0", which is none: not checked, as players do not.
    this.#bodyLeft = headerBytes - FILE_HEADER_BYTES + TRAILER_BYTES;
    this.#want('header_rest', 0);
    this.#sink.onHeader((flags & 4) !== 0, (flags & 1) !== 0);
  }

  #tagHeader(buf: Uint8Array, at: number, atByte: number): void {
    const type = buf[at] as number;
    const size = uint24(buf, at + 1);
    const kind = type & 0x1f;
    if ((kind !== 8 && kind !== 9 && kind !== 18) || type > 0x3f) this.#fail('flv_tag_type', atByte);
    else if ((type & 0x20) !== 0) this.#fail('encrypted', atByte);
    else if (size > FLV_MAX_TAG_BYTES) this.#fail('flv_tag_size', atByte);
    else if (uint24(buf, at + 8) !== 0) this.#fail('flv_stream_id', atByte);
    else this.#openTag(kind, size, uint24(buf, at + 4) + (buf[at + 7] as number) * 0x1000000);
  }

  #openTag(kind: number, size: number, rawTimeMs: number): void {
    const tag = this.#tag;
    clearTag(tag);
    tag.kind = kind === 8 ? 'audio' : kind === 9 ? 'video' : 'script';
    tag.sizeBytes = size;
    tag.rawTimeMs = rawTimeMs;
    this.#bodyLeft = size;
    if (size === 0) this.#want('trailer', TRAILER_BYTES);
    else if (kind === 18) {
      this.#bodyReader.openScript();
      this.#want('body', 0);
    } else this.#want('head', Math.min(size, FLV_HEAD_BYTES));
  }

  #bodyHead(buf: Uint8Array, at: number, atByte: number): void {
    this.#bodyLeft -= this.#need;
    const error = this.#bodyReader.open(this.#tag, buf, at, this.#need);
    this.#want(this.#bodyLeft > 0 ? 'body' : 'trailer', TRAILER_BYTES);
    if (error === 'unknown_codec') this.#unknownCodec(atByte);
    else if (error !== undefined) this.#fail(error, atByte);
  }

  #body(chunk: Uint8Array, from: number, end: number): number {
    const to = from + Math.min(this.#bodyLeft, end - from);
    if (this.#wanted === 'body') this.#bodyReader.feed(chunk, from, to);
    this.#bodyLeft -= to - from;
    if (this.#bodyLeft === 0) {
      if (this.#wanted === 'body') this.#want('trailer', TRAILER_BYTES);
      else this.#want('tag_header', TAG_HEADER_BYTES);
    }
    return to;
  }

  #trailer(buf: Uint8Array, at: number, atByte: number): void {
    const tag = this.#tag;
    if (uint32(buf, at) !== TAG_HEADER_BYTES + tag.sizeBytes) {
      this.#fail('flv_trailer', atByte);
      return;
    }
    const error = this.#bodyReader.close(tag);
    if (error !== undefined) {
      this.#fail(error, atByte);
      return;
    }
    this.#want('tag_header', TAG_HEADER_BYTES);
    const jumped = this.#timing.place(tag, tag.frame ? this.#bodyReader.compositionMs : 0);
    if (jumped && this.#jumps++ < MAX_TIME_JUMPS) this.#sink.onError('flv_time_jump', atByte);
    this.#sink.onTag(tag);
  }

  #unknownCodec(atByte: number): void {
    if (this.#unknownTold) return;
    this.#unknownTold = true;
    this.#sink.onError('unknown_codec', atByte);
  }

  #fail(code: MediaErrorCode, atByte: number): void {
    this.#corrupt = true;
    this.#wanted = 'nothing';
    this.#sink.onError(code, atByte);
  }
}

function uint24(buf: Uint8Array, at: number): number {
  return ((buf[at] as number) << 16) | ((buf[at + 1] as number) << 8) | (buf[at + 2] as number);
}

function uint32(buf: Uint8Array, at: number): number {
  return (buf[at] as number) * 0x1000000 + uint24(buf, at + 1);
}
