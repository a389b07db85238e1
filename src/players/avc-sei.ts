import { CAPTURE_STAMP_BYTES, type CaptureStamp, readCaptureStamp } from '../media/capture-stamp.js';

/** SEI payload type user_data_unregistered, ISO 14496-10 D.1.7. */
const USER_DATA_UNREGISTERED = 5;

/**
 * Looks for a capture stamp in the SEI messages of `bytes[from, to)`, which begins behind the NAL unit header.
 * Several messages may share the unit, types and sizes above 255 take more bytes, and emulation prevention
 * bytes are no part of a size (ISO 14496-10 7.3.2.3, 7.4.1). False, and `out` untouched, when there is none.
 */
export function findStampInSei(bytes: Uint8Array, from: number, to: number, out: CaptureStamp): boolean {
  if (isOwnLayout(bytes, from, to) && readCaptureStamp(bytes, from + 2, out)) return true;
  let at = from;
  // Every message takes two bytes at least, so the loop ends.
  while (at + 2 <= to) {
    let type = 0;
    let size = 0;
    let byte: number;
    do {
      at = skipEscape(bytes, from, at);
      if (at >= to) return false;
      byte = bytes[at++] as number;
      type += byte;
    } while (byte === 0xff);
    do {
      at = skipEscape(bytes, from, at);
      if (at >= to) return false;
      byte = bytes[at++] as number;
      size += byte;
    } while (byte === 0xff);
    at = skipEscape(bytes, from, at);
    if (size > to - at) return false;
    // A stamp holds no zero byte, so it is never escaped inside and can be read in place.
    if (type === USER_DATA_UNREGISTERED && size === CAPTURE_STAMP_BYTES && readCaptureStamp(bytes, at, out)) {
      return true;
    }
    for (; size > 0 && at < to; size--) at = skipEscape(bytes, from, at) + 1;
  }
  return false;
}

/** Type 5 and 47 bytes at once: how stamps are written, tried first. */
function isOwnLayout(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    from + 2 + CAPTURE_STAMP_BYTES <= to &&
    bytes[from] === USER_DATA_UNREGISTERED &&
    bytes[from + 1] === CAPTURE_STAMP_BYTES
  );
}

/** `at`, or the byte behind it when an emulation prevention byte (00 00 **03**) stands there. */
function skipEscape(bytes: Uint8Array, from: number, at: number): number {
  const escaped = at - 2 >= from && bytes[at] === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0;
  return escaped ? at + 1 : at;
}
