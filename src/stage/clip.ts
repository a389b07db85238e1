/**
 * The clip that the stage loops, read once from an FLV file that we made ourselves (scripts/make-clip.sh). This
 * is no player's reader: it knows one encoder's output and throws MediaError for anything else.
 */
import { type AacConfig, parseAacConfig } from '../media/aac.js';
import { FLV_FILE_HEADER, FLV_TAG_AUDIO, FLV_TAG_HEADER_BYTES, FLV_TAG_VIDEO } from '../media/flv-layout.js';
import { type AvcConfig, parseAvcConfig, splitAvcc } from '../media/h264.js';
import { MediaError } from '../media/media-error.js';

export interface ClipPicture {
  readonly keyframe: boolean;
  /** NAL units without length or start code. */
  readonly nals: readonly Uint8Array[];
  /** Composition offset, ms. */
  readonly compositionMs: number;
}

export interface Clip {
  readonly avc: AvcConfig;
  /** The decoder configuration record as it stands in the sequence header. */
  readonly avcRecord: Uint8Array;
  readonly aac: AacConfig;
  readonly aacRecord: Uint8Array;
  readonly pictures: readonly ClipPicture[];
  /** Raw AAC frames. */
  readonly audioFrames: readonly Uint8Array[];
  readonly framesPerS: number;
  /** Pictures from one keyframe to the next; the same throughout. */
  readonly gopPictures: number;
}

const FRAMES_PER_S = 30;

/** Reads a clip; its arrays are views into `file`. Throws MediaError when it is not one of ours. */
export function readClip(file: Buffer): Clip {
  const pictures: ClipPicture[] = [];
  const audioFrames: Uint8Array[] = [];
  let avcRecord: Uint8Array | undefined;
  let aacRecord: Uint8Array | undefined;
  let at = FLV_FILE_HEADER.length;
  while (at + FLV_TAG_HEADER_BYTES <= file.length) {
    const type = file[at];
    const bodyAt = at + FLV_TAG_HEADER_BYTES;
    const body = file.subarray(bodyAt, bodyAt + file.readUIntBE(at + 1, 3));
    if (type === FLV_TAG_VIDEO && body[1] === 0) avcRecord = body.subarray(5);
    else if (type === FLV_TAG_VIDEO && body[1] === 1) pictures.push(readPicture(body));
    else if (type === FLV_TAG_AUDIO && body[1] === 0) aacRecord = body.subarray(2);
    else if (type === FLV_TAG_AUDIO) audioFrames.push(body.subarray(2));
    at = bodyAt + body.length + 4;
  }
  if (!avcRecord || !aacRecord) throw new MediaError('clip_without_headers', file.length);
  const aac = parseAacConfig(aacRecord);
  const gopPictures = gopOf(pictures, file.length);
  return {
    ...{ avc: parseAvcConfig(avcRecord), avcRecord, aac, aacRecord, pictures, audioFrames },
    ...{ framesPerS: FRAMES_PER_S, gopPictures },
  };
}

function readPicture(body: Buffer): ClipPicture {
  return {
    keyframe: (body[0] as number) >> 4 === 1,
    nals: splitAvcc(body.subarray(5)),
    compositionMs: body.readIntBE(2, 3),
  };
}

function gopOf(pictures: readonly ClipPicture[], fileBytes: number): number {
  const second = pictures.findIndex((picture, index) => index > 0 && picture.keyframe);
  const gop = second === -1 ? pictures.length : second;
  const regular = pictures.every((picture, index) => picture.keyframe === (index % gop === 0));
  if (pictures.length === 0 || pictures.length % gop !== 0 || !regular) {
    throw new MediaError('clip_without_regular_gops', fileBytes);
  }
  return gop;
}
