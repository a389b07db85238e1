import type { Tick } from './tick.js';

/** A stretch of a run with 500 viewers, in bytes of JSON, is below this. */
const STRETCH_BYTES = 6144;

/**
 * Keeps the stretches of a run as bytes, in memory that is taken and touched at the beginning: what a run needs at its end
 * is resident from its start, so that resident memory which grows while it goes tells of something else.
 */
export class StretchShelf {
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #bytes: Uint8Array<ArrayBuffer>;
  /** Where each stretch ends. */
  #ends: number[] = [];

  /** @param wanted how many stretches there will be; more are kept all the same, and so are larger ones */
  constructor(wanted: number) {
    // A zero would leave it to the operating system to give the pages later.
    this.#bytes = new Uint8Array(wanted * STRETCH_BYTES).fill(1);
  }

  get length(): number {
    return this.#ends.length;
  }

  /** Bytes that are held, whether something is in them or not. */
  get heldBytes(): number {
    return this.#bytes.length;
  }

  push(stretch: Tick): void {
    const text = JSON.stringify(stretch);
    const from = this.#ends.at(-1) ?? 0;
    let done = this.#encoder.encodeInto(text, this.#bytes.subarray(from));
    while (done.read < text.length) {
      const wider = new Uint8Array(Math.max(STRETCH_BYTES, this.#bytes.length * 2));
      wider.set(this.#bytes.subarray(0, from));
      this.#bytes = wider;
      done = this.#encoder.encodeInto(text, this.#bytes.subarray(from));
    }
    this.#ends.push(from + done.written);
  }

  /** Takes the newest one off; absent = there is none. */
  pop(): Tick | undefined {
    const last = this.#at(this.#ends.length - 1);
    this.#ends.pop();
    return last;
  }

  /** Oldest first. */
  all(): Tick[] {
    return this.#ends.map((_, index) => this.#at(index) as Tick);
  }

  clear(): void {
    this.#ends = [];
  }

  #at(index: number): Tick | undefined {
    const end = this.#ends[index];
    if (end === undefined) return undefined;
    return JSON.parse(this.#decoder.decode(this.#bytes.subarray(this.#ends[index - 1] ?? 0, end))) as Tick;
  }
}
