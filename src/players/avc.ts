/**
 * NAL unit types of H.264 (ISO 14496-10 table 7-1) and H.265 (ISO 23008-2 table 7-1), as far as a viewer that
 * decodes nothing has to tell them apart.
 */

export type NalCodec = 'avc' | 'hevc';

/**
 * - `picture`: coded slice of an ordinary picture
 * - `random_access`: coded slice at which a decoder can begin (IDR; for H.265 also CRA and BLA)
 * - `sei`: supplemental enhancement information, where the capture stamp travels
 * - `parameters`: SPS, PPS, VPS
 * - `other`: delimiters, filler, anything else
 */
export type NalClass = 'picture' | 'random_access' | 'sei' | 'parameters' | 'other';

/** Bytes of the NAL unit header: 1 for H.264, 2 for H.265. */
export function nalHeaderBytes(codec: NalCodec): number {
  return codec === 'avc' ? 1 : 2;
}

/** Class of a NAL unit by the first byte of its header. */
export function nalClass(codec: NalCodec, firstByte: number): NalClass {
  return codec === 'avc' ? avcClass(firstByte & 0x1f) : hevcClass((firstByte >> 1) & 0x3f);
}

function avcClass(type: number): NalClass {
  if (type === 5) return 'random_access';
  if (type >= 1 && type <= 4) return 'picture';
  if (type === 6) return 'sei';
  return type === 7 || type === 8 ? 'parameters' : 'other';
}

function hevcClass(type: number): NalClass {
  if (type >= 16 && type <= 21) return 'random_access';
  if (type <= 31) return 'picture';
  if (type === 39 || type === 40) return 'sei';
  return type >= 32 && type <= 34 ? 'parameters' : 'other';
}

/** Whether this first byte is that of an H.264 sequence parameter set. */
export function isAvcSps(codec: NalCodec, firstByte: number): boolean {
  return codec === 'avc' && (firstByte & 0x1f) === 7;
}
