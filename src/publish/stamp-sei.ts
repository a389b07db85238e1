import { CAPTURE_STAMP_BYTES, type CaptureStamp, writeCaptureStamp } from '../media/capture-stamp.js';
import { NAL_SEI } from '../media/h264.js';

const NAL_LENGTH_BYTES = 4;
const USER_DATA_UNREGISTERED = 5;
/** NAL header, payload type, payload size; stamp; trailing bits. */
const NAL_BYTES = 3 + CAPTURE_STAMP_BYTES + 1;

/** Length of what `writeStampSei` writes. */
export const STAMP_SEI_BYTES = NAL_LENGTH_BYTES + NAL_BYTES;

/** Writes `stamp` as an SEI NAL unit behind its 4-byte length, as AVCC has it (ISO 14496-15, H.264 7.3.2.3). */
export function writeStampSei(into: Uint8Array, at: number, stamp: Readonly<CaptureStamp>): void {
  into.set([0, 0, 0, NAL_BYTES, NAL_SEI, USER_DATA_UNREGISTERED, CAPTURE_STAMP_BYTES], at);
  writeCaptureStamp(into, at + NAL_LENGTH_BYTES + 3, stamp);
  into[at + STAMP_SEI_BYTES - 1] = 0x80;
}
