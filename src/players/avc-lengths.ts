import type { CaptureStamp } from '../media/capture-stamp.js';
import { type NalCodec, nalClass, nalHeaderBytes } from './avc.js';
import { findStampInSei } from './avc-sei.js';

/** As much of one SEI unit as is searched for a stamp; longer units are skipped beyond it. */
export const SEI_SEARCH_BYTES = 512;

/**
 * Walks the length-prefixed NAL units (ISO 14496-15 5.3) of one access unit as its bytes stream by, in any
 * cut. Bodies are skipped by arithmetic; only lengths, NAL headers and SEI units are looked at. The stamp is
 * found wherever in the access unit its SEI stands.
 */
export class NalLengthWalker {
  /** A coded slice was seen. */
  picture = false;
  /** A slice was seen at which decoding can begin. */
  randomAccess = false;
  stamped = false;
  readonly stamp: CaptureStamp = { captureEpochUs: 0, frameNumber: 0 };

  #codec: NalCodec = 'avc';
  #lengthBytes = 4;
  /** Bytes of the access unit behind the current NAL unit. */
  #left = 0;
  #broken = false;
  #length = 0;
  #lengthHave = 0;
  #skip = 0;
  #seiNeed = 0;
  #seiHave = 0;
  readonly #sei = new Uint8Array(SEI_SEARCH_BYTES);

  /** Starts an access unit of `bytes` bytes whose lengths are `lengthBytes` (1 to 4) wide. */
  begin(codec: NalCodec, lengthBytes: number, bytes: number): void {
    this.picture = false;
    this.randomAccess = false;
    this.stamped = false;
    this.#codec = codec;
    this.#lengthBytes = lengthBytes;
    this.#left = bytes;
    this.#broken = false;
    this.#length = 0;
    this.#lengthHave = 0;
    this.#skip = 0;
    this.#seiNeed = 0;
    this.#seiHave = 0;
  }

  /** True when the lengths seen so far add up to the access unit exactly. Ask after the last byte. */
  get sumsUp(): boolean {
    return !this.#broken && this.#left === 0 && this.#skip === 0 && this.#lengthHave === 0;
  }

  /** The next bytes of the access unit: `bytes[from, to)`. */
  feed(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#broken) {
      if (this.#seiNeed > 0) at = this.#gatherSei(bytes, at, to);
      else if (this.#skip > 0) {
        const step = Math.min(this.#skip, to - at);
        this.#skip -= step;
        at += step;
      } else if (this.#lengthHave < this.#lengthBytes) this.#readLength(bytes[at++] as number);
      else at = this.#openNal(bytes, at, to);
    }
  }

  #readLength(byte: number): void {
    // No bit operators: four bytes are a full 32-bit number.
    this.#length = this.#length * 256 + byte;
    if (++this.#lengthHave < this.#lengthBytes) return;
    this.#left -= this.#lengthBytes + this.#length;
    if (this.#left < 0) this.#broken = true;
    else if (this.#length === 0) this.#lengthHave = 0;
  }

  /** At the first byte of a NAL unit. */
  #openNal(bytes: Uint8Array, at: number, to: number): number {
    const length = this.#length;
    this.#length = 0;
    this.#lengthHave = 0;
    const kind = nalClass(this.#codec, bytes[at] as number);
    if (kind === 'sei' && !this.stamped) {
      const search = Math.min(length, SEI_SEARCH_BYTES);
      this.#skip = length - search;
      if (at + search <= to) {
        this.#searchSei(bytes, at, at + search);
        return at + search;
      }
      this.#seiNeed = search;
      this.#seiHave = 0;
      return at;
    }
    if (kind === 'picture' || kind === 'random_access') {
      this.picture = true;
      if (kind === 'random_access') this.randomAccess = true;
    }
    this.#skip = length;
    return at;
  }

  /** The unit is split over two chunks: keep what the search needs. */
  #gatherSei(bytes: Uint8Array, at: number, to: number): number {
    const step = Math.min(this.#seiNeed - this.#seiHave, to - at);
    for (let i = 0; i < step; i++) this.#sei[this.#seiHave + i] = bytes[at + i] as number;
    this.#seiHave += step;
    if (this.#seiHave === this.#seiNeed) {
      this.#searchSei(this.#sei, 0, this.#seiNeed);
      this.#seiNeed = 0;
    }
    return at + step;
  }

  #searchSei(bytes: Uint8Array, from: number, to: number): void {
    this.stamped = findStampInSei(bytes, from + nalHeaderBytes(this.#codec), to, this.stamp);
  }
}
