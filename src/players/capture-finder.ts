import type { FrameCaptureSource } from '../events.js';
import { BitReader } from '../media/bit-reader.js';
import { CAPTURE_STAMP_BYTES, readCaptureStamp } from '../media/capture-stamp.js';
import { readMisbTimeUs } from '../media/misb-time.js';
import { readObsTimingMs } from '../media/obs-metrics.js';
import { blankPictureClock, readPictureTiming } from '../media/picture-timing.js';
import { copyRbsp } from '../media/rbsp.js';
import { blankSpsTiming, readSpsTiming } from '../media/sps-timing.js';
import type { NalCodec } from './avc.js';
import { findStampInSei } from './avc-sei.js';
import { CAPTURE_RANK } from './capture-rank.js';

/** As much of one SEI unit as is searched for a capture time; longer units are skipped beyond it. */
export const SEI_SEARCH_BYTES = 512;
/** Sequence parameter sets beyond this are not read; with every option in use they stay below 200. */
export const SPS_MAX_BYTES = 256;
/** After a stamp this many pictures must come without one before anything else is searched for again. */
export const UNSTAMPED_BEFORE_SEARCH = 30;

/** SEI payload types, ISO 14496-10 D.1.1. */
const PICTURE_TIMING = 1;
const USER_DATA_UNREGISTERED = 5;

/** Of use only during one call, so that all viewers share them: a unit without emulation prevention, and its bits. */
const PLAIN = new Uint8Array(SEI_SEARCH_BYTES);
const PLAIN_SPS = new Uint8Array(SPS_MAX_BYTES);
const BITS = new BitReader();
const NOTHING = new Uint8Array(0);

/** When a picture was taken, by its own bytes. */
export interface CaptureSighting {
  source: FrameCaptureSource | undefined;
  /** Microseconds since the Unix epoch on the encoder's clock; 0 for a source that tells the time of day alone. */
  captureEpochUs: number;
  /** Milliseconds since midnight of an unnamed day and zone, of `pic_timing`; else 0. */
  captureDayMs: number;
  /** Of the stamp; else 0. */
  frameNumber: number;
}

/**
 * Finds the capture time that an access unit carries, of the sources in their order: our stamp, MISB time, OBS
 * metrics, picture timing with a clock. While stamps come, nothing else is searched for, and a stamp where we
 * write it costs no more than comparing its bytes. One per video stream; allocates nothing per picture.
 */
export class CaptureFinder {
  readonly found: CaptureSighting = {
    source: undefined,
    captureEpochUs: 0,
    captureDayMs: 0,
    frameNumber: 0,
  };
  #codec: NalCodec = 'avc';
  #unstamped = UNSTAMPED_BEFORE_SEARCH;
  /** The parameter set as it stood in the stream; made when the first one comes. */
  #sps = NOTHING;
  #spsBytes = 0;
  #spsState: 'none' | 'unread' | 'read' = 'none';
  readonly #timing = blankSpsTiming();
  readonly #clock = blankPictureClock();

  /** An access unit begins. */
  begin(codec: NalCodec): void {
    const found = this.found;
    if (found.source === 'stamp') this.#unstamped = 0;
    else if (this.#unstamped < UNSTAMPED_BEFORE_SEARCH) this.#unstamped++;
    this.#codec = codec;
    found.source = undefined;
    found.captureEpochUs = 0;
    found.captureDayMs = 0;
    found.frameNumber = 0;
  }

  /** Another stream begins: nothing that was told holds on. */
  reset(): void {
    this.found.source = undefined;
    this.#unstamped = UNSTAMPED_BEFORE_SEARCH;
    this.#spsState = 'none';
    this.#clock.known = false;
  }

  /** No SEI unit can tell more of this access unit. */
  get satisfied(): boolean {
    return this.found.source === 'stamp';
  }

  /** Stamps are absent: the other sources are looked for. */
  get searching(): boolean {
    return this.#unstamped >= UNSTAMPED_BEFORE_SEARCH;
  }

  /** SEI units behind the slices of a keyframe could tell more than is known. */
  get wantsTail(): boolean {
    return this.searching && (this.found.source === undefined || this.found.source === 'pic_timing');
  }

  /** An SEI unit from behind its NAL unit header: `bytes[from, to)`. */
  sei(bytes: Uint8Array, from: number, to: number): void {
    if (this.satisfied) return;
    if (findStampInSei(bytes, from, to, this.found)) {
      this.found.source = 'stamp';
      this.found.captureDayMs = 0;
    } else if (this.searching) this.#messages(copyRbsp(bytes, from, to, PLAIN));
  }

  /** An H.264 sequence parameter set from behind its NAL unit header: `bytes[from, to)`. */
  sps(bytes: Uint8Array, from: number, to: number): void {
    if (!this.searching) return;
    if (to - from > SPS_MAX_BYTES) {
      this.#spsState = 'none';
      return;
    }
    if (this.#spsState !== 'none' && this.#isKnownSps(bytes, from, to)) return;
    if (this.#sps === NOTHING) this.#sps = new Uint8Array(SPS_MAX_BYTES);
    for (let at = from; at < to; at++) this.#sps[at - from] = bytes[at] as number;
    this.#spsBytes = to - from;
    this.#spsState = 'unread';
    this.#clock.known = false;
  }

  /** SEI messages, ISO 14496-10 7.3.2.3.1, in the first `have` bytes of `PLAIN`. */
  #messages(have: number): void {
    const plain = PLAIN;
    let at = 0;
    // Every message takes two bytes at least, so the loop ends.
    while (at + 2 <= have) {
      let type = 0;
      let size = 0;
      while (at < have && plain[at] === 0xff) {
        type += 0xff;
        at++;
      }
      type += plain[at++] ?? 0;
      while (at < have && plain[at] === 0xff) {
        size += 0xff;
        at++;
      }
      size += plain[at++] ?? 0;
      if (at + size > have) return;
      if (type === USER_DATA_UNREGISTERED) this.#userData(at, at + size);
      else if (type === PICTURE_TIMING && this.#codec === 'avc') this.#pictureTiming(at, at + size);
      at += size;
    }
  }

  #userData(from: number, to: number): void {
    if (to - from === CAPTURE_STAMP_BYTES && readCaptureStamp(PLAIN, from, this.found)) {
      this.found.source = 'stamp';
      return;
    }
    const misbUs = readMisbTimeUs(PLAIN, from, to);
    if (!Number.isNaN(misbUs)) this.#take('misb', misbUs);
    const obsMs = readObsTimingMs(PLAIN, from, to);
    if (!Number.isNaN(obsMs)) this.#take('obs', Math.round(obsMs * 1000));
  }

  #pictureTiming(from: number, to: number): void {
    if (this.#spsState === 'unread') this.#readSps();
    if (this.#spsState !== 'read') return;
    BITS.open(PLAIN, from, to);
    if (readPictureTiming(BITS, this.#timing, this.#clock) && this.#take('pic_timing', 0))
      this.found.captureDayMs = this.#clock.dayMs;
  }

  #take(source: FrameCaptureSource, captureEpochUs: number): boolean {
    const found = this.found;
    if (!Number.isSafeInteger(captureEpochUs)) return false;
    if (found.source !== undefined && CAPTURE_RANK[found.source] <= CAPTURE_RANK[source]) return false;
    found.source = source;
    found.captureEpochUs = captureEpochUs;
    found.captureDayMs = 0;
    return true;
  }

  #isKnownSps(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from !== this.#spsBytes) return false;
    for (let at = from; at < to; at++) if (bytes[at] !== this.#sps[at - from]) return false;
    return true;
  }

  /** Read only once a picture timing message asks for it; what lies in `PLAIN` then is not lost. */
  #readSps(): void {
    BITS.open(PLAIN_SPS, 0, copyRbsp(this.#sps, 0, this.#spsBytes, PLAIN_SPS));
    this.#spsState = readSpsTiming(BITS, this.#timing) ? 'read' : 'none';
  }
}
