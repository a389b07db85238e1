import type { CaptureSource } from '../events.js';

/** Anchors kept: with one per half second they span more than the longest buffer of the page (20 s + back). */
const CAPACITY = 96;
/** A new anchor is kept when the capture clock left the line of the last one by more than this. */
const LINE_TOLERANCE_MS = 15;
const ANCHOR_EVERY_MS = 500;
/** An anchor speaks for this much media after it: any stamped picture later than half of it makes a new one. */
const FORWARD_MS = 1000;
/** Pictures come in decoding order; a smaller step back is reordering, not overwritten media. */
const REORDER_MS = 400;
/** How far before the first anchor a position may lie (audio before the first stamped picture). */
const BACK_MS = 1500;

/**
 * Which media position was captured when (player-model: latency). Between two anchors capture time runs with
 * media time, so a stream without disturbance needs few; a jump of either clock makes a new anchor at once.
 * Bounded memory, O(1) per sample.
 */
export class CaptureClock {
  readonly #mediaMs: number[] = [];
  readonly #captureEpochMs: number[] = [];
  #source: CaptureSource | undefined;

  get source(): CaptureSource | undefined {
    return this.#source;
  }

  /** How many anchors are kept now; bounded. */
  get anchors(): number {
    return this.#mediaMs.length;
  }

  clear(): void {
    this.#mediaMs.length = 0;
    this.#captureEpochMs.length = 0;
    this.#source = undefined;
  }

  /** The picture at media position `mediaMs` was captured at `captureEpochMs` on the encoder's clock. */
  add(mediaMs: number, captureEpochMs: number, source: CaptureSource): void {
    this.#source = source;
    const newestMs = this.#mediaMs.at(-1);
    if (newestMs !== undefined && mediaMs < newestMs && newestMs - mediaMs < REORDER_MS) return;
    // Media that overwrites older media (a publisher's restart) also overwrites its capture times.
    while (this.#mediaMs.length > 0 && (this.#mediaMs.at(-1) as number) >= mediaMs) {
      this.#mediaMs.pop();
      this.#captureEpochMs.pop();
    }
    const last = this.#mediaMs.length - 1;
    if (last >= 0) {
      const sinceMs = mediaMs - (this.#mediaMs[last] as number);
      const offLineMs = captureEpochMs - (this.#captureEpochMs[last] as number) - sinceMs;
      if (sinceMs < ANCHOR_EVERY_MS && Math.abs(offLineMs) <= LINE_TOLERANCE_MS) return;
    }
    this.#mediaMs.push(mediaMs);
    this.#captureEpochMs.push(captureEpochMs);
    if (this.#mediaMs.length > CAPACITY) {
      this.#mediaMs.splice(0, CAPACITY / 2);
      this.#captureEpochMs.splice(0, CAPACITY / 2);
    }
  }

  /** Capture time of the picture at `mediaMs`, or undefined when nothing near it carried one. */
  at(mediaMs: number): number | undefined {
    for (let i = this.#mediaMs.length - 1; i >= 0; i--) {
      const anchorMs = this.#mediaMs[i] as number;
      if (anchorMs > mediaMs) continue;
      if (mediaMs - anchorMs > FORWARD_MS) return undefined;
      return (this.#captureEpochMs[i] as number) + (mediaMs - anchorMs);
    }
    const firstMs = this.#mediaMs[0];
    if (firstMs === undefined || firstMs - mediaMs > BACK_MS) return undefined;
    return (this.#captureEpochMs[0] as number) - (firstMs - mediaMs);
  }
}
