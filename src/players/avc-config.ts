import { isAvcSps } from './avc.js';
import { type CaptureFinder, SPS_MAX_BYTES } from './capture-finder.js';

/** Five bytes of profile and widths, the count of parameter sets, the length of the first. */
const HEAD_BYTES = 8;
const COUNT_AT = 5;
const LENGTH_AT = 6;
const NOTHING = new Uint8Array(0);

/**
 * Keeps an AVCDecoderConfigurationRecord (ISO 14496-15 5.2.4.1) as its bytes stream by, as far as its first
 * parameter set can reach.
 */
export class AvcConfigKeeper {
  /** Made when the first record comes. */
  #kept = NOTHING;
  #have = 0;

  begin(): void {
    if (this.#kept === NOTHING) this.#kept = new Uint8Array(HEAD_BYTES + SPS_MAX_BYTES);
    this.#have = 0;
  }

  feed(bytes: Uint8Array, from: number, to: number): void {
    const step = Math.min(to - from, this.#kept.length - this.#have);
    for (let i = 0; i < step; i++) this.#kept[this.#have++] = bytes[from + i] as number;
  }

  /** The record is complete: shows `finder` the parameter set, if it is whole. */
  show(finder: CaptureFinder): void {
    const kept = this.#kept;
    if (this.#have <= HEAD_BYTES || ((kept[COUNT_AT] as number) & 0x1f) === 0) return;
    const end = HEAD_BYTES + (kept[LENGTH_AT] as number) * 256 + (kept[LENGTH_AT + 1] as number);
    if (end <= this.#have && isAvcSps('avc', kept[HEAD_BYTES] as number))
      finder.sps(kept, HEAD_BYTES + 1, end);
  }
}
