import { MediaBuffer, type StartAt, TRACK_TOLERANCE_MS } from './media-buffer.js';
import { MissedVideo } from './missed-video.js';
import { OverwrittenPictures } from './overwritten-pictures.js';
import { type PictureSink, PictureTrack } from './picture-track.js';
import type { HoleJump, RendererProfile } from './profiles.js';
import { nextTickAtMs } from './retry.js';
import { WaitLedger, type WaitSink } from './wait-ledger.js';
import { type WallShares, WallTime } from './wall-time.js';

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

export type PlayoutState = 'idle' | 'starting' | 'running' | 'stalled' | 'seeking' | 'ended' | 'stopped';

export interface StartDelays {
  /** From the append that completes the rule to the painted picture. */
  readonly paintMs: number;
  /** From that append to the `playing` event. */
  readonly playMs: number;
}

/** How the library jumps over a hole with later media behind it. */
export interface HoleJumpRule extends HoleJump {
  /** It looks this often, and did so at `phaseMs` for the first time. */
  readonly tickMs: number;
  readonly phaseMs: number;
}

export interface PlayoutSink extends WaitSink, PictureSink {
  /** First picture of this start is on screen. */
  painted(atMs: number): void;
  playing(atMs: number): void;
  /** All media has been played and no more will come. */
  ended(atMs: number): void;
  seeked(fromMs: number, toMs: number, cause: PlayoutSeekCause, atMs: number): void;
  /** The element entered a state, at an instant that may lie before the call; for whoever watches it closely. */
  entered?(state: PlayoutState, atMs: number): void;
}

export type PlayoutSeekCause = 'drift' | 'chaser' | 'jumper' | 'window' | 'hole' | 'restart';

/** Time since the last `sample`, ms. Freezes and replays are parts of the time played. */
export interface PlayoutShares extends WallShares {
  frozenMs: number;
  /** Time spent on positions that had been played before and were not filled with new media since. */
  replayedMs: number;
}

/** Back buffer kept for positions and freezes, ms. */
const BACK_KEEP_MS = 20_000;
/** A position this little before buffered media is as good as in it. */
const SEEK_SLACK_MS = 5;

export class Playout {
  readonly #law: RendererProfile;
  readonly #sink: PlayoutSink;
  readonly #buffer: MediaBuffer;
  readonly #picture: PictureTrack;
  readonly #overwritten = new OverwrittenPictures();
  readonly #waits: WaitLedger;

  #state: PlayoutState = 'idle';
  #ready = false;
  #startAt: StartAt = { kind: 'first_sample' };
  #delays: StartDelays = { paintMs: 0, playMs: 0 };
  #loadedAtMs = 0;
  #jumpAtMs: number | undefined;
  #hole: HoleJumpRule | undefined;

  #soughtAtMs = 0;
  /** Anchor of the line: playhead(t) = m0 + max(0, t - t0). */
  #m0 = 0;
  #t0 = 0;
  #underruns = 0;
  /** Of the latest underrun. */
  #stallAtMs = 0;
  #stallMediaMs = 0;
  #stallByVideo = false;
  #videoLost = false;
  #missed: MissedVideo | undefined;
  #lastMs = 0;
  #hasPlayed = false;
  #painted = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #finished = false;
  #sourceEnded = false;
  readonly #wall = new WallTime();

  constructor(law: RendererProfile, sink: PlayoutSink) {
    this.#law = law;
    this.#sink = sink;
    this.#buffer = new MediaBuffer(law);
    this.#picture = new PictureTrack(law, TRACK_TOLERANCE_MS, sink);
    this.#waits = new WaitLedger(law.rebufferMinMs, sink, this.#wall);
  }

  get state(): PlayoutState {
    return this.#state;
  }

  /** Whether `playing` happened at least once. */
  get hasPlayed(): boolean {
    return this.#hasPlayed;
  }

  /** Whether a rebuffer is running, as of the last `sample`. */
  get rebuffering(): boolean {
    return this.#waits.rebuffering;
  }

  /** Whether the picture stands still although the clock runs, as of the last `sample`. */
  get frozen(): boolean {
    return this.#picture.frozen;
  }

  /**
   * A player attaches an empty source: the first time, after a reload, or after a change of protocol. If
   * playing had begun, the person waits from now on: that wait ends with the next `playing`.
   */
  load(nowMs: number, startAt: StartAt, delays: StartDelays, hole?: HoleJumpRule): void {
    this.advance(nowMs);
    if (this.#state === 'running') {
      this.#picture.stand(nowMs);
      this.#openStall(nowMs, this.playheadMs(nowMs));
    } else if (this.#state === 'ended') this.#waits.open(nowMs, false);
    this.#buffer.clear();
    this.#picture.clear();
    this.#overwritten.clear();
    this.#startAt = startAt;
    this.#delays = delays;
    this.#hole = hole;
    this.#underruns = 0;
    this.#painted = false;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
    this.#ready = false;
    this.#videoLost = false;
    this.#missed = undefined;
    this.#enter('starting', nowMs);
    this.#m0 = 0;
    this.#lastMs = nowMs;
    this.#loadedAtMs = nowMs;
    this.#jumpAtMs = undefined;
    this.#finished = false;
    this.#sourceEnded = false;
    this.#wall.begin(nowMs);
  }

  /** Whether both tracks are still there from the start of the timeline on, for `forMs` at least. */
  holdsStart(forMs: number): boolean {
    return this.#hasPlayed && this.#buffer.holdsStart(forMs);
  }

  /**
   * Right after `load`: the element is back at position 0 and plays what had been kept of the start, as far as it
   * was decoded, from `playingAtMs` on; new media joins it.
   */
  playOld(playingAtMs: number, audioMs: number, picturesMs: number): void {
    this.#buffer.appendAudio(0, audioMs);
    this.appendVideo(0, picturesMs, picturesMs, 1);
    this.#ready = true;
    this.#painted = true;
    this.#begin(playingAtMs);
  }

  /** The position where an HLS player wants to begin is known only once a list came. */
  startFrom(startAt: StartAt): void {
    this.#startAt = startAt;
  }

  /** However early its media is there, this start shows nothing before `atMs`. */
  notBefore(atMs: number): void {
    this.#notBeforeMs = atMs;
  }

  /** All sequence headers (or the first segment) are in: the tracks are known and the start rule may apply. */
  setTracks(hasAudio: boolean, hasVideo: boolean): void {
    this.#buffer.setTracks(hasAudio, hasVideo);
    this.#ready = true;
  }

  /** Continuous audio from..to (silence that a library inserts included). Call `settle` after appending. */
  appendAudio(fromMs: number, toMs: number): void {
    if (!this.#buffer.hasVideo) this.#picture.append(fromMs, toMs, fromMs);
    this.#buffer.appendAudio(fromMs, toMs);
  }

  /**
   * Buffered video from..to; `frames` real pictures whose display covers from..`shownToMs`, or what of it lies
   * behind `seenFromMs`.
   */
  appendVideo(fromMs: number, toMs: number, shownToMs: number, frames: number, seenFromMs = fromMs): void {
    if (this.#missed !== undefined) {
      this.#missed.append(fromMs, toMs, shownToMs, frames);
      return;
    }
    if (seenFromMs < toMs) this.#picture.append(Math.max(fromMs, seenFromMs), toMs, shownToMs);
    this.#buffer.appendVideo(fromMs, toMs, frames);
  }

  /** Usual step between the pictures of a stream of fewer than 10 a second; undefined for any other. */
  set slowStepMs(stepMs: number | undefined) {
    this.#picture.slowStepMs = stepMs;
  }

  /** The picture before a stretch that was appended is on screen all that time, as it is in a slow stream. */
  showPicture(fromMs: number, toMs: number): void {
    if (this.#missed === undefined) this.#picture.show(fromMs, toMs);
  }

  /** The other way round: it stands there. */
  hidePicture(fromMs: number, toMs: number): void {
    this.#picture.lose(fromMs, toMs);
  }

  /**
   * Right before pictures are appended to a source in which others may lie there already: from where on the new ones
   * will be seen, undefined when they never are. `keysMs` = where decoding can begin.
   */
  overwrite(fromMs: number, toMs: number, keysMs: readonly number[]): number | undefined {
    const atMs = this.playheadMs(this.#lastMs);
    const { seenFromMs, lostFromMs, lostToMs, endMs } = this.#overwritten.write(
      fromMs,
      toMs,
      keysMs,
      atMs + this.#law.decodeAheadMs,
      this.#buffer.videoEndFrom(atMs),
    );
    this.#picture.lose(lostFromMs, lostToMs);
    this.#buffer.endVideoAt(endMs);
    return seenFromMs;
  }

  /** The decoder will show no further picture of this source, although audio may go on. */
  loseVideo(): void {
    this.#videoLost = true;
  }

  /** The video that comes from now on begins behind a hole that the decoder does not get over: a seek ends that. */
  missVideo(): void {
    this.#missed = new MissedVideo();
  }

  /** Position shown at `nowMs`, media ms. */
  playheadMs(nowMs: number): number {
    if (this.#state === 'running') return this.#m0 + Math.max(0, nowMs - this.#t0);
    if (this.#state === 'stalled') return this.#stallMediaMs;
    return this.#m0;
  }

  /** Position of the picture on screen: behind the playhead while the picture is frozen. */
  pictureMs(nowMs: number): number | undefined {
    return this.#picture.pictureMs(this.playheadMs(nowMs));
  }

  /** End of the media that can be played on from the playhead without a hole. */
  bufferedEndMs(nowMs: number): number {
    return this.#buffer.endFrom(this.playheadMs(nowMs));
  }

  /** End of all that is buffered, whatever holes lie before it; undefined when nothing is. */
  get lastEndMs(): number | undefined {
    const endMs = this.#buffer.lastMs;
    const missedMs = this.#missed?.lastMs;
    if (missedMs === undefined) return endMs;
    return this.#buffer.hasAudio ? Math.min(this.#buffer.audioLastMs ?? missedMs, missedMs) : missedMs;
  }

  /** Brings the model to `nowMs`: call before appending what arrived at `nowMs`. Earlier instants do nothing. */
  advance(nowMs: number): void {
    if (!(nowMs > this.#lastMs)) return;
    while (this.#state === 'running') {
      const stallAtMs = this.#nextStallAtMs();
      if (!(stallAtMs < nowMs)) break;
      this.#follow(stallAtMs);
      if (this.#finished) {
        this.#end(stallAtMs);
        break;
      }
      this.#stall(stallAtMs);
      this.#jumpHole(stallAtMs);
    }
    if (this.#state === 'running') this.#follow(nowMs);
    if (nowMs > this.#lastMs) this.#lastMs = nowMs;
    const playhead = this.playheadMs(nowMs);
    this.#buffer.trimBefore(playhead - BACK_KEEP_MS);
    this.#picture.trimBefore(playhead - BACK_KEEP_MS);
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
    if (this.#state === 'idle' || this.#state === 'ended' || this.#state === 'stopped') return;
    if (this.#state === 'starting') {
      this.#startAt = { kind: 'position', mediaMs: toMs };
      return;
    }
    this.advance(nowMs);
    this.#findMissed();
    const fromMs = this.playheadMs(nowMs);
    if (this.#state === 'running') {
      this.#picture.stand(nowMs);
      this.#openStall(nowMs, fromMs, true);
    }
    this.#sink.seeked(fromMs, toMs, cause, nowMs);
    this.#soughtAtMs = nowMs;
    this.#overwritten.seek();
    this.#m0 = toMs;
    this.#underruns = 0;
    this.#enter('seeking', nowMs);
    this.#tryResumeAfterSeek(nowMs);
  }

  #findMissed(): void {
    const stretches = this.#missed?.stretches ?? [];
    this.#missed = undefined;
    for (const { fromMs, toMs, shownToMs, frames } of stretches)
      this.appendVideo(fromMs, toMs, shownToMs, frames);
  }

  /** Shares since the last call; a wait that is too short yet to be told apart is in none of them. */
  sample(nowMs: number): PlayoutShares {
    this.advance(nowMs);
    this.#waits.note(nowMs);
    const frozenMs = this.#picture.takeFrozenMs(nowMs);
    return { ...this.#wall.take(nowMs), frozenMs, replayedMs: this.#picture.takeReplayedMs() };
  }

  /** No more media will come: what is buffered plays to its very end, then the element has ended. */
  finish(nowMs: number): void {
    this.advance(nowMs);
    this.#finished = true;
    if (this.#state === 'stalled' || this.#state === 'seeking') this.#end(nowMs);
  }

  /**
   * The library has said that its stream is over, and the page waits for it to go on: what is buffered plays to its
   * very end, without the distance to it that a renderer keeps while more may come; there the person waits.
   */
  endOfStream(nowMs: number): void {
    this.advance(nowMs);
    this.#sourceEnded = true;
    if (this.#state !== 'stalled') return;
    const at = this.#stallMediaMs;
    if (this.#buffer.lastEndFrom(at) > at) this.#resume(at, nowMs);
  }

  /** Nothing will ever play: whoever has not seen anything yet is not joining any more. */
  abandon(nowMs: number): void {
    if (!this.#hasPlayed) this.#wall.turn('ended', nowMs);
  }

  /** The viewer leaves: a running wait or freeze ends here. */
  stop(nowMs: number): void {
    this.advance(nowMs);
    this.#picture.stand(nowMs);
    this.#waits.close(nowMs, true);
    this.#enter('stopped', nowMs);
  }

  #end(atMs: number): void {
    this.#m0 = this.playheadMs(atMs);
    this.#picture.stand(atMs);
    this.#waits.close(atMs, true);
    this.#wall.turn('ended', atMs);
    this.#enter('ended', atMs);
    this.#sink.ended(atMs);
  }

  #enter(state: PlayoutState, atMs: number): void {
    this.#state = state;
    this.#sink.entered?.(state, atMs);
  }

  // --- start -------------------------------------------------------------------------------------------------

  #tryStart(nowMs: number): void {
    if (!this.#ready) return;
    const at = this.#buffer.startPosition(this.#startAt);
    const fromMs = this.#startAt.kind === 'position' ? this.#startAt.mediaMs : (this.#buffer.firstMs ?? 0);
    const gapMs = at === undefined ? 0 : at - fromMs;
    const jumps = this.#startAt.kind === 'first_sample' && gapMs >= this.#law.startGapMs;
    const readyAtMs = jumps ? Math.max(nowMs, this.#jumperAtMs(nowMs)) : nowMs;
    if (!this.#painted && this.#buffer.canPaint) {
      this.#painted = true;
      this.#sink.painted(Math.max(readyAtMs + this.#delays.paintMs, this.#notBeforeMs));
    }
    if (at === undefined || !this.#buffer.enoughToStart(at)) return;
    if (jumps || Math.abs(gapMs) >= 1000) this.#sink.seeked(fromMs, at, 'jumper', readyAtMs);
    this.#m0 = at;
    this.#begin(Math.max(readyAtMs + this.#delays.playMs, this.#notBeforeMs));
  }

  /** The library jumps over a gap at the start when the element next tells it of progress. */
  #jumperAtMs(nowMs: number): number {
    const everyMs = this.#law.progressEveryMs;
    this.#jumpAtMs ??= this.#loadedAtMs + Math.ceil((nowMs - this.#loadedAtMs) / everyMs) * everyMs;
    return this.#jumpAtMs;
  }

  #begin(playingAtMs: number): void {
    this.#t0 = playingAtMs + this.#law.startLagMs;
    this.#enter('running', playingAtMs);
    this.#waits.close(playingAtMs, false);
    if (!this.#hasPlayed) this.#wall.turn('played', playingAtMs);
    this.#hasPlayed = true;
    this.#sink.playing(playingAtMs);
    if (playingAtMs > this.#lastMs) this.#lastMs = playingAtMs;
  }

  // --- running -----------------------------------------------------------------------------------------------

  #nextStallAtMs(): number {
    const at = this.playheadMs(this.#lastMs);
    const buffer = this.#buffer;
    if (this.#finished || this.#sourceEnded)
      return Math.max(this.#t0 + (buffer.lastEndFrom(at) - this.#m0), this.#lastMs);
    let x = Number.POSITIVE_INFINITY;
    if (buffer.hasAudio) x = this.#t0 + (buffer.audioEndFrom(at) - this.#law.underrunGuardMs - this.#m0);
    if (buffer.hasVideo) {
      const waitMs = buffer.hasAudio ? this.#law.videoWaitMs : 0;
      x = Math.min(x, this.#t0 + (buffer.videoMissingFrom(at) + waitMs - this.#m0));
    }
    return Math.max(x, this.#lastMs);
  }

  /** Walks the playhead from the last instant to `toMs`. */
  #follow(toMs: number): void {
    const from = this.playheadMs(this.#lastMs);
    const to = this.playheadMs(toMs);
    if (this.#buffer.hasVideo) this.#picture.follow(from, to, { mediaMs: this.#m0, atMs: this.#t0 });
    else this.#picture.followReplay(from, to);
    this.#lastMs = Math.max(this.#lastMs, toMs);
  }

  // --- stalls ------------------------------------------------------------------------------------------------

  #stall(atMs: number): void {
    const playhead = this.playheadMs(atMs);
    const { hasAudio } = this.#buffer;
    const audioEnd = hasAudio ? this.#buffer.audioEndFrom(playhead) : playhead;
    // The last 50 ms are still heard: the clock stands at the end of the audio.
    const byAudio =
      hasAudio && !this.#sourceEnded && audioEnd - playhead <= this.#law.underrunGuardMs + 0.001;
    this.#picture.stand(atMs);
    this.#openStall(atMs, byAudio ? Math.max(audioEnd, playhead) : playhead);
    this.#stallByVideo = !byAudio;
    this.#underruns += 1;
  }

  #openStall(atMs: number, mediaMs: number, bySeek = false): void {
    this.#enter('stalled', atMs);
    this.#stallAtMs = atMs;
    this.#stallByVideo = false;
    this.#stallMediaMs = mediaMs;
    this.#waits.open(atMs, bySeek);
  }

  #tryResume(nowMs: number): void {
    const at = this.#stallMediaMs;
    const needsVideo = this.#stallByVideo || !this.#videoLost;
    if (!this.#buffer.enoughToResume(at, this.#underruns, needsVideo)) return;
    if (nowMs <= this.#stallAtMs + this.#law.undrainedMs) {
      // Nothing was seen: the line goes on unbroken, but the underrun has been counted (it sets the next theta).
      this.#waits.dismiss();
      this.#enter('running', this.#stallAtMs);
      return;
    }
    this.#resume(at, nowMs);
  }

  #resume(at: number, nowMs: number): void {
    const playingAtMs = nowMs + this.#law.resumeDelayMs;
    this.#picture.goOn(at);
    this.#m0 = at;
    this.#t0 = playingAtMs + this.#law.startLagMs;
    this.#enter('running', playingAtMs);
    this.#waits.close(playingAtMs, false);
    this.#sink.playing(playingAtMs);
    if (playingAtMs > this.#lastMs) this.#lastMs = playingAtMs;
  }

  #tryResumeAfterSeek(nowMs: number): void {
    const at = this.#buffer.bothFrom(this.#m0);
    if (at === undefined || !this.#buffer.enoughToStart(at)) return;
    if (this.#hole === undefined || at - this.#m0 < SEEK_SLACK_MS) {
      this.#resume(at, nowMs);
      return;
    }
    // The new position lies before what is buffered. At the first tick behind the seek the library sees that the
    // position moved; at one of the next it jumps again.
    const { tickMs, phaseMs, pastMs, leastMs } = this.#hole;
    const movedAtMs = nextTickAtMs(this.#soughtAtMs, phaseMs, tickMs);
    const jumpAtMs = nextTickAtMs(Math.max(nowMs, movedAtMs + tickMs), phaseMs, tickMs);
    const toMs = Math.max(at + pastMs, this.#m0 + leastMs);
    this.#sink.seeked(this.#m0, toMs, 'hole', jumpAtMs);
    this.#resume(toMs, jumpAtMs);
  }

  /** A hole with later media behind it: the library jumps over it at its next tick. */
  #jumpHole(nowMs: number): void {
    if (this.#state !== 'stalled' || this.#hole === undefined) return;
    const at = this.#stallMediaMs;
    const holeEnd = this.#buffer.bothFrom(at + 1);
    if (holeEnd === undefined || holeEnd - at < 5 || this.#buffer.continues(at)) return;
    const { tickMs, phaseMs, pastMs, leastMs } = this.#hole;
    const jumpAtMs = nextTickAtMs(nowMs, phaseMs, tickMs);
    const toMs = Math.max(holeEnd + pastMs, at + leastMs);
    this.#sink.seeked(at, toMs, 'hole', jumpAtMs);
    this.#m0 = toMs;
    this.#underruns = 0;
    this.#enter('seeking', jumpAtMs);
    this.#tryResumeAfterSeek(jumpAtMs);
  }
}
