/** Byte layouts of H.264 (ISO 14496-10 annex B, ISO 14496-15): NAL unit types, AVCC, filler, parameter sets. */

import { MediaError } from './media-error.js';

export const NAL_IDR = 5;
export const NAL_SEI = 6;
export const NAL_SPS = 7;
export const NAL_PPS = 8;
export const NAL_AUD = 9;
/** Filler data, ISO 14496-10 7.3.2.7: comes after the last slice of its access unit. */
export const NAL_FILLER = 12;

/** The start code of annex B in its long form. */
export const START_CODE: Readonly<Uint8Array> = Uint8Array.of(0, 0, 0, 1);

/** NAL unit type of the first byte of a NAL unit. */
export function nalType(firstByte: number): number {
  return firstByte & 0x1f;
}

export interface AvcConfig {
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
  readonly profileIdc: number;
  readonly levelIdc: number;
}

/**
 * Reads an AVCDecoderConfigurationRecord (ISO 14496-15 5.3.3.1) with one SPS, one PPS and 4-byte NAL lengths.
 * The arrays are views into `record`. Throws MediaError for anything else.
 */
export function parseAvcConfig(record: Uint8Array): AvcConfig {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  try {
    if (view.getUint8(0) !== 1 || (view.getUint8(4) & 3) !== 3) throw new MediaError('avc_config', 0);
    if ((view.getUint8(5) & 0x1f) !== 1) throw new MediaError('avc_config', 5);
    const spsBytes = view.getUint16(6);
    const ppsCountAt = 8 + spsBytes;
    if (view.getUint8(ppsCountAt) !== 1) throw new MediaError('avc_config', ppsCountAt);
    const ppsBytes = view.getUint16(ppsCountAt + 1);
    const ppsAt = ppsCountAt + 3;
    if (ppsAt + ppsBytes > record.length) throw new MediaError('avc_config', ppsAt);
    return {
      sps: record.subarray(8, 8 + spsBytes),
      pps: record.subarray(ppsAt, ppsAt + ppsBytes),
      profileIdc: view.getUint8(1),
      levelIdc: view.getUint8(3),
    };
  } catch (cause) {
    if (cause instanceof MediaError) throw cause;
    throw new MediaError('avc_config', record.length, { cause });
  }
}

/** The NAL units of an access unit in AVCC form (4-byte lengths), as views. Throws MediaError if lengths lie. */
export function splitAvcc(bytes: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new MediaError('nal_length', at);
    const size = view.getUint32(at);
    if (size === 0 || at + 4 + size > bytes.length) throw new MediaError('nal_length', at);
    nals.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return nals;
}

/** Smallest filler NAL unit: header, no 0xFF, trailing bits. */
export const MIN_FILLER_NAL_BYTES = 2;

/** A filler NAL unit of exactly `sizeBytes` (>= 2), without length or start code. */
export function fillerNal(sizeBytes: number): Uint8Array {
  const nal = new Uint8Array(sizeBytes).fill(0xff);
  nal[0] = NAL_FILLER;
  nal[sizeBytes - 1] = 0x80;
  return nal;
}
