/** Longest Exp-Golomb prefix of the codings read here; a longer one is garbage. */
const MAX_LEADING_ZEROS = 32;

/**
 * Reads the bit fields of H.264 (ISO 14496-10 7.2, 9.1) out of bytes without emulation prevention. Behind the end
 * every field reads as 0 and `overrun` stays set: a parser asks once, at its end, and loops stay bounded.
 */
export class BitReader {
  overrun = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #bit = 0;
  #endBit = 0;

  /** Begins at the first bit of `bytes[from, to)`. */
  open(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#bit = from * 8;
    this.#endBit = Math.min(to, bytes.length) * 8;
    this.overrun = false;
  }

  /** u(1). */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** u(n), 0 to 32 bits. */
  bits(count: number): number {
    if (this.#bit + count > this.#endBit) {
      this.overrun = true;
      this.#bit = this.#endBit;
      return 0;
    }
    let value = 0;
    // No shifts: 32 bits are more than a signed number holds.
    for (let i = 0; i < count; i++, this.#bit++) {
      value = value * 2 + (((this.#bytes[this.#bit >> 3] as number) >> (7 - (this.#bit & 7))) & 1);
    }
    return value;
  }

  /** i(n): two's complement. */
  signedBits(count: number): number {
    const value = this.bits(count);
    return count > 0 && value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** ue(v). Signed codes, se(v), are as long: whoever only steps over them may use this. */
  unsignedGolomb(): number {
    let zeros = 0;
    while (!this.overrun && !this.flag()) {
      if (++zeros > MAX_LEADING_ZEROS) this.overrun = true;
    }
    if (this.overrun) return 0;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v): 0, 1, -1, 2, -2... */
  signedGolomb(): number {
    const code = this.unsignedGolomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
