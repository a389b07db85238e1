/**
 * The capture stamp, version 1: the payload of an SEI NAL unit of type 5 (user_data_unregistered, H.264 annex
 * D.2.7), 47 bytes: 16 bytes UUID, then ASCII `DLCT1 `, 16 lower-case hex digits (capture time in microseconds
 * since the Unix epoch), a space, 8 lower-case hex digits (frame number since the publisher started).
 *
 * ASCII only, so no emulation-prevention byte is ever needed and a stamp can be rewritten in place.
 */

export const CAPTURE_STAMP_UUID: Readonly<Uint8Array> = Uint8Array.of(
  0x8f,
  0x1c,
  0x6b,
  0x2e,
  0x5d,
  0x3a,
  0x4c,
  0x47,
  0x9b,
  0xe1,
  0x7a,
  0x64,
  0xd0,
  0xc2,
  0xf9,
  0x35,
);

/** Length of the whole payload, UUID included. */
export const CAPTURE_STAMP_BYTES = 47;

const MAGIC_AT = 16;
const MAGIC = [0x44, 0x4c, 0x43, 0x54, 0x31, 0x20]; // "DLCT1 "
const TIME_AT = 22;
const TIME_DIGITS = 16;
const SPACE_AT = 38;
const FRAME_AT = 39;
const FRAME_DIGITS = 8;

export interface CaptureStamp {
  /** Microseconds since the Unix epoch, on the encoder's clock. */
  captureEpochUs: number;
  /** Frames since the publisher started; 32 bits. */
  frameNumber: number;
}

/** Writes the 47 bytes of `stamp` at `at`. The caller owns `into` and has made room. */
export function writeCaptureStamp(into: Uint8Array, at: number, stamp: Readonly<CaptureStamp>): void {
  into.set(CAPTURE_STAMP_UUID, at);
  into.set(MAGIC, at + MAGIC_AT);
  writeHex(into, at + TIME_AT, TIME_DIGITS, stamp.captureEpochUs);
  into[at + SPACE_AT] = 0x20;
  writeHex(into, at + FRAME_AT, FRAME_DIGITS, stamp.frameNumber);
}

/**
 * Reads a stamp whose UUID begins at `at` into `out`. False (and `out` untouched) when there is none: the UUID
 * or magic differs, a digit is not hex, or the bytes end too early.
 */
export function readCaptureStamp(bytes: Uint8Array, at: number, out: CaptureStamp): boolean {
  if (at < 0 || at + CAPTURE_STAMP_BYTES > bytes.length) return false;
  for (let i = 0; i < 16; i++) if (bytes[at + i] !== CAPTURE_STAMP_UUID[i]) return false;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[at + MAGIC_AT + i] !== MAGIC[i]) return false;
  if (bytes[at + SPACE_AT] !== 0x20) return false;
  const captureEpochUs = readHex(bytes, at + TIME_AT, TIME_DIGITS);
  const frameNumber = readHex(bytes, at + FRAME_AT, FRAME_DIGITS);
  if (captureEpochUs < 0 || frameNumber < 0 || !Number.isSafeInteger(captureEpochUs)) return false;
  out.captureEpochUs = captureEpochUs;
  out.frameNumber = frameNumber;
  return true;
}

function writeHex(into: Uint8Array, at: number, digits: number, value: number): void {
  let rest = Math.floor(value);
  for (let i = digits - 1; i >= 0; i--) {
    const nibble = rest % 16;
    into[at + i] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble;
    rest = Math.floor(rest / 16);
  }
}

/** The number, or -1 when a byte is no lower-case hex digit. */
function readHex(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const c = bytes[at + i] as number;
    if (c >= 0x30 && c <= 0x39) value = value * 16 + (c - 0x30);
    else if (c >= 0x61 && c <= 0x66) value = value * 16 + (c - 0x57);
    else return -1;
  }
  return value;
}
