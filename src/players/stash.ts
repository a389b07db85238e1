/**
 * When the FLV library hands bytes on. It collects them in a stash and dispatches the *old* content when the
 * next piece would overflow it; for a live stream the stash shrinks or grows to about an eighth of a second of
 * the measured speed (player-model 2.2). Bytes are only counted here, never held.
 */

/** Speeds that the library rounds down to, KiB/s. */
const SPEED_STEPS_KIB_PER_S = [32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];
const SPEED_WINDOW_MS = 1000;
const SPEED_KNOWN_AFTER_MS = 500;

export type Stashed = 'keep' | 'before' | 'through';

export class Stash {
  readonly #off: boolean;
  readonly #readsAfterMs: number;
  #sizeBytes: number;
  #usedBytes = 0;
  /** Of the read that goes on: what was there before it, and what became of it. */
  #usedAtReadBytes = 0;
  #verdict: Stashed = 'keep';
  #windowFromMs: number | undefined;
  #windowBytes = 0;
  #lastWindowBytes = 0;

  /**
   * @param initialBytes size until the speed is known; 0 = switched off, all goes through as it comes
   * @param readsAfterMs from the first byte to the first read: the library's clock begins there
   */
  constructor(initialBytes: number, readsAfterMs = 0) {
    this.#readsAfterMs = readsAfterMs;
    this.#off = initialBytes === 0;
    this.#sizeBytes = initialBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * A piece of `bytes` arrives. `before` = what was stashed goes to the demuxer before the piece is kept;
   * `through` = the stash was empty and the piece itself goes through at once; `keep` = only kept.
   *
   * @param goesOn the piece belongs to the same read as the last one: both are judged as one
   */
  arrive(bytes: number, nowMs: number, goesOn = false): Stashed {
    if (this.#off) return 'through';
    this.#measure(bytes, nowMs);
    if (!goesOn) {
      this.#usedAtReadBytes = this.#usedBytes;
      this.#verdict = 'keep';
    }
    if (this.#verdict === 'through') return 'through';
    if (this.#verdict === 'before' || this.#usedBytes + bytes <= this.#sizeBytes) {
      this.#usedBytes += bytes;
      return 'keep';
    }
    this.#verdict = this.#usedAtReadBytes === 0 ? 'through' : 'before';
    this.#usedBytes = this.#usedBytes + bytes - this.#usedAtReadBytes;
    return this.#verdict;
  }

  /** After `before` and `through`: a tag that is not complete yet stays in the stash, before what came last. */
  remain(bytes: number): void {
    this.#usedBytes = bytes;
  }

  #measure(bytes: number, nowMs: number): void {
    this.#windowFromMs ??= nowMs + this.#readsAfterMs;
    const spanMs = nowMs - this.#windowFromMs;
    if (spanMs >= SPEED_WINDOW_MS) {
      this.#lastWindowBytes = this.#windowBytes;
      this.#windowBytes = bytes;
      this.#windowFromMs = nowMs;
    } else this.#windowBytes += bytes;
    const kibPerS = this.#speedKibPerS(nowMs - this.#windowFromMs);
    if (kibPerS > 0) this.#sizeBytes = (roundDown(kibPerS) * 1024) / 8;
  }

  #speedKibPerS(spanMs: number): number {
    if (this.#lastWindowBytes > 0) return this.#lastWindowBytes / 1024;
    if (spanMs < SPEED_KNOWN_AFTER_MS) return 0;
    return this.#windowBytes / 1024 / (spanMs / 1000);
  }
}

function roundDown(kibPerS: number): number {
  let step = SPEED_STEPS_KIB_PER_S[0] as number;
  for (const candidate of SPEED_STEPS_KIB_PER_S) if (candidate <= kibPerS) step = candidate;
  return step;
}
