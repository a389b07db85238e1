import { TICKS_90K_PER_MS } from '../units.js';
import { ORDINARY_STEP_MS, Pace, type PictureGap } from './pace.js';

/** What a TS segment's samples span, in milliseconds of the publisher's clock (unwrapped PTS / 90). */
export interface PictureSpan {
  fromMs: number;
  toMs: number;
  frames: number;
}

/** A stretch between two pictures, in the same clock, and whether the first one is shown all that time. */
export interface Judgement extends PictureGap {
  readonly shown: boolean;
}

/** The picture that was decoded last, and up to when it is shown. */
export interface LastPicture {
  readonly dtsMs: number;
  readonly shownToMs: number;
}

interface AccessUnit {
  readonly track: 'video' | 'audio';
  readonly ptsTicks90k: number;
  readonly dtsTicks90k: number;
  readonly audioFrames: number;
  readonly audioSampleRate: number;
  readonly keyframe?: boolean;
}

const MAX_SPANS = 6;
const MAX_KEYS = 64;
const DEFAULT_FRAME_MS = 33;

/**
 * Adds up the access units of one segment as its transmuxer would: where audio begins and ends, and where
 * pictures are. A gap inside video stretches the picture before it; a gap inside audio becomes silence. What is a gap
 * hangs on the rate of the stream, which goes on over segments.
 * O(1) per access unit, bounded memory; reused for every segment of a player.
 */
export class SegmentExtent {
  audioFromMs: number | undefined;
  audioToMs: number | undefined;
  /** First decoding time of video: with the first audio it fixes the timeline. */
  videoDtsFromMs: number | undefined;
  readonly spans: PictureSpan[] = [];
  /** Presentation times at which decoding can begin. */
  readonly keysMs: number[] = [];
  /** Of this segment and those before it: what was found out about their pictures, in order. */
  readonly judgements: Judgement[] = [];
  frameMs = DEFAULT_FRAME_MS;
  readonly #pace = new Pace({
    show: (gap) => this.judgements.push({ ...gap, shown: true }),
    hide: (gap) => this.judgements.push({ ...gap, shown: false }),
  });
  #before = this.#pace.save();
  #previous: LastPicture | undefined;
  #lastDtsMs: number | undefined;
  #lastStepMs: number | undefined;
  #maxPtsMs = 0;

  /**
   * A segment begins. What one that never came to its end said about the rate is forgotten.
   *
   * @param previous last picture of the segment that this one goes on from, on the same clock; absent = of none
   */
  clear(previous?: LastPicture): void {
    this.#before();
    this.#previous = previous;
    this.judgements.length = 0;
    this.audioFromMs = undefined;
    this.audioToMs = undefined;
    this.videoDtsFromMs = undefined;
    this.spans.length = 0;
    this.keysMs.length = 0;
    this.#lastDtsMs = undefined;
    this.#lastStepMs = undefined;
  }

  /** The segment is whole and was taken. */
  accept(): void {
    this.#before = this.#pace.save();
  }

  /** Usual step of a slow stream, as far as is known by now; undefined for one of 10 pictures a second and more. */
  get slowStepMs(): number | undefined {
    return this.#pace.likelyMs;
  }

  /** Where the next segment goes on from; undefined without pictures. */
  get lastPicture(): LastPicture | undefined {
    const toMs = this.spans.at(-1)?.toMs;
    return this.#lastDtsMs === undefined || toMs === undefined
      ? undefined
      : { dtsMs: this.#lastDtsMs, shownToMs: toMs };
  }

  get hasAudio(): boolean {
    return this.audioFromMs !== undefined;
  }

  /** In decoding time: the last picture lasts as long as the one before it, as the library's remuxer has it. */
  get videoDtsToMs(): number | undefined {
    return this.#lastDtsMs === undefined ? undefined : this.#lastDtsMs + (this.#lastStepMs ?? this.frameMs);
  }

  get hasVideo(): boolean {
    return this.spans.length > 0;
  }

  /** Smallest timestamp of the segment, undefined when it holds nothing that can be played. */
  get firstMs(): number | undefined {
    if (this.audioFromMs === undefined) return this.videoDtsFromMs;
    if (this.videoDtsFromMs === undefined) return this.audioFromMs;
    return Math.min(this.audioFromMs, this.videoDtsFromMs);
  }

  /** End of all samples. */
  get lastMs(): number | undefined {
    const video = this.spans.at(-1)?.toMs;
    if (video === undefined) return this.audioToMs;
    return this.audioToMs === undefined ? video : Math.max(video, this.audioToMs);
  }

  add(unit: AccessUnit): void {
    const ptsMs = unit.ptsTicks90k / TICKS_90K_PER_MS;
    if (unit.track === 'audio') {
      const spanMs = unit.audioSampleRate > 0 ? (unit.audioFrames * 1_024_000) / unit.audioSampleRate : 0;
      this.audioFromMs = this.audioFromMs === undefined ? ptsMs : Math.min(this.audioFromMs, ptsMs);
      this.audioToMs = Math.max(this.audioToMs ?? ptsMs, ptsMs + spanMs);
      return;
    }
    if (unit.keyframe === true && this.keysMs.length < MAX_KEYS) this.keysMs.push(ptsMs);
    this.#picture(ptsMs, unit.dtsTicks90k / TICKS_90K_PER_MS);
  }

  #picture(ptsMs: number, dtsMs: number): void {
    const stepMs = this.#lastDtsMs === undefined ? undefined : dtsMs - this.#lastDtsMs;
    this.#lastDtsMs = dtsMs;
    this.#lastStepMs = stepMs;
    const span = this.spans.at(-1);
    if (stepMs === undefined || span === undefined) {
      this.videoDtsFromMs = dtsMs;
      this.#goOn(ptsMs, dtsMs);
      this.#open(ptsMs);
      return;
    }
    const gap = this.#isHole(stepMs, span.toMs, ptsMs);
    if (gap && this.spans.length < MAX_SPANS) {
      this.#open(ptsMs);
      return;
    }
    if (stepMs > 0 && !gap && !this.#isLong(stepMs)) this.frameMs += (stepMs - this.frameMs) / 16;
    span.frames += 1;
    span.fromMs = Math.min(span.fromMs, ptsMs);
    this.#maxPtsMs = Math.max(this.#maxPtsMs, ptsMs);
    span.toMs = this.#maxPtsMs + this.#usualMs;
  }

  #goOn(ptsMs: number, dtsMs: number): void {
    if (this.#previous === undefined) {
      this.#pace.leave();
      return;
    }
    const stepMs = dtsMs - this.#previous.dtsMs;
    const fromMs = this.#previous.shownToMs;
    if (!this.#isHole(stepMs, fromMs, ptsMs) && this.#isLong(stepMs))
      this.judgements.push({ fromMs, toMs: ptsMs, shown: true });
  }

  get #usualMs(): number {
    return this.#pace.usualMs ?? this.frameMs;
  }

  #isLong(stepMs: number): boolean {
    return stepMs > Math.max(3 * this.frameMs, ORDINARY_STEP_MS);
  }

  #isHole(stepMs: number, shownToMs: number, ptsMs: number): boolean {
    if (this.#isLong(stepMs)) return this.#pace.long(stepMs, { fromMs: shownToMs, toMs: ptsMs }) === 'hole';
    if (stepMs > 0) this.#pace.ordinary();
    else this.#pace.interrupt();
    return false;
  }

  #open(ptsMs: number): void {
    this.#maxPtsMs = ptsMs;
    this.spans.push({ fromMs: ptsMs, toMs: ptsMs + this.#usualMs, frames: 1 });
  }
}
