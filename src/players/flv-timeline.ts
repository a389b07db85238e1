import type { CaptureSource } from '../events.js';
import type { CaptureClock } from './capture-clock.js';
import type { FrameCount } from './frame-count.js';
import type { Playout } from './playout.js';
import type { FlvProfile } from './profiles.js';

/**
 * One coded picture or audio frame of an FLV stream as the remuxer needs it.
 */
export interface FlvSample {
  track: 'audio' | 'video';
  dtsMs: number;
  ptsMs: number;
  keyframe: boolean;
  /** Duration of one audio frame; 0 for video. */
  audioFrameMs: number;
  captureEpochMs: number | undefined;
  /** Given with `captureEpochMs`. */
  captureSource: CaptureSource | undefined;
  frameNumber: number | undefined;
}

const DEFAULT_FRAME_MS = 33;
/** A step back of the video clock larger than reordering jitter: the decoder never gets on from there. */
const VIDEO_BACK_MS = 1000;

/**
 * The remuxer's rules of the FLV library (player-model 2.3): where on the element's timeline a sample lands.
 * - time zero is the smallest first DTS; it stays for the session
 * - the newest sample of each track waits for the next one, since its duration is unknown until then
 * - a video gap stretches the last picture (buffered, but frozen); an audio gap of 3 frames and more is silence
 * - audio that goes back is dropped until it passes the end; video that goes back is dead
 * - nothing is shown before the first keyframe
 */
export class FlvTimeline {
  readonly #profile: FlvProfile;
  readonly #playout: Playout;
  readonly #capture: CaptureClock;
  readonly #frames: FrameCount;

  #baseDtsMs: number | undefined;
  #audioEndMs: number | undefined;
  #heldAudioMs: number | undefined;
  #heldVideo: { dtsMs: number; ptsMs: number } | undefined;
  #frameMs = DEFAULT_FRAME_MS;
  #sawKeyframe = false;
  #videoDead = false;
  #audioDead = false;

  /** Up to where pictures of the time before a reload are shown; new ones join at the first keyframe behind. */
  #oldPicturesMs: number | undefined;

  constructor(
    profile: FlvProfile,
    playout: Playout,
    capture: CaptureClock,
    frames: FrameCount,
    oldPicturesMs?: number,
  ) {
    this.#oldPicturesMs = oldPicturesMs;
    this.#profile = profile;
    this.#playout = playout;
    this.#capture = capture;
    this.#frames = frames;
  }

  /** The library's signed clock wrapped: nothing that comes from here on is played (player-model 8, case 7). */
  kill(): void {
    this.#videoDead = true;
    this.#audioDead = true;
  }

  /** Appends one sample; the caller has called `playout.advance` and calls `settle` after the batch. */
  append(sample: Readonly<FlvSample>): void {
    this.#baseDtsMs ??= sample.dtsMs;
    if (sample.track === 'audio') this.#audio(sample.dtsMs - this.#baseDtsMs, sample.audioFrameMs);
    else this.#video(sample, sample.dtsMs - this.#baseDtsMs, sample.ptsMs - this.#baseDtsMs);
  }

  #audio(dtsMs: number, frameMs: number): void {
    if (this.#audioDead) return;
    const end = this.#audioEndMs;
    if (end === undefined) {
      this.#audioEndMs = dtsMs;
      this.#heldAudioMs = dtsMs;
      return;
    }
    const heldAt = this.#heldAudioMs as number;
    if (dtsMs < heldAt - this.#profile.audioGapFrames * frameMs) return;
    const steps = (dtsMs - heldAt) / frameMs;
    // Within a few frames of where it should be the library places the frame without a gap; beyond, silence.
    const appendTo = steps >= 1 + this.#profile.audioGapFrames ? dtsMs : Math.max(end, heldAt + frameMs);
    this.#playout.appendAudio(end, appendTo);
    this.#audioEndMs = Math.max(end, appendTo);
    this.#heldAudioMs = dtsMs;
  }

  #video(sample: Readonly<FlvSample>, dtsMs: number, ptsMs: number): void {
    if (this.#oldPicturesMs !== undefined && !this.#joinsOld(sample.keyframe, ptsMs)) return;
    if (sample.keyframe) this.#sawKeyframe = true;
    if (!this.#sawKeyframe || this.#videoDead) return;
    const held = this.#heldVideo;
    if (held !== undefined && dtsMs < held.dtsMs - VIDEO_BACK_MS) {
      this.#videoDead = true;
      this.#playout.loseVideo();
      return;
    }
    this.#frames.picture(dtsMs, this.#frameMs, sample.frameNumber);
    this.#frames.sourced(sample.captureSource, sample.keyframe);
    // Over a gap the encoder may have stood for any time.
    if (held !== undefined && this.#isGap(dtsMs - held.dtsMs)) this.#capture.cut(ptsMs);
    if (sample.captureEpochMs !== undefined && sample.captureSource !== undefined)
      this.#capture.add(ptsMs, sample.captureEpochMs, sample.captureSource);
    if (held !== undefined) this.#release(held, dtsMs - held.dtsMs);
    this.#heldVideo = { dtsMs, ptsMs };
  }

  /** The decoder had read on beyond the start of the new pictures: the last old one stands until a keyframe. */
  #joinsOld(keyframe: boolean, ptsMs: number): boolean {
    const oldMs = this.#oldPicturesMs as number;
    if (!keyframe || ptsMs <= oldMs) return false;
    this.#playout.appendVideo(oldMs, ptsMs, oldMs, 0);
    this.#oldPicturesMs = undefined;
    return true;
  }

  #isGap(stepMs: number): boolean {
    return stepMs > Math.max(3 * this.#frameMs, 100);
  }

  #release(held: { dtsMs: number; ptsMs: number }, durationMs: number): void {
    const usualMs = this.#frameMs;
    const stretched = this.#isGap(durationMs);
    if (!stretched && durationMs > 0) this.#frameMs = usualMs + (durationMs - usualMs) / 16;
    const toMs = held.ptsMs + Math.max(durationMs, 0);
    this.#playout.appendVideo(held.ptsMs, toMs, stretched ? held.ptsMs + usualMs : toMs, 1);
  }
}
