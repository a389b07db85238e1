import type { FlvCodec } from './flv-reader-tag.js';

/**
 * - `config`: sequence header
 * - `frame`: coded data
 * - `ignored`: end of sequence, commands, colour metadata: nothing to decode
 */
export type FlvPacketKind = 'config' | 'frame' | 'ignored';

/** The first bytes of an audio or video body: FLV 10.1 annex E.4.2/E.4.3, or the FourCC form of Enhanced RTMP. */
export interface FlvHead {
  codec: FlvCodec;
  packet: FlvPacketKind;
  /** The frame type says keyframe. */
  key: boolean;
  compositionMs: number;
  /** Offset of the codec's own data from the start of the body. */
  dataAt: number;
  /** Offset of the FourCC; 0 in the old form, which has none. */
  fourCcAt: number;
}

/** A head for a reader to fill. */
export function blankHead(): FlvHead {
  return { codec: 'other', packet: 'ignored', key: false, compositionMs: 0, dataAt: 0, fourCcAt: 0 };
}

/** Longest head that is read; modifiers and multitrack that do not fit make the codec `other`. */
export const FLV_HEAD_BYTES = 40;

const MODEX = 7;
const MULTITRACK_VIDEO = 6;
const MULTITRACK_AUDIO = 5;
const ONE_TRACK = 0;
const COMMAND_FRAME = 5;

/** Reads the head of a video body whose first `bytes` bytes stand at `at`. */
export function readVideoHead(buf: Uint8Array, at: number, bytes: number, head: FlvHead): void {
  blank(head);
  if (bytes < 1) return;
  const first = buf[at] as number;
  if ((first & 0x80) !== 0) {
    readEnhancedVideo(buf, at, bytes, head);
    return;
  }
  head.key = first >> 4 === 1;
  const id = first & 0x0f;
  head.codec = id === 7 ? 'avc' : id === 12 ? 'hevc' : 'other';
  if (head.codec === 'other' || bytes < 5 || first >> 4 === COMMAND_FRAME) return;
  const type = buf[at + 1] as number;
  head.packet = type === 0 ? 'config' : type === 1 ? 'frame' : 'ignored';
  head.compositionMs = type === 1 ? int24(buf, at + 2) : 0;
  head.dataAt = 5;
}

/** Reads the head of an audio body whose first `bytes` bytes stand at `at`. */
export function readAudioHead(buf: Uint8Array, at: number, bytes: number, head: FlvHead): void {
  blank(head);
  if (bytes < 1) return;
  const format = (buf[at] as number) >> 4;
  if (format === 9) {
    readEnhancedAudio(buf, at, bytes, head);
  } else if (format === 10) {
    head.codec = 'aac';
    if (bytes < 2) return;
    head.packet = buf[at + 1] === 0 ? 'config' : buf[at + 1] === 1 ? 'frame' : 'ignored';
    head.dataAt = 2;
  } else if (format === 2 || format === 14) {
    head.codec = 'mp3';
    head.packet = 'frame';
    head.dataAt = 1;
  }
}

function blank(head: FlvHead): void {
  head.codec = 'other';
  head.packet = 'ignored';
  head.key = false;
  head.compositionMs = 0;
  head.dataAt = 0;
  head.fourCcAt = 0;
}

function readEnhancedVideo(buf: Uint8Array, at: number, bytes: number, head: FlvHead): void {
  const frameType = ((buf[at] as number) >> 4) & 7;
  const type = openEnhanced(buf, at, bytes, MULTITRACK_VIDEO, head);
  if (type < 0) return;
  head.codec = videoCodec(fourCc(buf, at + head.fourCcAt));
  head.key = frameType === 1;
  if (frameType === COMMAND_FRAME || head.codec === 'other') return;
  if (type === 0) head.packet = 'config';
  else if (type === 3) head.packet = 'frame';
  else if (type === 1) {
    head.packet = 'frame';
    if (head.codec !== 'avc' && head.codec !== 'hevc') return;
    if (head.dataAt + 3 > bytes) head.packet = 'ignored';
    else {
      head.compositionMs = int24(buf, at + head.dataAt);
      head.dataAt += 3;
    }
  }
}

function readEnhancedAudio(buf: Uint8Array, at: number, bytes: number, head: FlvHead): void {
  const type = openEnhanced(buf, at, bytes, MULTITRACK_AUDIO, head);
  if (type < 0) return;
  head.codec = audioCodec(fourCc(buf, at + head.fourCcAt));
  if (head.codec === 'other') return;
  head.packet = type === 0 ? 'config' : type === 1 ? 'frame' : 'ignored';
}

/**
 * Steps over packet modifiers (size byte + 1, 256 = two bytes more + 1; then kind and next packet type) and the
 * byte of a one-track multitrack. Sets `fourCcAt` and `dataAt`; returns the packet type, -1 if the head is not
 * readable.
 */
function openEnhanced(buf: Uint8Array, at: number, bytes: number, multitrack: number, head: FlvHead): number {
  let type = (buf[at] as number) & 0x0f;
  let next = 1;
  while (type === MODEX) {
    if (next + 3 > bytes) return -1;
    let size = (buf[at + next++] as number) + 1;
    if (size === 256) {
      size = (buf[at + next] as number) * 256 + (buf[at + next + 1] as number) + 1;
      next += 2;
    }
    next += size;
    if (next >= bytes) return -1;
    type = (buf[at + next++] as number) & 0x0f;
  }
  let trackIdBytes = 0;
  if (type === multitrack) {
    if (next >= bytes) return -1;
    const byte = buf[at + next++] as number;
    if (byte >> 4 !== ONE_TRACK) return -1;
    type = byte & 0x0f;
    trackIdBytes = 1;
  }
  if (next + 4 + trackIdBytes > bytes) return -1;
  head.fourCcAt = next;
  head.dataAt = next + 4 + trackIdBytes;
  return type;
}

function fourCc(buf: Uint8Array, at: number): number {
  return (
    (buf[at] as number) * 0x1000000 +
    (((buf[at + 1] as number) << 16) | ((buf[at + 2] as number) << 8) | (buf[at + 3] as number))
  );
}

function videoCodec(code: number): FlvCodec {
  switch (code) {
    case 0x61766331: // avc1
      return 'avc';
    case 0x68766331: // hvc1
      return 'hevc';
    case 0x61763031: // av01
      return 'av1';
    case 0x76703039: // vp09
      return 'vp9';
    default:
      return 'other';
  }
}

function audioCodec(code: number): FlvCodec {
  switch (code) {
    case 0x6d703461: // mp4a
      return 'aac';
    case 0x2e6d7033: // .mp3
      return 'mp3';
    case 0x4f707573: // Opus
      return 'opus';
    default:
      return 'other';
  }
}

function int24(buf: Uint8Array, at: number): number {
  return (
    (((buf[at] as number) << 24) | ((buf[at + 1] as number) << 16) | ((buf[at + 2] as number) << 8)) >> 8
  );
}
