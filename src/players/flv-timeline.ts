import type { CaptureSource } from '../events.js';
import type { CaptureClock } from './capture-clock.js';
import type { FrameCount } from './frame-count.js';
import { ORDINARY_STEP_MS, Pace } from './pace.js';
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
  /** The library's signed clock wrapped here. */
  wrapped: boolean;
  /** Duration of one audio frame; 0 for video. */
  audioFrameMs: number;
  captureEpochMs: number | undefined;
  /** Given with `captureEpochMs`. */
  captureSource: CaptureSource | undefined;
  frameNumber: number | undefined;
}

/** What a player that was loaded again still has of the time before, and plays. */
export interface OldMedia {
  /** Up to here its pictures are shown. */
  readonly picturesMs: number;
  /** Where its audio began. */
  readonly audioFromMs: number;
  /** Longest step from one picture to the next that the element has seen. */
  readonly videoStepMs: number;
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
  #audioFrameMs = 0;
  #heldVideo: { dtsMs: number; ptsMs: number } | undefined;
  #frameMs = DEFAULT_FRAME_MS;
  readonly #pace: Pace;
  #sawKeyframe = false;
  #videoDead = false;
  #audioDead = false;

  #old: OldMedia | undefined;
  /** The first keyframe has come: where this connection's pictures begin is known. */
  #begun = false;
  #audioFromMs: number | undefined;
  #audioShiftMs = 0;
  #videoStepMs = 0;

  constructor(
    profile: FlvProfile,
    playout: Playout,
    capture: CaptureClock,
    frames: FrameCount,
    old?: OldMedia,
  ) {
    this.#old = old;
    this.#videoStepMs = old?.videoStepMs ?? 0;
    this.#profile = profile;
    this.#playout = playout;
    this.#capture = capture;
    this.#frames = frames;
    this.#pace = new Pace({
      show: ({ fromMs, toMs }) => playout.showPicture(fromMs, toMs),
      hide: ({ fromMs, toMs }) => playout.hidePicture(fromMs, toMs),
    });
  }

  /** Where the audio of this connection began; undefined before its first frame. */
  get audioFromMs(): number | undefined {
    return this.#audioFromMs;
  }

  /** Longest step from one picture to the next so far, those of connections before this one included. */
  get videoStepMs(): number {
    return this.#videoStepMs;
  }

  /** Appends one sample; the caller has called `playout.advance` and calls `settle` after the batch. */
  append(sample: Readonly<FlvSample>): void {
    this.#baseDtsMs ??= sample.dtsMs;
    if (sample.wrapped) this.#die();
    if (sample.track === 'audio') this.#audio(sample.dtsMs - this.#baseDtsMs, sample.audioFrameMs);
    else this.#video(sample, sample.dtsMs - this.#baseDtsMs, sample.ptsMs - this.#baseDtsMs);
  }

  /** The stream is over: the newest sample of each track lasts as long as the ones before it. */
  flush(): void {
    this.#releaseAudio();
    const held = this.#heldVideo;
    if (held !== undefined && !this.#videoDead) this.#release(held, this.#usualMs, false);
    this.#heldVideo = undefined;
  }

  /** The clock wrapped: nothing that comes from here on is played (player-model 8, case 7). */
  #die(): void {
    this.#releaseAudio();
    this.#videoDead = true;
    this.#audioDead = true;
    this.#videoStepMs = Number.POSITIVE_INFINITY;
  }

  #audio(dtsMs: number, frameMs: number): void {
    if (this.#audioDead) return;
    this.#audioFrameMs = frameMs;
    const end = this.#audioEndMs;
    if (end === undefined) {
      this.#audioFromMs = dtsMs;
      if (this.#old !== undefined) this.#audioShiftMs = overlapMs(dtsMs - this.#old.audioFromMs, frameMs);
      this.#audioEndMs = dtsMs;
      this.#heldAudioMs = dtsMs;
      return;
    }
    const heldAt = this.#heldAudioMs as number;
    if (dtsMs < heldAt - this.#profile.audioGapFrames * frameMs) {
      this.#releaseAudio();
      return;
    }
    const steps = (dtsMs - heldAt) / frameMs;
    // Within a few frames of where it should be the library places the frame without a gap; beyond, silence.
    const appendTo = steps >= 1 + this.#profile.audioGapFrames ? dtsMs : Math.max(end, heldAt + frameMs);
    this.#appendAudio(end, appendTo);
    this.#heldAudioMs = dtsMs;
  }

  /** The newest frame lasts as long as a frame does: what comes next is dropped, but it comes. */
  #releaseAudio(): void {
    const endMs = this.#audioEndMs;
    if (endMs === undefined) return;
    this.#appendAudio(endMs, Math.max(endMs, (this.#heldAudioMs as number) + this.#audioFrameMs));
  }

  #appendAudio(fromMs: number, toMs: number): void {
    this.#playout.appendAudio(fromMs + this.#audioShiftMs, toMs + this.#audioShiftMs);
    this.#audioEndMs = Math.max(fromMs, toMs);
  }

  #video(sample: Readonly<FlvSample>, dtsMs: number, ptsMs: number): void {
    if (this.#old !== undefined && !this.#joinsOld(this.#old, sample.keyframe, ptsMs)) return;
    if (sample.keyframe) this.#sawKeyframe = true;
    if (!this.#sawKeyframe || this.#videoDead) return;
    const held = this.#heldVideo;
    if (held !== undefined && dtsMs < held.dtsMs - VIDEO_BACK_MS) {
      this.#videoDead = true;
      // The picture before it lasts for the rest of 32 bits.
      this.#videoStepMs = Number.POSITIVE_INFINITY;
      this.#playout.loseVideo();
      return;
    }
    const isHole = held !== undefined && this.#isHole(held, dtsMs - held.dtsMs);
    this.#playout.slowStepMs = this.#pace.likelyMs;
    this.#frames.picture(dtsMs, sample.frameNumber);
    this.#frames.sourced(sample.captureSource, sample.keyframe);
    // Over a gap the encoder may have stood for any time.
    if (isHole) this.#capture.cut(ptsMs);
    if (sample.captureEpochMs !== undefined && sample.captureSource !== undefined)
      this.#capture.add(ptsMs, sample.captureEpochMs, sample.captureSource);
    if (held !== undefined) {
      this.#videoStepMs = Math.max(this.#videoStepMs, dtsMs - held.dtsMs);
      this.#release(held, dtsMs - held.dtsMs, isHole);
    }
    this.#heldVideo = { dtsMs, ptsMs };
  }

  /**
   * The decoder had read on to the end of the old pictures, and goes on at the first keyframe behind: until then the
   * last one stands. It looks for it in new pictures that begin before that end or close behind it, which is twice the
   * longest step between pictures that the browser has seen. What begins later it never finds: until somebody seeks,
   * it waits for pictures that it has.
   */
  #joinsOld(old: OldMedia, keyframe: boolean, ptsMs: number): boolean {
    if (!keyframe) return false;
    if (!this.#begun && ptsMs - old.picturesMs > 2 * Math.max(old.videoStepMs, this.#frameMs)) {
      this.#playout.missVideo();
      this.#old = undefined;
      return true;
    }
    this.#begun = true;
    if (ptsMs <= old.picturesMs) return false;
    this.#playout.appendVideo(old.picturesMs, ptsMs, old.picturesMs, 0);
    this.#old = undefined;
    return true;
  }

  get #usualMs(): number {
    return this.#pace.usualMs ?? this.#frameMs;
  }

  #isLong(stepMs: number): boolean {
    return stepMs > Math.max(3 * this.#frameMs, ORDINARY_STEP_MS);
  }

  #isHole(held: { ptsMs: number }, stepMs: number): boolean {
    if (this.#isLong(stepMs)) {
      const gap = { fromMs: held.ptsMs + this.#frameMs, toMs: held.ptsMs + stepMs };
      return this.#pace.long(stepMs, gap) === 'hole';
    }
    if (stepMs > 0) this.#pace.ordinary();
    else this.#pace.interrupt();
    return false;
  }

  #release(held: { dtsMs: number; ptsMs: number }, durationMs: number, isHole: boolean): void {
    const usualMs = this.#usualMs;
    if (durationMs > 0 && !this.#isLong(durationMs)) this.#frameMs += (durationMs - this.#frameMs) / 16;
    const toMs = held.ptsMs + Math.max(durationMs, 0);
    this.#playout.appendVideo(held.ptsMs, toMs, isHole ? held.ptsMs + usualMs : toMs, 1);
  }
}

/**
 * The decoder goes on with the first new frame that begins after the last old one began: of what it had it hears so much
 * twice. The clock counts what is heard, so audio lasts this much longer than its times say.
 *
 * @param phaseMs from the start of the old audio to the start of the new
 */
function overlapMs(phaseMs: number, frameMs: number): number {
  const behindMs = phaseMs - Math.floor(phaseMs / frameMs) * frameMs;
  return behindMs === 0 ? 0 : frameMs - behindMs;
}
