import type { CaptureStamp } from '../media/capture-stamp.js';
import { type NalCodec, nalClass, nalHeaderBytes } from './avc.js';
import { findStampInSei } from './avc-sei.js';

/** What the beginning of an access unit tells. */
export interface AccessUnitStart {
  /** The first slice was reached: the rest of this is final. */
  decided: boolean;
  /** Parameter sets stand in front of the slice. */
  parameters: boolean;
  /** The slice is one at which decoding can begin: IDR, or an H.264 I slice behind parameter sets (hls.js's rule). */
  randomAccess: boolean;
  stamped: boolean;
  readonly stamp: CaptureStamp;
}

/** Two Exp-Golomb numbers stand well within this. */
const SLICE_HEADER_BYTES = 8;

/** A start for a reader to fill. */
export function blankAccessUnitStart(): AccessUnitStart {
  return {
    decided: false,
    parameters: false,
    randomAccess: false,
    stamped: false,
    stamp: { captureEpochUs: 0, frameNumber: 0 },
  };
}

/**
 * Reads the NAL units (ISO 14496-10 annex B) of `bytes[from, to)`, the beginning of an access unit, up to its
 * first slice. SEI units behind the slice are not looked at. Not `decided` = more bytes are needed.
 */
export function scanAccessUnitStart(
  codec: NalCodec,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: AccessUnitStart,
): void {
  out.decided = false;
  out.parameters = false;
  out.randomAccess = false;
  out.stamped = false;
  let nalAt = nextNal(bytes, from, to);
  while (nalAt < to) {
    const kind = nalClass(codec, bytes[nalAt] as number);
    if (kind === 'picture' || kind === 'random_access') {
      out.decided = true;
      out.randomAccess =
        kind === 'random_access' || (codec === 'avc' && out.parameters && isIntraSlice(bytes, nalAt + 1, to));
      return;
    }
    const following = nextNal(bytes, nalAt, to);
    if (kind === 'parameters') out.parameters = true;
    else if (kind === 'sei' && !out.stamped) {
      // A unit cut off by `to` is read again when more bytes are in; what is whole in it counts already.
      out.stamped = findStampInSei(bytes, nalAt + nalHeaderBytes(codec), following, out.stamp);
    }
    nalAt = following;
  }
}

/** First byte of the NAL unit behind the next start code (00 00 01) at or after `from`; `to` when there is none. */
function nextNal(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from + 2; at < to; ) {
    const byte = bytes[at] as number;
    if (byte > 1) at += 3;
    else if (byte === 0) at += 1;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return Math.min(at + 1, to);
    else at += 3;
  }
  return to;
}

/** Slice header of H.264 (7.3.3): first_mb_in_slice, slice_type; types 2 and 7 are I, 4 and 9 are SI. */
function isIntraSlice(bytes: Uint8Array, from: number, to: number): boolean {
  let bit = from * 8;
  const end = Math.min(to, from + SLICE_HEADER_BYTES) * 8;
  let value = 0;
  for (let field = 0; field < 2; field++) {
    let zeros = 0;
    while (bit < end && bitAt(bytes, bit) === 0) {
      zeros++;
      bit++;
    }
    value = 0;
    for (let i = 0; i <= zeros; i++, bit++) {
      if (bit >= end) return false;
      value = value * 2 + bitAt(bytes, bit);
    }
  }
  const sliceType = (value - 1) % 5;
  return sliceType === 2 || sliceType === 4;
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
}
