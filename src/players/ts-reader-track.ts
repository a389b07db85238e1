import type { MediaErrorCode } from '../events.js';
import { AdtsCounter } from './adts.js';
import type { NalCodec } from './avc.js';
import { blankAccessUnitStart, scanAccessUnitStart } from './avc-annexb.js';
import { AnnexBTail } from './avc-annexb-tail.js';
import { CaptureFinder } from './capture-finder.js';
import { blankPesHeader, PES_MAX_HEADER_BYTES, readPesHeader } from './pes.js';

/** As much of an access unit as is searched for its first slice; longer preludes count as no keyframe. */
export const ACCESS_UNIT_SEARCH_BYTES = 2048;

/** What became of a packet's continuity counter. */
export type Continuity = 'next' | 'duplicate' | 'lost';

/**
 * One elementary stream of a TS segment: its continuity, and the PES packet being put together. Of the payload
 * only sizes are kept, and the first bytes of an access unit until its first slice is seen.
 */
export class TsTrack {
  readonly kind: 'video' | 'audio';
  pid = -1;
  codec: NalCodec = 'avc';
  /** A PES packet with a readable header is being put together. */
  pending = false;
  /** Offset in the segment of the TS packet that began it. */
  firstByte = 0;
  sizeBytes = 0;
  /** When the last byte of it so far came. */
  lastByteAtMs = 0;
  readonly header = blankPesHeader();
  readonly start = blankAccessUnitStart();
  readonly adts = new AdtsCounter();
  readonly finder = new CaptureFinder();

  #lastCounter = -1;
  #duplicated = false;
  /** Gathers a header that one packet does not hold, then an access unit's beginning. */
  readonly #carry: Uint8Array;
  readonly #tail = new AnnexBTail(this.finder);
  /** The access unit's bytes are looked at: up to its first slice, or to its end. */
  #looking = false;
  #have = 0;
  #inHeader = false;

  constructor(kind: 'video' | 'audio') {
    this.kind = kind;
    this.#carry = new Uint8Array(kind === 'video' ? ACCESS_UNIT_SEARCH_BYTES : PES_MAX_HEADER_BYTES);
  }

  /** Forgets everything of the segment before. */
  reset(): void {
    this.pending = false;
    this.#inHeader = false;
    this.#have = 0;
    this.#lastCounter = -1;
    this.#duplicated = false;
    this.adts.reset();
  }

  /** ISO 13818-1 2.4.3.3: counts packets with payload, one repetition is allowed, an announced break is excused. */
  count(counter: number, excused: boolean): Continuity {
    const last = this.#lastCounter;
    this.#lastCounter = counter;
    if (last < 0 || excused || counter === ((last + 1) & 15)) {
      this.#duplicated = false;
      return 'next';
    }
    if (counter === last && !this.#duplicated) {
      this.#duplicated = true;
      return 'duplicate';
    }
    this.#duplicated = false;
    return 'lost';
  }

  /** Bytes are missing: an audio frame cut in two must not be counted on. */
  breakOff(): void {
    this.adts.breakOff();
  }

  /** A payload that begins a PES packet. Returns what is wrong with it. */
  open(buf: Uint8Array, from: number, to: number, firstByte: number): MediaErrorCode | undefined {
    this.pending = false;
    this.firstByte = firstByte;
    this.sizeBytes = 0;
    this.#have = 0;
    this.#inHeader = true;
    this.start.decided = false;
    this.start.parameters = false;
    this.start.randomAccess = false;
    if (this.kind === 'video') {
      this.finder.begin(this.codec);
      this.#looking = true;
      this.#tail.stop();
    }
    if (this.adts.broken) this.adts.reset();
    this.adts.clearCounts();
    return this.#header(buf, from, to);
  }

  /** More payload of the PES packet in work; dropped when there is none. */
  extend(buf: Uint8Array, from: number, to: number): MediaErrorCode | undefined {
    if (this.pending) {
      this.#payload(buf, from, to);
      return undefined;
    }
    if (!this.#inHeader) return undefined;
    const taken = Math.min(to - from, PES_MAX_HEADER_BYTES - this.#have);
    this.#gather(buf, from, from + taken);
    const error = this.#header(this.#carry, 0, this.#have);
    if (this.pending) this.#payload(buf, from + taken, to);
    return error;
  }

  #header(buf: Uint8Array, from: number, to: number): MediaErrorCode | undefined {
    const result = readPesHeader(buf, from, to, this.header);
    if (result === 'short') {
      if (buf !== this.#carry) this.#gather(buf, from, to);
      return undefined;
    }
    this.#inHeader = false;
    this.#have = 0;
    if (result !== 'ok') return result === 'bad' ? 'ts_pes' : 'encrypted';
    this.pending = true;
    this.#payload(buf, from + this.header.headerBytes, to);
    return undefined;
  }

  #payload(buf: Uint8Array, from: number, to: number): void {
    this.sizeBytes += to - from;
    if (this.kind === 'audio') this.adts.feed(buf, from, to);
    else if (this.#looking) {
      if (this.start.decided) this.#tail.feed(buf, from, to);
      else this.#search(buf, from, to);
    }
  }

  #search(buf: Uint8Array, from: number, to: number): void {
    if (this.#have === 0) {
      // Nearly always the first packet decides and nothing is copied.
      scanAccessUnitStart(this.codec, buf, from, to, this.start, this.finder);
      if (this.start.decided) this.#openTail(buf, to);
      else this.#gather(buf, from, to);
      return;
    }
    const taken = Math.min(to - from, this.#carry.length - this.#have);
    this.#gather(buf, from, from + taken);
    scanAccessUnitStart(this.codec, this.#carry, 0, this.#have, this.start, this.finder);
    if (this.start.decided) {
      this.#openTail(this.#carry, this.#have);
      this.#tail.feed(buf, from + taken, to);
    } else if (this.#have === this.#carry.length) {
      this.start.decided = true;
      this.#looking = false;
    }
  }

  /** OBS writes its metrics behind the slices of keyframes; only where nothing better was found are they read to the end. */
  #openTail(buf: Uint8Array, to: number): void {
    this.#looking = this.start.randomAccess && this.finder.wantsTail;
    if (!this.#looking) return;
    this.#tail.begin(this.codec);
    this.#tail.feed(buf, this.start.sliceAt, to);
  }

  /** The PES packet is complete. */
  close(): void {
    this.pending = false;
    if (this.#looking) this.#tail.end();
  }

  #gather(buf: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#carry[this.#have++] = buf[i] as number;
  }
}
