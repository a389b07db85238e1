import type { FrameCaptureSource, MediaErrorCode } from '../events.js';
import { unwrapTicks90k } from './pes.js';
import type { TsTrack } from './ts-reader-track.js';

/** One PES packet: an access unit of video with a coded picture, or one or more audio frames. The reader reuses the object. */
export interface TsPes {
  track: 'video' | 'audio';
  /** Presentation and decoding time in 90 kHz ticks, 33-bit wraps taken out. */
  ptsTicks90k: number;
  dtsTicks90k: number;
  /** A coded picture at which decoding can begin. */
  keyframe: boolean;
  /** Elementary stream bytes. */
  sizeBytes: number;
  /** ADTS frames that begin in this packet; 0 for video. */
  audioFrames: number;
  /** Their rate in Hz; 0 for video or when no header was readable. */
  audioSampleRate: number;
  /** A capture stamp was found before the first slice; else `frameNumber` is 0. */
  stamped: boolean;
  frameNumber: number;
  /** Where the picture's own bytes told its capture time. */
  captureSource: FrameCaptureSource | undefined;
  /** On the encoder's clock; 0 without a source, and for `pic_timing`, which tells `captureDayMs` instead. */
  captureEpochUs: number;
  /** Since midnight of an unnamed day and zone. */
  captureDayMs: number;
  /** Offset in the segment of the TS packet that began it. */
  firstByte: number;
  /** When its last byte came, in the time of `push`. */
  lastByteAtMs: number;
}

/** Receiver of what a TS reader finds. Called from within `push` and `flush`. */
export interface TsSink {
  /** A PES packet that is complete. The object is reused. */
  onPes(pes: Readonly<TsPes>): void;
  /** Wrong bytes at this offset in the segment. Each code at most once per segment. */
  onError(code: MediaErrorCode, atByte: number): void;
}

/** A PES packet for a reader to fill. */
export function blankPes(): TsPes {
  return {
    track: 'video',
    ptsTicks90k: 0,
    dtsTicks90k: 0,
    keyframe: false,
    sizeBytes: 0,
    audioFrames: 0,
    audioSampleRate: 0,
    stamped: false,
    frameNumber: 0,
    captureSource: undefined,
    captureEpochUs: 0,
    captureDayMs: 0,
    firstByte: 0,
    lastByteAtMs: 0,
  };
}

/** What `track` has put together, its times unwrapped near `lastTicks90k` (undefined: as they stand). */
export function fillPes(pes: TsPes, track: TsTrack, lastTicks90k: number | undefined): void {
  const { header, start } = track;
  const video = track.kind === 'video';
  const { found } = track.finder;
  const told = video && found.source !== undefined;
  pes.track = track.kind;
  pes.dtsTicks90k = unwrapTicks90k(header.dtsTicks90k, lastTicks90k ?? header.dtsTicks90k);
  pes.ptsTicks90k = unwrapTicks90k(header.ptsTicks90k, pes.dtsTicks90k);
  pes.keyframe = video && start.randomAccess;
  pes.sizeBytes = track.sizeBytes;
  pes.audioFrames = video ? 0 : track.adts.frames;
  pes.audioSampleRate = video ? 0 : track.adts.sampleRateHz;
  pes.stamped = told && found.source === 'stamp';
  pes.frameNumber = told ? found.frameNumber : 0;
  pes.captureSource = told ? found.source : undefined;
  pes.captureEpochUs = told ? found.captureEpochUs : 0;
  pes.captureDayMs = told ? found.captureDayMs : 0;
  pes.firstByte = track.firstByte;
  pes.lastByteAtMs = track.lastByteAtMs;
}
