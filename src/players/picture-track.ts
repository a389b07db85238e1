import { Intervals } from './intervals.js';
import { STANDS_AFTER_STEPS } from './pace.js';
import type { RendererProfile } from './profiles.js';

/** Timestamps and the start lag blur the length of a gap at the start by this much. */
const START_SLACK_MS = 100;

/** Who is told what the picture did. Instants in run milliseconds. */
export interface PictureSink {
  /** The playhead runs and the picture moves. Once per start. */
  moving(atMs: number): void;
  frozen(startedAtMs: number, endedAtMs: number): void;
}

/** A stretch of the playhead's line: media position `mediaMs` is shown at instant `atMs`, at normal speed. */
export interface Line {
  readonly mediaMs: number;
  readonly atMs: number;
}

/**
 * Where real pictures lie on the timeline, and what the playhead made of them: it moves, it stands still although
 * the clock runs (frozen), or it shows again what was shown before (replayed).
 */
export class PictureTrack {
  readonly #law: RendererProfile;
  readonly #sink: PictureSink;
  readonly #toleranceMs: number;
  /** Real pictures; a stretched frame is buffered video but no picture that moves. */
  readonly #shown: Intervals;
  /** New media at positions that had been played (a publisher's restart): no replay. */
  readonly #rewritten: Intervals;
  /** Usual step of a slow stream, whose pictures stand longer before anybody calls them frozen. */
  slowStepMs: number | undefined;
  #playedToMs = Number.NEGATIVE_INFINITY;
  #moved = false;
  /** Where the clock went on without a picture: the first one behind is on screen although its time has not come. */
  #aheadOfMs: number | undefined;
  #frozenSinceMs: number | undefined;
  /** How much of the running freeze has been given out as a share already. */
  #frozenSharedMs = 0;
  #pendingFrozenMs = 0;
  #pendingReplayedMs = 0;

  constructor(law: RendererProfile, toleranceMs: number, sink: PictureSink) {
    this.#law = law;
    this.#toleranceMs = toleranceMs;
    this.#sink = sink;
    this.#shown = new Intervals(toleranceMs, 0);
    this.#rewritten = new Intervals(toleranceMs, 0);
  }

  /** Whether a freeze is running that counted as one when its share was last taken. */
  get frozen(): boolean {
    return this.#frozenSinceMs !== undefined && this.#frozenSharedMs > 0;
  }

  /** An empty source was attached. */
  clear(): void {
    this.#shown.clear();
    this.#rewritten.clear();
    this.#playedToMs = Number.NEGATIVE_INFINITY;
    this.#aheadOfMs = undefined;
    this.#moved = false;
  }

  /** Media was appended at from..to; real pictures cover from..`shownToMs`. */
  append(fromMs: number, toMs: number, shownToMs: number): void {
    if (fromMs < this.#playedToMs - this.#toleranceMs) this.#rewritten.add(fromMs, toMs);
    this.#shown.add(fromMs, shownToMs);
  }

  /** A stretch of appended media holds a real picture after all. */
  show(fromMs: number, toMs: number): void {
    this.#shown.add(fromMs, toMs);
  }

  /** Pictures that nobody will see: others were written over them, or over what they depend on. */
  lose(fromMs: number, toMs: number): void {
    this.#shown.remove(fromMs, toMs);
  }

  trimBefore(mediaMs: number): void {
    this.#shown.trimBefore(mediaMs);
  }

  /**
   * Position of the picture on screen at playhead `mediaMs`: before it while the picture stands, behind it where one
   * was painted ahead of its time. Undefined before the first one moved.
   */
  pictureMs(mediaMs: number): number | undefined {
    if (!this.#moved) return undefined;
    const aheadMs = this.#aheadOfMs === undefined ? undefined : this.#shown.nextStart(this.#aheadOfMs);
    return aheadMs !== undefined && mediaMs < aheadMs ? aheadMs : this.#shown.coveredUpTo(mediaMs);
  }

  /**
   * The clock, which stood, runs again from `mediaMs` on. Where the renderer has run out of pictures for that position
   * it lets go of the last one and paints the first that the decoder gives it, long before its time: a person sees a
   * fresh picture that then stands until the clock has caught up with it.
   */
  goOn(mediaMs: number): void {
    this.#aheadOfMs = this.#shown.endFrom(mediaMs) > mediaMs ? undefined : mediaMs;
  }

  /** The playhead ran from `fromMs` to `toMs` (media) along `line`. */
  follow(fromMs: number, toMs: number, line: Line): void {
    this.followReplay(fromMs, toMs);
    if (this.#aheadOfMs !== undefined && this.#shown.endFrom(toMs) > toMs) this.#aheadOfMs = undefined;
    const instantOf = (mediaMs: number): number => line.atMs + (mediaMs - line.mediaMs);
    let at = fromMs;
    while (at < toMs) {
      if (this.#frozenSinceMs === undefined) {
        const covered = this.#shown.endFrom(at);
        if (covered > at) {
          if (!this.#moved) this.#move(instantOf(at));
          at = covered;
        } else this.#frozenSinceMs = instantOf(at);
      } else {
        const next = this.#shown.coveredFrom(at);
        if (next === undefined || next >= toMs) break;
        this.stand(instantOf(next));
        at = next;
      }
    }
  }

  /** Which part of from..to was played before and still holds the old media. */
  followReplay(fromMs: number, toMs: number): void {
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

  /** The clock stands, or the picture moves on: a freeze that was running ends here. */
  stand(atMs: number): void {
    const sinceMs = this.#frozenSinceMs;
    if (sinceMs === undefined) return;
    this.#frozenSinceMs = undefined;
    const spanMs = atMs - sinceMs;
    if (this.#counts(spanMs)) {
      this.#pendingFrozenMs += spanMs - this.#frozenSharedMs;
      this.#sink.frozen(sinceMs, atMs);
    }
    this.#frozenSharedMs = 0;
  }

  /** Frozen time since the last call, a freeze that runs up to `nowMs` included. */
  takeFrozenMs(nowMs: number): number {
    const sinceMs = this.#frozenSinceMs;
    if (sinceMs !== undefined && this.#counts(nowMs - sinceMs)) {
      this.#pendingFrozenMs += nowMs - sinceMs - this.#frozenSharedMs;
      this.#frozenSharedMs = nowMs - sinceMs;
    }
    const shareMs = this.#pendingFrozenMs;
    this.#pendingFrozenMs = 0;
    return shareMs;
  }

  /** Time spent on old media since the last call. */
  takeReplayedMs(): number {
    const shareMs = this.#pendingReplayedMs;
    this.#pendingReplayedMs = 0;
    return shareMs;
  }

  /**
   * Before the picture has moved for the first time a start in the middle of a GOP is played over: that belongs
   * to the start (`moving` says how long it took) unless it lasts longer than such a gap can.
   */
  #counts(spanMs: number): boolean {
    const slowMs = (STANDS_AFTER_STEPS - 1) * (this.slowStepMs ?? 0);
    const leastMs = this.#moved ? this.#law.frozenMinMs : this.#law.startGapMs + START_SLACK_MS;
    return spanMs >= Math.max(leastMs, slowMs);
  }

  #move(atMs: number): void {
    this.#moved = true;
    this.#sink.moving(atMs);
  }
}
