import type { FlvTag, FlvWrap } from './flv-reader-tag.js';

/** A step beyond this within a track is no live stream any more. */
export const FLV_TIME_JUMP_MS = 10_000;

const HALF = 2 ** 31;

/**
 * Takes the wraps out of FLV tag times: each tag against the one before it, by the signed 32-bit difference,
 * and by a wrap at 2^31 where the writer masks the sign bit away (SRS does).
 */
class FlvClock {
  #started = false;
  #raw = 0;
  #ms = 0;

  /** Where the line stands; 0 before the first `advance`. */
  get lastMs(): number {
    return this.#ms;
  }

  /** Time of `raw` (0 to 2^32 - 1) on the line; moves the line on. */
  advance(raw: number): number {
    const ms = this.place(raw);
    this.#started = true;
    this.#raw = raw;
    this.#ms = ms;
    return ms;
  }

  /** Time of `raw` on the line, which stays where it is. Before the first `advance`: `raw` as a signed number. */
  place(raw: number): number {
    if (!this.#started) return raw | 0;
    let step = (raw - this.#raw) | 0;
    if (step < FLV_TIME_JUMP_MS - HALF) step += HALF;
    else if (step > HALF - FLV_TIME_JUMP_MS) step -= HALF;
    return this.#ms + step;
  }
}

/** One track's own look at the clock: jumps and wraps are events of a track, not of the interleaving. */
class TrackClock {
  #started = false;
  #raw = 0;
  #ms = 0;
  wrapped: FlvWrap | undefined = undefined;

  /** The track's next frame. Returns its distance from the frame before, in ms; 0 for the first. Sets `wrapped`. */
  step(raw: number, ms: number): number {
    const step = this.#started ? ms - this.#ms : 0;
    this.wrapped = this.#started && step > 0 ? wrapBetween(this.#raw, raw) : undefined;
    this.#started = true;
    this.#raw = raw;
    this.#ms = ms;
    return step;
  }
}

/** Which boundary a forward step from `before` to `after` crossed. */
function wrapBetween(before: number, after: number): FlvWrap | undefined {
  if (after >= before) return before < HALF && after >= HALF ? '31' : undefined;
  return before < HALF ? '31' : '32';
}

/** The times of a connection's tags. */
export class FlvTiming {
  readonly #clock = new FlvClock();
  readonly #audio = new TrackClock();
  readonly #video = new TrackClock();

  /**
   * Sets `dtsMs`, `ptsMs` and `wrapped` of `tag`. Frames move the clock; script tags and configurations often
   * carry 0 in mid-stream and are only placed. Returns true when time jumped.
   */
  place(tag: FlvTag, compositionMs: number): boolean {
    let jumped = false;
    if (tag.frame) {
      const lastMs = this.#clock.lastMs;
      tag.dtsMs = this.#clock.advance(tag.rawTimeMs);
      const track = tag.kind === 'audio' ? this.#audio : this.#video;
      const step = track.step(tag.rawTimeMs, tag.dtsMs);
      tag.wrapped = track.wrapped;
      // Both must jump: a track that was away for long comes back where the other one is.
      jumped = Math.abs(step) > FLV_TIME_JUMP_MS && Math.abs(tag.dtsMs - lastMs) > FLV_TIME_JUMP_MS;
    } else tag.dtsMs = this.#clock.place(tag.rawTimeMs);
    tag.ptsMs = tag.dtsMs + (tag.kind === 'video' ? compositionMs : 0);
    return jumped;
  }
}
