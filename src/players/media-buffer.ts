import { Intervals } from './intervals.js';
import type { RendererProfile } from './profiles.js';

/** Where playing begins: at the first buffered sample (FLV) or at a position chosen by the player (HLS). */
export type StartAt =
  | { readonly kind: 'first_sample' }
  | { readonly kind: 'position'; readonly mediaMs: number };

/** The first sample of a timeline may lie this far behind 0. */
const NEAR_START_MS = 100;
/** Appended samples whose timestamps jitter by less than this are continuous. */
export const TRACK_TOLERANCE_MS = 60;

/**
 * What is buffered of both tracks, and the renderer's questions to it: may playing start here, go on there, and
 * where does it run dry (player-model 3.1). Positions in media milliseconds; bounded memory.
 */
export class MediaBuffer {
  readonly #law: RendererProfile;
  readonly #audio = new Intervals(TRACK_TOLERANCE_MS);
  readonly #video = new Intervals(TRACK_TOLERANCE_MS);
  #hasAudio = true;
  #hasVideo = true;
  #frames = 0;

  constructor(law: RendererProfile) {
    this.#law = law;
  }

  get hasAudio(): boolean {
    return this.#hasAudio;
  }

  get hasVideo(): boolean {
    return this.#hasVideo;
  }

  /** Enough pictures for the decoder to put out the first one. */
  get canPaint(): boolean {
    return this.#hasVideo && this.#frames >= this.#law.startVideoFrames;
  }

  /** First media position of any track, undefined when empty. */
  get firstMs(): number | undefined {
    const audio = this.#hasAudio ? this.#audio.firstMs : undefined;
    const video = this.#hasVideo ? this.#video.firstMs : undefined;
    return audio === undefined || video === undefined ? (audio ?? video) : Math.min(audio, video);
  }

  get audioLastMs(): number | undefined {
    return this.#audio.lastMs;
  }

  /** End of the last stretch where all tracks have something; undefined when there is none. */
  get lastMs(): number | undefined {
    const audio = this.#hasAudio ? this.#audio.lastMs : undefined;
    const video = this.#hasVideo ? this.#video.lastMs : undefined;
    if (this.#hasAudio && this.#hasVideo)
      return audio === undefined || video === undefined ? undefined : Math.min(audio, video);
    return audio ?? video;
  }

  /** Whether both tracks cover the start of the timeline, from near 0 to `toMs`. */
  holdsStart(toMs: number): boolean {
    if (!this.#hasAudio || !this.#hasVideo) return false;
    const from = this.bothFrom(0);
    return from !== undefined && from <= NEAR_START_MS && this.endFrom(from) >= toMs;
  }

  clear(): void {
    this.#audio.clear();
    this.#video.clear();
    this.#frames = 0;
  }

  setTracks(hasAudio: boolean, hasVideo: boolean): void {
    this.#hasAudio = hasAudio;
    this.#hasVideo = hasVideo;
  }

  appendAudio(fromMs: number, toMs: number): void {
    this.#audio.add(fromMs, toMs);
  }

  appendVideo(fromMs: number, toMs: number, frames: number): void {
    this.#video.add(fromMs, toMs);
    this.#frames += frames;
  }

  /** End of the pictures that can be decoded from `at` on. */
  videoEndFrom(at: number): number {
    return this.#video.endFrom(at);
  }

  /** Video behind `mediaMs` is gone. */
  endVideoAt(mediaMs: number): void {
    this.#video.remove(mediaMs, Number.POSITIVE_INFINITY);
  }

  trimBefore(mediaMs: number): void {
    this.#audio.trimBefore(mediaMs);
    this.#video.trimBefore(mediaMs);
  }

  /** End of what can be played on from `at` without a hole. */
  endFrom(at: number): number {
    if (!this.#hasAudio) return this.#hasVideo ? this.#video.endFrom(at) : at;
    const audioEnd = this.#audio.endFrom(at);
    return this.#hasVideo ? Math.min(audioEnd, this.#video.endFrom(at)) : audioEnd;
  }

  /** End of the longer one of both tracks: where an element ends when no more media comes. */
  lastEndFrom(at: number): number {
    const audioEnd = this.#hasAudio ? this.#audio.endFrom(at) : at;
    return this.#hasVideo ? Math.max(audioEnd, this.#video.endFrom(at)) : audioEnd;
  }

  /** End of continuous audio; a gap at the start that is played over belongs to it. */
  audioEndFrom(at: number): number {
    const first = this.#audio.firstMs;
    const from = first !== undefined && first > at && first - at < this.#law.startGapMs ? first : at;
    return this.#audio.endFrom(from);
  }

  /** First position at or after `at` from which video is missing for longer than a player waits. */
  videoMissingFrom(at: number): number {
    let end = this.#video.endFrom(at);
    if (!(end > at)) end = this.#video.coveredUpTo(at) ?? at;
    for (let i = 0; i <= this.#video.count; i++) {
      const next = this.#video.nextStart(end);
      if (next === undefined || next - end >= this.#law.videoWaitMs) return end;
      end = this.#video.endFrom(next);
    }
    return end;
  }

  /** First position at or after `at` where both tracks have something; undefined when there is none. */
  bothFrom(at: number): number | undefined {
    const audioFrom = this.#hasAudio ? this.#audio.coveredFrom(at) : at;
    const videoFrom = this.#hasVideo ? this.#video.coveredFrom(at) : at;
    return audioFrom === undefined || videoFrom === undefined
      ? undefined
      : Math.max(at, audioFrom, videoFrom);
  }

  /** Both tracks go on behind `at`. */
  continues(at: number): boolean {
    const audio = !this.#hasAudio || this.#audio.endFrom(at) > at;
    const video = !this.#hasVideo || this.#video.endFrom(at) > at;
    return audio && video;
  }

  /** Where playing can begin with what is buffered; undefined while a track that is promised is still empty. */
  startPosition(startAt: StartAt): number | undefined {
    if (startAt.kind === 'position') return this.bothFrom(startAt.mediaMs);
    const audioFirst = this.#audio.firstMs;
    const videoFirst = this.#video.firstMs;
    if (this.#hasAudio && audioFirst === undefined) return undefined;
    if (this.#hasVideo && videoFirst === undefined) return undefined;
    if (!this.#hasAudio || audioFirst === undefined) return videoFirst;
    if (!this.#hasVideo || videoFirst === undefined) return audioFirst;
    // A gap at the start shorter than this is played over: audio runs, the picture stands (player-model 2.4).
    return videoFirst - audioFirst < this.#law.startGapMs ? audioFirst : videoFirst;
  }

  /** The start rule: pictures for the decoder, and audio ahead of `at`. */
  enoughToStart(at: number): boolean {
    if (this.#hasVideo && !this.canPaint) return false;
    if (this.#hasAudio) return this.#audio.endFrom(at) - at >= this.#law.startAudioMs;
    return this.#video.endFrom(at) - at >= this.#law.videoOnlyStartMs;
  }

  /** The resume rule after underrun number `underruns`: theta = min(0.2 s * 2^k, 3 s) of audio ahead of `at`. */
  enoughToResume(at: number, underruns: number, needsVideo: boolean): boolean {
    const law = this.#law;
    if (this.#hasVideo && needsVideo && !(this.#video.endFrom(at) > at)) return false;
    if (!this.#hasAudio) return this.#video.endFrom(at) - at >= law.videoOnlyStartMs;
    const thetaMs = Math.min(law.resumeAudioBaseMs * 2 ** underruns, law.resumeAudioCapMs);
    return this.#audio.endFrom(at) - at >= thetaMs + law.resumeAudioShiftMs;
  }
}
