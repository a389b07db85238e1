/**
 * Turns the clip into an endless stream: puts a capture stamp first into every access unit and filler last, so
 * that the configured bitrate is reached, keyframes being larger than the rest as a real encoder's are.
 *
 * All of it that does not change from loop to loop is prepared once; per picture only some 60 bytes are new.
 */
import { ADTS_HEADER_BYTES, writeAdtsHeader } from '../media/aac.js';
import { CAPTURE_STAMP_BYTES, writeCaptureStamp } from '../media/capture-stamp.js';
import { onMetaDataBody } from '../media/flv-layout.js';
import { fillerNal, MIN_FILLER_NAL_BYTES, NAL_SEI, START_CODE } from '../media/h264.js';
import type { Clip, ClipPicture } from './clip.js';
import type { MediaUnit, StreamHeaders } from './media-unit.js';

/** How much larger than an inter picture a keyframe is made. */
const KEYFRAME_WEIGHT = 8;
const VIDEO_TAG_HEAD_BYTES = 5;
const NAL_LENGTH_BYTES = 4;
/** SEI NAL: header, payload type, payload size, stamp, trailing bits. */
const SEI_BYTES = 3 + CAPTURE_STAMP_BYTES + 1;
const SEI_TYPE_USER_DATA_UNREGISTERED = 5;
const AUD: readonly number[] = [0, 0, 0, 1, 0x09, 0xf0];

export const SRS_SERVER_NAME = 'SRS/6.0.157(Hang)';

export interface PictureTime {
  readonly dtsMs: number;
  readonly captureEpochMs: number;
  /** Frames since the publisher started. */
  readonly frameNumber: number;
  /** False: the stamp's bytes are filler (fault `no-stamps`). */
  readonly stamped: boolean;
}

interface PreparedPicture {
  readonly keyframe: boolean;
  readonly compositionMs: number;
  readonly flvRest: Buffer;
  readonly esRest: Buffer;
}

export interface Encoder {
  readonly headers: StreamHeaders;
  /** Mean size of tag bodies, bits per second, over a whole clip. */
  readonly bitsPerS: number;
  /** Picture `index` of the endless stream. */
  video(index: number, time: PictureTime): MediaUnit;
  /** AAC frame `index` of the endless stream. */
  audio(index: number, dtsMs: number, captureEpochMs: number): MediaUnit;
}

/** An encoder that plays `clip` over and over at `bitsPerS` (tag bodies, both tracks), or at the clip's own if more. */
export function createEncoder(clip: Clip, bitsPerS: number): Encoder {
  const audio = clip.audioFrames.map((frame) => prepareAudio(clip, frame));
  const audioBytes = audio.reduce((sum, frame) => sum + frame.flvRest.length, 0);
  const clipS = clip.pictures.length / clip.framesPerS;
  const videoBytesPerGop = ((bitsPerS / 8) * clipS - audioBytes) / (clip.pictures.length / clip.gopPictures);
  const unitBytes = videoBytesPerGop / (clip.gopPictures - 1 + KEYFRAME_WEIGHT);
  const pictures = clip.pictures.map((picture) => {
    return preparePicture(clip, picture, Math.round(unitBytes * (picture.keyframe ? KEYFRAME_WEIGHT : 1)));
  });
  const head = VIDEO_TAG_HEAD_BYTES + NAL_LENGTH_BYTES + SEI_BYTES;
  const videoBytes = pictures.reduce((sum, picture) => sum + head + picture.flvRest.length, 0);
  const actualBitsPerS = ((videoBytes + audioBytes) * 8) / clipS;
  return {
    headers: streamHeaders(clip, actualBitsPerS, (audioBytes * 8) / clipS),
    bitsPerS: actualBitsPerS,
    video(index, time) {
      return videoUnit(pictures[index % pictures.length] as PreparedPicture, time);
    },
    audio(index, dtsMs, captureEpochMs) {
      const frame = audio[index % audio.length] as (typeof audio)[number];
      const time = { dtsMs, ptsMs: dtsMs, captureEpochMs };
      return { kind: 'audio', keyframe: false, flvHead: EMPTY, esHead: EMPTY, ...time, ...frame };
    },
  };
}

const EMPTY = new Uint8Array(0);

function videoUnit(picture: PreparedPicture, time: PictureTime): MediaUnit {
  const flvHead = Buffer.allocUnsafe(VIDEO_TAG_HEAD_BYTES + NAL_LENGTH_BYTES + SEI_BYTES);
  flvHead[0] = picture.keyframe ? 0x17 : 0x27;
  flvHead[1] = 1;
  flvHead.writeIntBE(picture.compositionMs, 2, 3);
  flvHead.writeUInt32BE(SEI_BYTES, VIDEO_TAG_HEAD_BYTES);
  writeSei(flvHead, VIDEO_TAG_HEAD_BYTES + NAL_LENGTH_BYTES, time);
  const esHead = Buffer.allocUnsafe(AUD.length + START_CODE.length + SEI_BYTES);
  esHead.set(AUD, 0);
  esHead.set(START_CODE, AUD.length);
  flvHead.copy(esHead, AUD.length + START_CODE.length, VIDEO_TAG_HEAD_BYTES + NAL_LENGTH_BYTES);
  return {
    ...{ kind: 'video', keyframe: picture.keyframe, flvHead, esHead },
    ...{ flvRest: picture.flvRest, esRest: picture.esRest, captureEpochMs: time.captureEpochMs },
    ...{ dtsMs: time.dtsMs, ptsMs: time.dtsMs + picture.compositionMs },
  };
}

function writeSei(into: Buffer, at: number, time: PictureTime): void {
  into[at] = NAL_SEI;
  into[at + 1] = SEI_TYPE_USER_DATA_UNREGISTERED;
  into[at + 2] = CAPTURE_STAMP_BYTES;
  const captureEpochUs = Math.round(time.captureEpochMs * 1000);
  if (time.stamped) writeCaptureStamp(into, at + 3, { captureEpochUs, frameNumber: time.frameNumber });
  else into.fill(0xff, at + 3, at + 3 + CAPTURE_STAMP_BYTES);
  into[at + 3 + CAPTURE_STAMP_BYTES] = 0x80;
}

function preparePicture(clip: Clip, picture: ClipPicture, wantedBytes: number): PreparedPicture {
  const head = VIDEO_TAG_HEAD_BYTES + NAL_LENGTH_BYTES + SEI_BYTES;
  const own = picture.nals.reduce((sum, nal) => sum + NAL_LENGTH_BYTES + nal.length, 0);
  const missing = wantedBytes - head - own - NAL_LENGTH_BYTES;
  const nals = missing >= MIN_FILLER_NAL_BYTES ? [...picture.nals, fillerNal(missing)] : picture.nals;
  const sets = picture.keyframe ? [clip.avc.sps, clip.avc.pps] : [];
  return {
    keyframe: picture.keyframe,
    compositionMs: picture.compositionMs,
    flvRest: Buffer.concat(nals.flatMap((nal) => [lengthOf(nal), nal])),
    esRest: Buffer.concat([...sets, ...nals].flatMap((nal) => [START_CODE, nal])),
  };
}

function lengthOf(nal: Uint8Array): Buffer {
  const length = Buffer.alloc(NAL_LENGTH_BYTES);
  length.writeUInt32BE(nal.length);
  return length;
}

function prepareAudio(clip: Clip, frame: Uint8Array): { flvRest: Buffer; esRest: Buffer } {
  const adts = Buffer.alloc(ADTS_HEADER_BYTES);
  writeAdtsHeader(adts, 0, clip.aac, frame.length);
  return { flvRest: Buffer.concat([Buffer.of(0xaf, 1), frame]), esRest: Buffer.concat([adts, frame]) };
}

function streamHeaders(clip: Clip, bitsPerS: number, audioBitsPerS: number): StreamHeaders {
  return {
    metadata: onMetaDataBody({
      ...{ width: 480, height: 270, videodatarate: Math.round((bitsPerS - audioBitsPerS) / 1000) },
      ...{ framerate: clip.framesPerS, videocodecid: 7, audiodatarate: Math.round(audioBitsPerS / 1000) },
      ...{ audiosamplerate: clip.aac.sampleRateHz, audiosamplesize: 16, stereo: clip.aac.channelCount === 2 },
      ...{ audiocodecid: 10, server: SRS_SERVER_NAME, server_version: '6.0.157' },
    }),
    audioConfig: Buffer.concat([Buffer.of(0xaf, 0), clip.aacRecord]),
    videoConfig: Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0), clip.avcRecord]),
  };
}
