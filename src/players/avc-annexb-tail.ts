import { type NalCodec, nalClass, nalHeaderBytes } from './avc.js';
import { type CaptureFinder, SEI_SEARCH_BYTES } from './capture-finder.js';

/** As much of one access unit as is walked behind its first slice. */
export const TAIL_SEARCH_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array(0);

/**
 * Looks for SEI units behind the slices of an access unit in Annex B form (ISO 14496-10 annex B) as its bytes stream
 * by, in any cut, and shows them to a finder. Bytes of slices are stepped over three at a time.
 */
export class AnnexBTail {
  readonly #finder: CaptureFinder;
  /** Made when it is first needed. */
  #sei = NOTHING;
  #codec: NalCodec = 'avc';
  #state: 'closed' | 'skip' | 'header' | 'keep' = 'closed';
  /** Zero bytes that the last one ends a row of, 2 at most. */
  #zeros = 0;
  #have = 0;
  #left = 0;

  constructor(finder: CaptureFinder) {
    this.#finder = finder;
  }

  get open(): boolean {
    return this.#state !== 'closed';
  }

  /** The bytes that follow begin inside a slice, or with its first byte. */
  begin(codec: NalCodec): void {
    if (this.#sei === NOTHING) this.#sei = new Uint8Array(SEI_SEARCH_BYTES);
    this.#codec = codec;
    this.#state = 'skip';
    this.#zeros = 0;
    this.#have = 0;
    this.#left = TAIL_SEARCH_BYTES;
  }

  /** Forgets the access unit. */
  stop(): void {
    this.#state = 'closed';
  }

  /** The access unit is over: a unit that was being kept is whole. */
  end(): void {
    if (this.#state === 'keep') this.#show(this.#have);
    this.#state = 'closed';
  }

  feed(bytes: Uint8Array, from: number, to: number): void {
    const end = Math.min(to, from + this.#left);
    this.#left -= end - from;
    let at = from;
    while (at < end) {
      if (this.#state === 'skip' && this.#zeros === 0) at = this.#skip(bytes, at, end);
      else at = this.#step(bytes[at] as number, at);
    }
    if (this.#left === 0) this.#state = 'closed';
  }

  /** To the byte behind the next start code that lies in these bytes, or to their end. */
  #skip(bytes: Uint8Array, from: number, end: number): number {
    for (let at = from + 2; at < end; ) {
      const byte = bytes[at] as number;
      if (byte > 1) at += 3;
      else if (byte === 0) at += 1;
      else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) {
        this.#state = 'header';
        return at + 1;
      } else at += 3;
    }
    if (bytes[end - 1] === 0) this.#zeros = end - from > 1 && bytes[end - 2] === 0 ? 2 : 1;
    return end;
  }

  /** One byte: of a header, of a unit that is kept, or around a start code that two pieces share. */
  #step(byte: number, at: number): number {
    const zeros = this.#zeros;
    this.#zeros = byte === 0 ? Math.min(zeros + 1, 2) : 0;
    if (this.#state === 'header') {
      this.#state = nalClass(this.#codec, byte) === 'sei' ? 'keep' : 'skip';
      this.#have = 0;
    } else if (byte === 1 && zeros === 2) {
      // Two zero bytes of the start code were kept as well.
      if (this.#state === 'keep') this.#show(this.#have - 2);
      this.#state = 'header';
      return at + 1;
    }
    if (this.#state === 'keep' && this.#have < this.#sei.length) this.#sei[this.#have++] = byte;
    return at + 1;
  }

  #show(bytes: number): void {
    this.#finder.sei(this.#sei, nalHeaderBytes(this.#codec), bytes);
  }
}
