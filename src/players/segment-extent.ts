import { TICKS_90K_PER_MS } from '../units.js';

/** What a TS segment's samples span, in milliseconds of the publisher's clock (unwrapped PTS / 90). */
export interface PictureSpan {
  fromMs: number;
  toMs: number;
  frames: number;
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
 * pictures are. A gap inside video stretches the picture before it; a gap inside audio becomes silence.
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
  frameMs = DEFAULT_FRAME_MS;
  #lastDtsMs: number | undefined;
  #lastStepMs: number | undefined;
  #maxPtsMs = 0;

  clear(): void {
    this.audioFromMs = undefined;
    this.audioToMs = undefined;
    this.videoDtsFromMs = undefined;
    this.spans.length = 0;
    this.keysMs.length = 0;
    this.#lastDtsMs = undefined;
    this.#lastStepMs = undefined;
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
      this.#open(ptsMs);
      return;
    }
    const gap = stepMs > Math.max(3 * this.frameMs, 100);
    if (gap && this.spans.length < MAX_SPANS) {
      this.#open(ptsMs);
      return;
    }
    if (stepMs > 0 && !gap) this.frameMs += (stepMs - this.frameMs) / 16;
    span.frames += 1;
    span.fromMs = Math.min(span.fromMs, ptsMs);
    this.#maxPtsMs = Math.max(this.#maxPtsMs, ptsMs);
    span.toMs = this.#maxPtsMs + this.frameMs;
  }

  #open(ptsMs: number): void {
    this.#maxPtsMs = ptsMs;
    this.spans.push({ fromMs: ptsMs, toMs: ptsMs + this.frameMs, frames: 1 });
  }
}
