import type { CaptureSource } from '../events.js';
import { CAPTURE_RANK } from './capture-rank.js';

/** Anchors kept: with one per half second they span more than the longest buffer of the page (20 s + back). */
const CAPACITY = 96;
/** A new anchor is kept when the capture clock left the line of the last one by more than this. */
const LINE_TOLERANCE_MS = 15;
const ANCHOR_EVERY_MS = 500;
/** An anchor speaks for this much media after it: any stamped picture later than half of it makes a new one. */
const FORWARD_MS = 1000;
/** Of a source that speaks on keyframes only: for the longest GOP that anybody broadcasts with. */
const KEYFRAME_FORWARD_MS = 10_000;
/** Two keyframes whose times disagree with the media between them by more: somewhere there the encoder stood. */
const KEYFRAME_TOLERANCE_MS = 100;
/** Pictures come in decoding order; a smaller step back is reordering, not overwritten media. */
const REORDER_MS = 400;
/** A picture is on screen for about this long. */
const PICTURE_MS = 40;
/** How far before the first anchor a position may lie (audio before the first stamped picture). */
const BACK_MS = 1500;

/**
 * Which media position was captured when, and who said so (player-model: latency). Between two anchors capture
 * time runs with media time, so a stream without disturbance needs few; a jump of either clock makes a new anchor
 * at once. A lesser source is heard only where no better one speaks. Bounded memory, O(1) per sample.
 */
export class CaptureClock {
  readonly #mediaMs: number[] = [];
  readonly #captureEpochMs: number[] = [];
  /** `undefined` = the media broke off there: what was known before says nothing of what follows. */
  readonly #sources: (CaptureSource | undefined)[] = [];
  /** New media is written over old one up to here; what lies behind is still the old one. */
  #writtenToMs = Number.NEGATIVE_INFINITY;
  #under: CaptureClock | undefined;

  /** How many anchors are kept now; bounded. */
  get anchors(): number {
    return this.#mediaMs.length + (this.#under?.anchors ?? 0);
  }

  clear(): void {
    this.#mediaMs.length = 0;
    this.#captureEpochMs.length = 0;
    this.#sources.length = 0;
    this.#writtenToMs = Number.NEGATIVE_INFINITY;
    this.#under = undefined;
  }

  /** The picture at media position `mediaMs` was captured at `captureEpochMs` on the encoder's clock. */
  add(mediaMs: number, captureEpochMs: number, source: CaptureSource): void {
    const newestMs = this.#mediaMs.at(-1);
    if (newestMs !== undefined && mediaMs < newestMs && newestMs - mediaMs < REORDER_MS) return;
    const newestSource = this.#sources.at(-1);
    // Of one picture: the better source.
    if (
      newestMs === mediaMs &&
      newestSource !== undefined &&
      CAPTURE_RANK[newestSource] < CAPTURE_RANK[source]
    )
      return;
    this.#write(mediaMs);
    const last = this.#mediaMs.length - 1;
    const lastSource = this.#sources[last];
    if (lastSource !== undefined) {
      const sinceMs = mediaMs - (this.#mediaMs[last] as number);
      if (lastSource === source) {
        const offLineMs = captureEpochMs - (this.#captureEpochMs[last] as number) - sinceMs;
        if (sinceMs < ANCHOR_EVERY_MS && Math.abs(offLineMs) <= LINE_TOLERANCE_MS) return;
      } else if (CAPTURE_RANK[lastSource] < CAPTURE_RANK[source] && sinceMs <= forwardMs(lastSource)) return;
    }
    this.#push(mediaMs, captureEpochMs, source);
  }

  /** Other media begins at `mediaMs`: a gap, a new publisher. */
  cut(mediaMs: number): void {
    this.#write(mediaMs);
    if (this.#sources.at(-1) !== undefined) this.#push(mediaMs, 0, undefined);
  }

  /** Capture time of the picture at `mediaMs`, or undefined when nothing near it carried one. */
  at(mediaMs: number): number | undefined {
    if (this.#isUnder(mediaMs)) return this.#under?.at(mediaMs);
    const i = this.#speakerFor(mediaMs);
    return i < 0 ? undefined : (this.#captureEpochMs[i] as number) + (mediaMs - (this.#mediaMs[i] as number));
  }

  /** Where `at` has it from. */
  sourceAt(mediaMs: number): CaptureSource | undefined {
    if (this.#isUnder(mediaMs)) return this.#under?.sourceAt(mediaMs);
    return this.#sources[this.#speakerFor(mediaMs)];
  }

  /** Index of the anchor that speaks for `mediaMs`, or -1. */
  #speakerFor(mediaMs: number): number {
    let i = this.#mediaMs.length - 1;
    while (i >= 0 && (this.#mediaMs[i] as number) > mediaMs) i--;
    const source = this.#sources[i];
    if (source === undefined) {
      const nextMs = this.#mediaMs[i + 1];
      const near = nextMs !== undefined && nextMs - mediaMs <= BACK_MS && this.#sources[i + 1] !== undefined;
      return near ? i + 1 : -1;
    }
    if (mediaMs - (this.#mediaMs[i] as number) > forwardMs(source)) return -1;
    return isSparse(source) && this.#jumpsBehind(i) ? -1 : i;
  }

  /** The next anchor of a keyframe-only source is off the line: where between them it jumped nobody knows. */
  #jumpsBehind(i: number): boolean {
    const nextMs = this.#mediaMs[i + 1];
    if (nextMs === undefined || this.#sources[i + 1] !== this.#sources[i]) return false;
    const stepMs = (this.#captureEpochMs[i + 1] as number) - (this.#captureEpochMs[i] as number);
    return Math.abs(stepMs - (nextMs - (this.#mediaMs[i] as number))) > KEYFRAME_TOLERANCE_MS;
  }

  /** Behind what was written last, where older media is known to lie. */
  #isUnder(mediaMs: number): boolean {
    return this.#under !== undefined && mediaMs > this.#writtenToMs + PICTURE_MS;
  }

  /** Media is written at `mediaMs`. What lay there (a publisher's restart) is known no more, what lies behind is. */
  #write(mediaMs: number): void {
    if ((this.#mediaMs.at(-1) ?? Number.NEGATIVE_INFINITY) >= mediaMs) this.#overwrite(mediaMs);
    this.#writtenToMs = mediaMs;
    if (this.#under !== undefined && mediaMs >= (this.#under.#mediaMs.at(-1) as number))
      this.#under = undefined;
  }

  #overwrite(mediaMs: number): void {
    const under = new CaptureClock();
    const from = this.#mediaMs.findIndex((anchorMs) => anchorMs >= mediaMs);
    // The anchor before speaks for the media up to the first that goes.
    for (let i = Math.max(0, from - 1); i < this.#mediaMs.length; i++)
      under.#push(this.#mediaMs[i] as number, this.#captureEpochMs[i] as number, this.#sources[i]);
    const newestMs = this.#mediaMs.at(-1) as number;
    for (let i = 0; i < (this.#under?.anchors ?? 0); i++) {
      const older = this.#under as CaptureClock;
      if ((older.#mediaMs[i] as number) > newestMs)
        under.#push(older.#mediaMs[i] as number, older.#captureEpochMs[i] as number, older.#sources[i]);
    }
    for (const list of [this.#mediaMs, this.#captureEpochMs, this.#sources]) list.length = from;
    this.#under = under;
  }

  #push(mediaMs: number, captureEpochMs: number, source: CaptureSource | undefined): void {
    this.#mediaMs.push(mediaMs);
    this.#captureEpochMs.push(captureEpochMs);
    this.#sources.push(source);
    if (this.#mediaMs.length <= CAPACITY) return;
    this.#mediaMs.splice(0, CAPACITY / 2);
    this.#captureEpochMs.splice(0, CAPACITY / 2);
    this.#sources.splice(0, CAPACITY / 2);
  }
}

function isSparse(source: CaptureSource): boolean {
  return source === 'obs';
}

function forwardMs(source: CaptureSource): number {
  return isSparse(source) ? KEYFRAME_FORWARD_MS : FORWARD_MS;
}
