import { isAvcSps, type NalCodec, nalClass, nalHeaderBytes } from './avc.js';
import type { CaptureFinder } from './capture-finder.js';

/** What the beginning of an access unit tells. */
export interface AccessUnitStart {
  /** The first slice was reached: the rest of this is final. */
  decided: boolean;
  /** Parameter sets stand in front of the slice. */
  parameters: boolean;
  /** The slice is one at which decoding can begin: IDR, or an H.264 I slice behind parameter sets (hls.js's rule). */
  randomAccess: boolean;
  /** Where that slice's NAL unit begins; meaningless while it is not reached. */
  sliceAt: number;
}

/** Two Exp-Golomb numbers stand well within this. */
const SLICE_HEADER_BYTES = 8;

/** A start for a reader to fill. */
export function blankAccessUnitStart(): AccessUnitStart {
  return { decided: false, parameters: false, randomAccess: false, sliceAt: 0 };
}

/**
 * Reads the NAL units (ISO 14496-10 annex B) of `bytes[from, to)`, the beginning of an access unit, up to its
 * first slice, and shows `finder` what may tell a capture time. Not `decided` = more bytes are needed, and the
 * same bytes will be read again with them.
 */
export function scanAccessUnitStart(
  codec: NalCodec,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: AccessUnitStart,
  finder: CaptureFinder,
): void {
  out.decided = false;
  out.parameters = false;
  out.randomAccess = false;
  let nalAt = nextNal(bytes, from, to);
  while (nalAt < to) {
    const kind = nalClass(codec, bytes[nalAt] as number);
    if (kind === 'picture' || kind === 'random_access') {
      out.decided = true;
      out.sliceAt = nalAt;
      out.randomAccess =
        kind === 'random_access' || (codec === 'avc' && out.parameters && isIntraSlice(bytes, nalAt + 1, to));
      return;
    }
    const following = nextNal(bytes, nalAt, to);
    if (kind === 'parameters') {
      out.parameters = true;
      if (isAvcSps(codec, bytes[nalAt] as number))
        finder.sps(bytes, nalAt + 1, endOfNal(bytes, nalAt, following, to));
    } else if (kind === 'sei' && !finder.satisfied) {
      // A unit cut off by `to` is read again when more bytes are in; what is whole in it counts already.
      finder.sei(bytes, nalAt + nalHeaderBytes(codec), endOfNal(bytes, nalAt, following, to));
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

/** End of the NAL unit at `from`, given where the next one begins: in front of its start code, if there is one. */
function endOfNal(bytes: Uint8Array, from: number, following: number, to: number): number {
  if (
    following < to ||
    (to - from > 3 && bytes[to - 1] === 1 && bytes[to - 2] === 0 && bytes[to - 3] === 0)
  ) {
    return following - 3;
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
