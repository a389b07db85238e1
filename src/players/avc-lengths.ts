import { isAvcSps, type NalClass, type NalCodec, nalClass, nalHeaderBytes } from './avc.js';
import { CaptureFinder, SEI_SEARCH_BYTES } from './capture-finder.js';

/**
 * Walks the length-prefixed NAL units (ISO 14496-15 5.3) of one access unit as its bytes stream by, in any
 * cut. Bodies are skipped by arithmetic; only lengths, NAL headers and units that may tell a capture time are
 * looked at, wherever in the access unit they stand.
 */
export class NalLengthWalker {
  /** A coded slice was seen. */
  picture = false;
  /** A slice was seen at which decoding can begin. */
  randomAccess = false;
  /** The capture time of the access unit. */
  readonly finder = new CaptureFinder();

  #codec: NalCodec = 'avc';
  #lengthBytes = 4;
  /** Bytes of the access unit behind the current NAL unit. */
  #left = 0;
  #broken = false;
  #length = 0;
  #lengthHave = 0;
  #skip = 0;
  /** A unit that two chunks share is kept here until it is whole: SEI, or a parameter set. */
  #need = 0;
  #have = 0;
  readonly #kept = new Uint8Array(SEI_SEARCH_BYTES);

  /** Starts an access unit of `bytes` bytes whose lengths are `lengthBytes` (1 to 4) wide. */
  begin(codec: NalCodec, lengthBytes: number, bytes: number): void {
    this.picture = false;
    this.randomAccess = false;
    this.finder.begin(codec);
    this.#codec = codec;
    this.#lengthBytes = lengthBytes;
    this.#left = bytes;
    this.#broken = false;
    this.#length = 0;
    this.#lengthHave = 0;
    this.#skip = 0;
    this.#need = 0;
    this.#have = 0;
  }

  /** True when the lengths seen so far add up to the access unit exactly. Ask after the last byte. */
  get sumsUp(): boolean {
    return !this.#broken && this.#left === 0 && this.#skip === 0 && this.#lengthHave === 0;
  }

  /** The next bytes of the access unit: `bytes[from, to)`. */
  feed(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#broken) {
      if (this.#need > 0) at = this.#gather(bytes, at, to);
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
    if (this.#tells(kind, bytes[at] as number)) {
      const search = Math.min(length, SEI_SEARCH_BYTES);
      this.#skip = length - search;
      if (at + search <= to) {
        this.#show(bytes, at, at + search);
        return at + search;
      }
      this.#need = search;
      this.#have = 0;
      return at;
    }
    if (kind === 'picture' || kind === 'random_access') {
      this.picture = true;
      if (kind === 'random_access') this.randomAccess = true;
    }
    this.#skip = length;
    return at;
  }

  #tells(kind: NalClass, firstByte: number): boolean {
    if (kind === 'sei') return !this.finder.satisfied;
    return kind === 'parameters' && this.finder.searching && isAvcSps(this.#codec, firstByte);
  }

  /** The unit is split over two chunks: keep what the search needs. */
  #gather(bytes: Uint8Array, at: number, to: number): number {
    const step = Math.min(this.#need - this.#have, to - at);
    for (let i = 0; i < step; i++) this.#kept[this.#have + i] = bytes[at + i] as number;
    this.#have += step;
    if (this.#have === this.#need) {
      this.#show(this.#kept, 0, this.#need);
      this.#need = 0;
    }
    return at + step;
  }

  #show(bytes: Uint8Array, from: number, to: number): void {
    const behindHeader = from + nalHeaderBytes(this.#codec);
    if (isAvcSps(this.#codec, bytes[from] as number)) this.finder.sps(bytes, behindHeader, to);
    else this.finder.sei(bytes, behindHeader, to);
  }
}
