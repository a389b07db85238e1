import { FLV_FILE_HEADER, FLV_TAG_HEADER_BYTES, FLV_TRAILER_BYTES } from '../media/flv-layout.js';
import { MediaError } from '../media/media-error.js';

/** The 11 bytes of a tag header, and the first bytes of its body (FLV 10.1, E.4.1). */
export interface TagStart {
  readonly type: number;
  readonly bodyBytes: number;
  /** 31 bits. */
  readonly timeMs: number;
  /** The first `LEAD_BYTES` of the body, or all of it. Valid during the call only. */
  readonly lead: Uint8Array;
}

export interface TagSink {
  onTag(tag: TagStart): void;
  /** The body after its lead, piece by piece as it arrives. A view: whoever keeps it keeps the chunk. */
  onBody(piece: Uint8Array): void;
  onTagEnd(): void;
}

/** As many bytes as tell what a video tag is: frame type, packet type, composition time. */
export const LEAD_BYTES = 5;
const HEAD_BYTES = FLV_TAG_HEADER_BYTES + LEAD_BYTES;

/** Cuts an FLV byte stream into tags, wherever its chunks are split. Bodies are handed on as views, not copied. */
export class FlvCutter {
  readonly #sink: TagSink;
  /** What has arrived of a header (file, tag with lead, or trailer). */
  readonly #head = new Uint8Array(HEAD_BYTES);
  #have = 0;
  #need = FLV_FILE_HEADER.length;
  #stage: 'file' | 'tag' | 'lead' | 'body' | 'trailer' = 'file';
  #bodyLeft = 0;
  #tagBytes = 0;
  #seen = 0;

  constructor(sink: TagSink) {
    this.#sink = sink;
  }

  /** @throws {MediaError} for bytes that are no FLV */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const wanted = this.#stage === 'body' ? this.#bodyLeft : this.#need - this.#have;
      const piece = chunk.subarray(at, at + wanted);
      at += piece.length;
      this.#seen += piece.length;
      if (this.#stage === 'body') this.#body(piece);
      else this.#gather(piece);
    }
  }

  #body(piece: Uint8Array): void {
    this.#sink.onBody(piece);
    this.#bodyLeft -= piece.length;
    if (this.#bodyLeft === 0) this.#endTag();
  }

  #gather(piece: Uint8Array): void {
    this.#head.set(piece, this.#have);
    this.#have += piece.length;
    if (this.#have < this.#need) return;
    switch (this.#stage) {
      case 'file':
        if (this.#head.subarray(0, 3).some((byte, i) => byte !== FLV_FILE_HEADER[i]))
          this.#fail('flv_header');
        this.#await('tag', FLV_TAG_HEADER_BYTES);
        break;
      case 'tag':
        this.#readHeader();
        break;
      case 'lead':
        this.#startTag();
        break;
      case 'trailer':
        if (this.#uint(0, 4) !== this.#tagBytes) this.#fail('flv_previous_tag_size');
        this.#await('tag', FLV_TAG_HEADER_BYTES);
        break;
    }
  }

  /** The lead is gathered behind the header, in the same buffer. */
  #readHeader(): void {
    const bodyBytes = this.#uint(1, 3);
    this.#tagBytes = FLV_TAG_HEADER_BYTES + bodyBytes;
    this.#stage = 'lead';
    this.#need = FLV_TAG_HEADER_BYTES + Math.min(LEAD_BYTES, bodyBytes);
    if (bodyBytes === 0) this.#startTag();
  }

  #startTag(): void {
    const timeMs = this.#uint(4, 3) + (((this.#head[7] as number) & 0x7f) << 24);
    const bodyBytes = this.#tagBytes - FLV_TAG_HEADER_BYTES;
    const lead = this.#head.subarray(FLV_TAG_HEADER_BYTES, this.#need);
    this.#sink.onTag({ type: (this.#head[0] as number) & 0x1f, bodyBytes, timeMs, lead });
    this.#bodyLeft = bodyBytes - lead.length;
    if (this.#bodyLeft > 0) this.#stage = 'body';
    else this.#endTag();
  }

  #endTag(): void {
    this.#sink.onTagEnd();
    this.#await('trailer', FLV_TRAILER_BYTES);
  }

  #await(stage: 'tag' | 'trailer', bytes: number): void {
    this.#stage = stage;
    this.#have = 0;
    this.#need = bytes;
  }

  #uint(at: number, bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + (this.#head[at + i] as number);
    return value;
  }

  #fail(code: string): never {
    throw new MediaError(code, this.#seen);
  }
}
