import { Intervals } from './intervals.js';
import type { RendererProfile } from './profiles.js';

/**
 * The media element: from appended media and the passing of time to what a person saw. Pure; time is an
 * argument; every step is O(1) in the number of samples. The law is the browser's renderer (profiles.ts):
 *
 * ```
 *            append satisfies the start rule            playhead reaches aEnd - guard,
 *   starting ------------------------------> running    or video is missing for videoWaitMs
 *      ^                                      |  ^  \------------------------------------> stalled
 *      |  restart (page reloads the stream)   |  |        aEnd - stallM >= theta(k)           |
 *      +--------------------------------------+  +--------------------------------------------+
 *   seek: running|stalled -> seeking: the start rule applies at the new position, k = 0
 * ```
 * While running, the playhead is `m0 + (t - t0)`; nothing is evaluated between two calls: `advance` finds the
 * instants that lie between them.
 *
 * Positions are media milliseconds on the element's timeline, instants are run milliseconds.
 */

export type PlayoutState = 'idle' | 'starting' | 'running' | 'stalled' | 'seeking' | 'stopped';

/** Where playing begins: at the first buffered sample (FLV) or at a position chosen by the player (HLS). */
export type StartAt =
  | { readonly kind: 'first_sample' }
  | { readonly kind: 'position'; readonly mediaMs: number };

export interface StartDelays {
  /** From the append that completes the rule to the painted picture. */
  readonly paintMs: number;
  /** From that append to the `playing` event. */
  readonly playMs: number;
}

export interface PlayoutSink {
  /** First picture of this start is on screen. */
  painted(atMs: number): void;
  playing(atMs: number): void;
  /** The playhead runs and the picture moves. Once per start. */
  moving(atMs: number): void;
  /** A wait after playing began has lasted `rebufferMinMs`; reported while it may still go on. */
  rebufferStarted(startedAtMs: number): void;
  rebufferEnded(startedAtMs: number, endedAtMs: number, cutOff: boolean): void;
  microWait(startedAtMs: number, endedAtMs: number): void;
  frozen(startedAtMs: number, endedAtMs: number): void;
  seeked(fromMs: number, toMs: number, cause: PlayoutSeekCause, atMs: number): void;
}

export type PlayoutSeekCause = 'drift' | 'chaser' | 'jumper' | 'window' | 'hole' | 'restart';

/** Shares of wall time since the last `sample`, milliseconds. Rebuffers and freezes below their minimum count as played. */
export interface PlayoutShares {
  playedMs: number;
  stalledMs: number;
  frozenMs: number;
  /** Time spent on positions that had been played before and were not filled with new media since. */
  replayedMs: number;
}

/** Back buffer kept for positions and freezes, ms. */
const BACK_KEEP_MS = 20_000;
/** Appended samples whose timestamps jitter by less than this are continuous. */
const TRACK_TOLERANCE_MS = 60;

export class Playout {
  readonly #law: RendererProfile;
  readonly #sink: PlayoutSink;
  readonly #audio = new Intervals(TRACK_TOLERANCE_MS);
  readonly #video = new Intervals(TRACK_TOLERANCE_MS);
  /** Where real pictures are; a stretched frame is buffered video but no picture that moves. */
  readonly #shown = new Intervals(TRACK_TOLERANCE_MS, 0);

  /** Media appended over positions that had been played: new pictures at an old place (a publisher's restart). */
  readonly #rewritten = new Intervals(TRACK_TOLERANCE_MS, 0);
  #playedToMs = Number.NEGATIVE_INFINITY;
  #pendingReplayedMs = 0;

  #state: PlayoutState = 'idle';
  #hasAudio = true;
  #hasVideo = true;
  #ready = false;
  #startAt: StartAt = { kind: 'first_sample' };
  #delays: StartDelays = { paintMs: 0, playMs: 0 };
  #holeTickMs: number | undefined;
  #holePaddingMs = 0;

  /** Anchor of the line: playhead(t) = m0 + max(0, t - t0). */
  #m0 = 0;
  #t0 = 0;
  #underruns = 0;
  #stallAtMs = 0;
  #stallMediaMs = 0;
  #stallByVideo = false;
  #videoLost = false;
  #frames = 0;
  #lastMs = 0;
  #hasPlayed = false;
  #painted = false;
  #moved = false;
  #frozenSinceMs: number | undefined;

  #stallReported = false;
  #stallSharedMs = 0;
  #frozenSharedMs = 0;
  #sampledAtMs = 0;
  readonly #shares: PlayoutShares = { playedMs: 0, stalledMs: 0, frozenMs: 0, replayedMs: 0 };
  #pendingStalledMs = 0;
  #pendingFrozenMs = 0;
  #playingSinceMs: number | undefined;

  constructor(law: RendererProfile, sink: PlayoutSink) {
    this.#law = law;
    this.#sink = sink;
  }

  get state(): PlayoutState {
    return this.#state;
  }

  /** Whether `playing` happened at least once. */
  get hasPlayed(): boolean {
    return this.#hasPlayed;
  }

  /**
   * A player attaches an empty source: the first time, after a reload, or after a change of protocol. If
   * playing had begun, the person waits from now on: that wait ends with the next `playing`.
   */
  load(
    nowMs: number,
    startAt: StartAt,
    delays: StartDelays,
    hole?: { tickMs: number; paddingMs: number },
  ): void {
    this.advance(nowMs);
    if (this.#state === 'running') {
      this.#closeFrozen(nowMs);
      this.#openStall(nowMs, this.playheadMs(nowMs));
    }
    this.#audio.clear();
    this.#video.clear();
    this.#shown.clear();
    this.#rewritten.clear();
    this.#playedToMs = Number.NEGATIVE_INFINITY;
    this.#startAt = startAt;
    this.#delays = delays;
    this.#holeTickMs = hole?.tickMs;
    this.#holePaddingMs = hole?.paddingMs ?? 0;
    this.#underruns = 0;
    this.#frames = 0;
    this.#painted = false;
    this.#moved = false;
    this.#ready = false;
    this.#videoLost = false;
    this.#state = 'starting';
    this.#m0 = 0;
    this.#lastMs = nowMs;
    if (!this.#hasPlayed) this.#sampledAtMs = nowMs;
  }

  /** The position where an HLS player wants to begin is known only once a list came. */
  startFrom(startAt: StartAt): void {
    this.#startAt = startAt;
  }

  /** All sequence headers (or the first segment) are in: the tracks are known and the start rule may apply. */
  setTracks(hasAudio: boolean, hasVideo: boolean): void {
    this.#hasAudio = hasAudio;
    this.#hasVideo = hasVideo;
    this.#ready = true;
  }

  /** Continuous audio from..to (silence that a library inserts included). Call `settle` after appending. */
  appendAudio(fromMs: number, toMs: number): void {
    if (!this.#hasVideo && fromMs < this.#playedToMs - TRACK_TOLERANCE_MS) this.#rewritten.add(fromMs, toMs);
    this.#audio.add(fromMs, toMs);
  }

  /** Buffered video from..to; `frames` real pictures whose display covers from..`shownToMs`. */
  appendVideo(fromMs: number, toMs: number, shownToMs: number, frames: number): void {
    if (fromMs < this.#playedToMs - TRACK_TOLERANCE_MS) this.#rewritten.add(fromMs, toMs);
    this.#video.add(fromMs, toMs);
    this.#shown.add(fromMs, shownToMs);
    this.#frames += frames;
  }

  /** The decoder will show no further picture of this source, although audio may go on. */
  loseVideo(): void {
    this.#videoLost = true;
  }

  /** Position shown at `nowMs`, media ms. */
  playheadMs(nowMs: number): number {
    if (this.#state === 'running') return this.#m0 + Math.max(0, nowMs - this.#t0);
    if (this.#state === 'stalled') return this.#stallMediaMs;
    return this.#m0;
  }

  /** Position of the picture on screen: behind the playhead while the picture is frozen. */
  pictureMs(nowMs: number): number | undefined {
    if (!this.#moved) return undefined;
    return this.#shown.coveredUpTo(this.playheadMs(nowMs));
  }

  /** End of the media that can be played on from the playhead without a hole. */
  bufferedEndMs(nowMs: number): number {
    const at = this.playheadMs(nowMs);
    const audioEnd = this.#hasAudio ? this.#audio.endFrom(at) : Number.POSITIVE_INFINITY;
    const videoEnd = this.#hasVideo ? this.#video.endFrom(at) : Number.POSITIVE_INFINITY;
    const end = Math.min(audioEnd, videoEnd);
    return Number.isFinite(end) ? end : at;
  }

  /** Brings the model to `nowMs`: call before appending what arrived at `nowMs`. Earlier instants do nothing. */
  advance(nowMs: number): void {
    if (!(nowMs > this.#lastMs)) return;
    while (this.#state === 'running') {
      const stallAtMs = this.#nextStallAtMs();
      if (!(stallAtMs < nowMs)) break;
      this.#followPicture(stallAtMs);
      this.#stall(stallAtMs);
      this.#jumpHole(stallAtMs);
    }
    if (this.#state === 'running') this.#followPicture(nowMs);
    if (nowMs > this.#lastMs) this.#lastMs = nowMs;
    const playhead = this.playheadMs(nowMs);
    this.#audio.trimBefore(playhead - BACK_KEEP_MS);
    this.#video.trimBefore(playhead - BACK_KEEP_MS);
    this.#shown.trimBefore(playhead - BACK_KEEP_MS);
  }

  /** Applies the start and resume rules to what was appended. */
  settle(nowMs: number): void {
    if (this.#state === 'starting') this.#tryStart(nowMs);
    else if (this.#state === 'seeking') this.#tryResumeAfterSeek(nowMs);
    else if (this.#state === 'stalled') {
      this.#tryResume(nowMs);
      if (this.#state === 'stalled') this.#jumpHole(nowMs);
    }
  }

  /** Moves the playhead; the start rule then applies at the new position. */
  seek(nowMs: number, toMs: number, cause: PlayoutSeekCause): void {
    if (this.#state === 'idle' || this.#state === 'stopped') return;
    if (this.#state === 'starting') {
      this.#startAt = { kind: 'position', mediaMs: toMs };
      return;
    }
    this.advance(nowMs);
    const fromMs = this.playheadMs(nowMs);
    if (this.#state === 'running') {
      this.#closeFrozen(nowMs);
      this.#openStall(nowMs, fromMs);
    }
    this.#sink.seeked(fromMs, toMs, cause, nowMs);
    this.#m0 = toMs;
    this.#underruns = 0;
    this.#state = 'seeking';
    this.#tryResumeAfterSeek(nowMs);
  }

  /** Shares since the last call. The returned object is reused. */
  sample(nowMs: number): PlayoutShares {
    this.advance(nowMs);
    this.#reportLongWaits(nowMs);
    const shares = this.#shares;
    shares.stalledMs = this.#pendingStalledMs;
    shares.frozenMs = this.#pendingFrozenMs;
    shares.replayedMs = this.#pendingReplayedMs;
    shares.playedMs = 0;
    if (this.#playingSinceMs !== undefined) {
      const spanMs = Math.max(0, nowMs - Math.max(this.#sampledAtMs, this.#playingSinceMs));
      shares.playedMs = Math.max(0, spanMs - shares.stalledMs);
    }
    this.#pendingStalledMs = 0;
    this.#pendingFrozenMs = 0;
    this.#pendingReplayedMs = 0;
    this.#sampledAtMs = Math.max(this.#sampledAtMs, nowMs);
    return shares;
  }

  /** The viewer leaves: a running wait or freeze ends here. */
  stop(nowMs: number): void {
    this.advance(nowMs);
    this.#closeFrozen(nowMs);
    if (
      this.#hasPlayed &&
      (this.#state === 'stalled' || this.#state === 'seeking' || this.#state === 'starting')
    )
      this.#closeStall(nowMs, true);
    this.#state = 'stopped';
  }

  // --- start -------------------------------------------------------------------------------------------------

  #tryStart(nowMs: number): void {
    if (!this.#ready) return;
    if (this.#hasVideo && !this.#painted && this.#frames >= this.#law.startVideoFrames) {
      this.#painted = true;
      this.#sink.painted(nowMs + this.#delays.paintMs);
    }
    const at = this.#startPosition();
    if (at === undefined || !this.#enoughToStart(at)) return;
    const fromMs = this.#startAt.kind === 'position' ? this.#startAt.mediaMs : at;
    if (Math.abs(at - fromMs) >= 1000) this.#sink.seeked(fromMs, at, 'jumper', nowMs);
    this.#m0 = at;
    this.#begin(nowMs + this.#delays.playMs);
  }

  /** Where playing can begin with what is buffered; undefined while a flagged track is still empty. */
  #startPosition(): number | undefined {
    const audioFirst = this.#hasAudio ? this.#audio.firstMs : undefined;
    const videoFirst = this.#hasVideo ? this.#video.firstMs : undefined;
    if (this.#hasAudio && audioFirst === undefined) return undefined;
    if (this.#hasVideo && videoFirst === undefined) return undefined;
    if (this.#startAt.kind === 'position') {
      const wanted = this.#startAt.mediaMs;
      const audioFrom = this.#hasAudio ? this.#audio.coveredFrom(wanted) : wanted;
      const videoFrom = this.#hasVideo ? this.#video.coveredFrom(wanted) : wanted;
      if (audioFrom === undefined || videoFrom === undefined) return undefined;
      return Math.max(wanted, audioFrom, videoFrom);
    }
    const audio = audioFirst ?? (videoFirst as number);
    const video = videoFirst ?? audio;
    // A gap at the start shorter than this is played over: audio runs, the picture stands (player-model 2.4).
    return video - audio < this.#law.startGapMs ? audio : video;
  }

  #enoughToStart(at: number): boolean {
    if (this.#hasVideo && this.#frames < this.#law.startVideoFrames) return false;
    if (this.#hasAudio) return this.#audio.endFrom(at) - at >= this.#law.startAudioMs;
    return this.#video.endFrom(at) - at >= this.#law.videoOnlyStartMs;
  }

  #begin(playingAtMs: number): void {
    this.#t0 = playingAtMs + this.#law.startLagMs;
    this.#state = 'running';
    if (this.#hasPlayed) this.#closeStall(playingAtMs, false);
    this.#hasPlayed = true;
    this.#playingSinceMs ??= playingAtMs;
    this.#sink.playing(playingAtMs);
    if (playingAtMs > this.#lastMs) this.#lastMs = playingAtMs;
  }

  // --- running -----------------------------------------------------------------------------------------------

  #nextStallAtMs(): number {
    const at = this.playheadMs(this.#lastMs);
    let x = Number.POSITIVE_INFINITY;
    if (this.#hasAudio) {
      const audioEnd = this.#audio.endFrom(this.#audioPosition(at));
      x = this.#t0 + (audioEnd - this.#law.underrunGuardMs - this.#m0);
    }
    if (this.#hasVideo) {
      const missingAt = this.#videoMissingAt(at);
      const waitMs = this.#hasAudio ? this.#law.videoWaitMs : 0;
      x = Math.min(x, this.#t0 + (missingAt + waitMs - this.#m0));
    }
    return Math.max(x, this.#lastMs);
  }

  /** At the start audio may begin a little after the position: that gap is played over. */
  #audioPosition(at: number): number {
    const first = this.#audio.firstMs;
    return first !== undefined && first > at && first - at < this.#law.startGapMs ? first : at;
  }

  /** First position at or after `at` from which video is missing for longer than a player waits. */
  #videoMissingAt(at: number): number {
    let end = this.#video.endFrom(at);
    if (!(end > at)) end = this.#video.coveredUpTo(at) ?? at;
    for (let i = 0; i <= this.#video.count; i++) {
      const next = this.#video.nextStart(end);
      if (next === undefined || next - end >= this.#law.videoWaitMs) return end;
      end = this.#video.endFrom(next);
    }
    return end;
  }

  /** Walks the playhead from the last instant to `toMs` and notes where the picture stood still. */
  #followPicture(toMs: number): void {
    this.#followReplay(this.playheadMs(this.#lastMs), this.playheadMs(toMs));
    if (!this.#hasVideo) {
      this.#lastMs = Math.max(this.#lastMs, toMs);
      return;
    }
    let at = this.playheadMs(this.#lastMs);
    const end = this.playheadMs(toMs);
    while (at < end) {
      if (this.#frozenSinceMs === undefined) {
        const covered = this.#shown.endFrom(at);
        if (covered > at) {
          if (!this.#moved) this.#move(this.#instantOf(at));
          at = covered;
        } else this.#frozenSinceMs = this.#instantOf(at);
      } else {
        const next = this.#shown.coveredFrom(at);
        if (next === undefined || next >= end) break;
        this.#closeFrozen(this.#instantOf(next));
        at = next;
      }
    }
    this.#lastMs = Math.max(this.#lastMs, toMs);
  }

  /** Which part of from..to was played before and still holds the old media. */
  #followReplay(fromMs: number, toMs: number): void {
    const oldToMs = Math.min(toMs, this.#playedToMs);
    for (let at = fromMs; at < oldToMs; ) {
      const rewrittenTo = this.#rewritten.endFrom(at);
      if (rewrittenTo > at) {
        at = rewrittenTo;
        continue;
      }
      const next = Math.min(oldToMs, this.#rewritten.nextStart(at) ?? oldToMs);
      this.#pendingReplayedMs += next - at;
      at = next;
    }
    if (toMs > this.#playedToMs) this.#playedToMs = toMs;
  }

  #instantOf(mediaMs: number): number {
    return this.#t0 + (mediaMs - this.#m0);
  }

  #move(atMs: number): void {
    this.#moved = true;
    this.#sink.moving(atMs);
  }

  #closeFrozen(atMs: number): void {
    const sinceMs = this.#frozenSinceMs;
    if (sinceMs === undefined) return;
    this.#frozenSinceMs = undefined;
    const spanMs = atMs - sinceMs;
    if (spanMs >= this.#law.frozenMinMs) {
      this.#pendingFrozenMs += spanMs - this.#frozenSharedMs;
      this.#sink.frozen(sinceMs, atMs);
    }
    this.#frozenSharedMs = 0;
  }

  // --- stalls ------------------------------------------------------------------------------------------------

  #stall(atMs: number): void {
    const playhead = this.playheadMs(atMs);
    const audioEnd = this.#hasAudio ? this.#audio.endFrom(this.#audioPosition(playhead)) : playhead;
    // The last 50 ms are still heard: the clock stands at the end of the audio.
    const byAudio = this.#hasAudio && audioEnd - playhead <= this.#law.underrunGuardMs + 0.001;
    this.#closeFrozen(atMs);
    this.#openStall(atMs, byAudio ? Math.max(audioEnd, playhead) : playhead);
    this.#stallByVideo = !byAudio;
    this.#underruns += 1;
  }

  #openStall(atMs: number, mediaMs: number): void {
    this.#state = 'stalled';
    this.#stallAtMs = atMs;
    this.#stallByVideo = false;
    this.#stallMediaMs = mediaMs;
    this.#stallReported = false;
    this.#stallSharedMs = 0;
  }

  #closeStall(atMs: number, cutOff: boolean): void {
    const spanMs = atMs - this.#stallAtMs;
    if (spanMs >= this.#law.rebufferMinMs) {
      if (!this.#stallReported) this.#sink.rebufferStarted(this.#stallAtMs);
      this.#pendingStalledMs += spanMs - this.#stallSharedMs;
      this.#sink.rebufferEnded(this.#stallAtMs, atMs, cutOff);
    } else if (spanMs > 0) this.#sink.microWait(this.#stallAtMs, atMs);
    this.#stallReported = false;
    this.#stallSharedMs = 0;
  }

  #reportLongWaits(nowMs: number): void {
    const waiting =
      this.#state === 'stalled' ||
      this.#state === 'seeking' ||
      (this.#state === 'starting' && this.#hasPlayed);
    if (waiting && nowMs - this.#stallAtMs >= this.#law.rebufferMinMs) {
      if (!this.#stallReported) this.#sink.rebufferStarted(this.#stallAtMs);
      this.#stallReported = true;
      this.#pendingStalledMs += nowMs - this.#stallAtMs - this.#stallSharedMs;
      this.#stallSharedMs = nowMs - this.#stallAtMs;
    }
    if (this.#frozenSinceMs !== undefined && nowMs - this.#frozenSinceMs >= this.#law.frozenMinMs) {
      this.#pendingFrozenMs += nowMs - this.#frozenSinceMs - this.#frozenSharedMs;
      this.#frozenSharedMs = nowMs - this.#frozenSinceMs;
    }
  }

  #tryResume(nowMs: number): void {
    const at = this.#stallMediaMs;
    if (!this.#enoughToResume(at)) return;
    if (nowMs <= this.#stallAtMs + this.#law.undrainedMs) {
      // Nothing was seen: the line goes on unbroken, but the underrun has been counted (it sets the next theta).
      this.#state = 'running';
      return;
    }
    this.#resume(at, nowMs);
  }

  #enoughToResume(at: number): boolean {
    const law = this.#law;
    const needsVideo = this.#hasVideo && (this.#stallByVideo || !this.#videoLost);
    if (needsVideo && !(this.#video.endFrom(at) > at)) return false;
    if (!this.#hasAudio) return this.#video.endFrom(at) - at >= law.videoOnlyStartMs;
    const thetaMs = Math.min(law.resumeAudioBaseMs * 2 ** this.#underruns, law.resumeAudioCapMs);
    return this.#audio.endFrom(at) - at >= thetaMs;
  }

  #resume(at: number, nowMs: number): void {
    const playingAtMs = nowMs + this.#law.resumeDelayMs;
    this.#m0 = at;
    this.#t0 = playingAtMs + this.#law.startLagMs;
    this.#state = 'running';
    this.#closeStall(playingAtMs, false);
    this.#sink.playing(playingAtMs);
    if (playingAtMs > this.#lastMs) this.#lastMs = playingAtMs;
  }

  #tryResumeAfterSeek(nowMs: number): void {
    const wanted = this.#m0;
    const audioFrom = this.#hasAudio ? this.#audio.coveredFrom(wanted) : wanted;
    const videoFrom = this.#hasVideo ? this.#video.coveredFrom(wanted) : wanted;
    if (audioFrom === undefined || videoFrom === undefined) return;
    const at = Math.max(wanted, audioFrom, videoFrom);
    if (!this.#enoughToStart(at)) return;
    this.#resume(at, nowMs);
  }

  /** A hole with later media behind it: the library jumps over it at its next tick. */
  #jumpHole(nowMs: number): void {
    if (this.#state !== 'stalled' || this.#holeTickMs === undefined) return;
    const at = this.#stallMediaMs;
    const audioNext = this.#hasAudio ? this.#audio.coveredFrom(at + 1) : at;
    const videoNext = this.#hasVideo ? this.#video.coveredFrom(at + 1) : at;
    if (audioNext === undefined || videoNext === undefined) return;
    const holeEnd = Math.max(audioNext, videoNext);
    if (holeEnd - at < 5 || this.#audioContinues(at)) return;
    const jumpAtMs = nowMs + this.#holeTickMs / 2;
    const toMs = holeEnd + this.#holePaddingMs;
    this.#sink.seeked(at, toMs, 'hole', jumpAtMs);
    this.#m0 = toMs;
    this.#underruns = 0;
    this.#state = 'seeking';
    this.#tryResumeAfterSeek(jumpAtMs);
  }

  /** True when both tracks are buffered just behind the stall position: a wait for more data, not a hole. */
  #audioContinues(at: number): boolean {
    const audio = !this.#hasAudio || this.#audio.endFrom(at) > at;
    const video = !this.#hasVideo || this.#video.endFrom(at) > at;
    return audio && video;
  }
}
