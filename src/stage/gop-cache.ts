/**
 * What a new FLV viewer gets first: SRS's GOP cache with a limit on messages, audio and video together. On
 * overflow all is cleared, so that the cache then fills from the middle of a GOP (contract 4.1: at 30 fps and 47
 * AAC frames/s a limit of 30 overflows every 0.4 s). Pure.
 */
import type { MediaUnit } from './media-unit.js';

/** Audio messages after the last picture from which SRS believes in pure audio. */
const PURE_AUDIO_GUESS_COUNT = 115;

export class GopCache {
  readonly #maxMessages: number;
  #units: MediaUnit[] = [];
  #videoCount = 0;
  #audioAfterVideo = 0;

  /** @param maxMessages 0 = no limit */
  constructor(maxMessages: number) {
    this.#maxMessages = maxMessages;
  }

  get units(): readonly MediaUnit[] {
    return this.#units;
  }

  push(unit: MediaUnit): void {
    if (unit.kind === 'video') {
      this.#videoCount++;
      this.#audioAfterVideo = 0;
    }
    if (this.#videoCount === 0) return;
    if (unit.kind === 'audio' && ++this.#audioAfterVideo > PURE_AUDIO_GUESS_COUNT) {
      this.clear();
      return;
    }
    if (unit.keyframe) {
      this.clear();
      this.#videoCount = 1;
    }
    this.#units.push(unit);
    if (this.#maxMessages > 0 && this.#units.length > this.#maxMessages) this.clear();
  }

  clear(): void {
    this.#units = [];
    this.#videoCount = 0;
    this.#audioAfterVideo = 0;
  }
}
