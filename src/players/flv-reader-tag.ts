import type { FrameCaptureSource, MediaErrorCode } from '../events.js';

export type FlvCodec = 'avc' | 'hevc' | 'av1' | 'vp9' | 'aac' | 'mp3' | 'opus' | 'other';

/**
 * What a wrap of the 32-bit tag time means to mpegts.js, which reads it as a signed number:
 * - `'31'`: time passed 2^31, either masked back to 0 (SRS) or on into the sign bit: the picture stops for good
 * - `'32'`: time passed 2^32: nothing happens
 */
export type FlvWrap = '31' | '32';

/**
 * One FLV tag (FLV 10.1 annex E.4). The reader hands out the same object for every tag: copy what is kept.
 */
export interface FlvTag {
  kind: 'audio' | 'video' | 'script';
  /** Tag time with wraps taken out; milliseconds on the connection's own line. May go back if the stream does. */
  dtsMs: number;
  /** `dtsMs` plus the signed composition time of video. */
  ptsMs: number;
  /** Tag time as it stands in the bytes, 0 to 2^32 - 1. */
  rawTimeMs: number;
  /** Set on the first tag of a track behind a wrap. */
  wrapped: FlvWrap | undefined;
  /** A sequence header (decoder configuration), which is no frame and no keyframe. */
  config: boolean;
  /** A coded picture at which decoding can begin. */
  keyframe: boolean;
  /** A coded picture or an audio frame that the codec named here can decode. */
  frame: boolean;
  codec: FlvCodec;
  /** The tag's whole body, codec header included. */
  sizeBytes: number;
  /** A capture stamp was found; else `frameNumber` is 0. */
  stamped: boolean;
  frameNumber: number;
  /** Where the picture's own bytes told its capture time. */
  captureSource: FrameCaptureSource | undefined;
  /** On the encoder's clock; 0 without a source, and for `pic_timing`, which tells `captureDayMs` instead. */
  captureEpochUs: number;
  /** Since midnight of an unnamed day and zone. */
  captureDayMs: number;
  /** Duration of an audio frame: samples per frame by the rate of the stream; 0 for video. */
  audioFrameMs: number;
  /** Script tags: what onMetaData says of the tracks, where it says so. */
  metaHasAudio: boolean | undefined;
  metaHasVideo: boolean | undefined;
}

/** Receiver of what an FLV reader finds. Called from within `push` and `end`. */
export interface FlvSink {
  /** The file header's track flags. At most once. */
  onHeader(hasAudio: boolean, hasVideo: boolean): void;
  /** A tag whose last byte and trailer are in. The object is reused. */
  onTag(tag: Readonly<FlvTag>): void;
  /** Wrong bytes at this offset from the start of the body. */
  onError(code: MediaErrorCode, atByte: number): void;
}

/** A tag for a reader to fill. */
export function blankTag(): FlvTag {
  return {
    kind: 'script',
    dtsMs: 0,
    ptsMs: 0,
    rawTimeMs: 0,
    wrapped: undefined,
    config: false,
    keyframe: false,
    frame: false,
    codec: 'other',
    sizeBytes: 0,
    stamped: false,
    frameNumber: 0,
    captureSource: undefined,
    captureEpochUs: 0,
    captureDayMs: 0,
    audioFrameMs: 0,
    metaHasAudio: undefined,
    metaHasVideo: undefined,
  };
}

/** Everything that depends on the body, back to "nothing seen yet". */
export function clearTag(tag: FlvTag): void {
  tag.wrapped = undefined;
  tag.config = false;
  tag.keyframe = false;
  tag.frame = false;
  tag.codec = 'other';
  tag.stamped = false;
  tag.frameNumber = 0;
  tag.captureSource = undefined;
  tag.captureEpochUs = 0;
  tag.captureDayMs = 0;
  tag.audioFrameMs = 0;
  tag.metaHasAudio = undefined;
  tag.metaHasVideo = undefined;
}
