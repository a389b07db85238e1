import { readRfc3339Ms } from './rfc3339.js';

/**
 * OBS Studio's broadcast performance metrics, the timing message: user data of H.264 and H.265 that OBS (with
 * multitrack output, or recording to MP4 with the option on) puts behind the slices of each keyframe.
 *
 * Layout: 16 bytes UUID; a byte whose low nibble is the number of timestamps - 1; then each timestamp: a byte for
 * its kind (1 RFC 3339 text that ends with a zero byte, 2 milliseconds since the Unix epoch in 64 bits, 3 a
 * difference in nanoseconds in 64 bits), a byte for its event, the value.
 */
export const OBS_TIMING_UUID: Readonly<Uint8Array> = Uint8Array.of(
  ...[0x0a, 0xec, 0xff, 0xe7, 0x52, 0x72, 0x4e, 0x2f, 0xa6, 0x2f, 0xd1, 0x9c, 0xd6, 0x1a, 0x93, 0xb5],
);

const COUNT_AT = 16;
const KIND_TEXT = 1;
const KIND_MS = 2;
const KIND_DELTA = 3;
/** Composition: the picture was put together. The nearest to the lens. */
const EVENT_COMPOSED = 1;
/** The picture was handed to the encoder. */
const EVENT_TO_ENCODER = 2;
/** Longer than any RFC 3339 text with a sensible fraction. */
const MAX_TEXT = 64;

/**
 * When the picture was composed, else when it was handed to the encoder, in milliseconds since the Unix epoch by
 * OBS's clock; NaN when `bytes[from, to)`, the payload without emulation prevention, does not say. The times
 * behind the encoder are not taken: they would leave the encoder's delay out.
 */
export function readObsTimingMs(bytes: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, bytes.length);
  if (end - from <= COUNT_AT) return Number.NaN;
  for (let i = 0; i < COUNT_AT; i++) if (bytes[from + i] !== OBS_TIMING_UUID[i]) return Number.NaN;
  const count = ((bytes[from + COUNT_AT] as number) & 0x0f) + 1;
  let toEncoderMs = Number.NaN;
  let at = from + COUNT_AT + 1;
  for (let i = 0; i < count && at + 2 < end; i++) {
    const kind = bytes[at] as number;
    const event = bytes[at + 1] as number;
    const valueEnd = endOfValue(bytes, kind, at + 2, end);
    if (valueEnd < 0) break;
    const ms = kind === KIND_DELTA ? Number.NaN : readMs(bytes, kind, at + 2, valueEnd);
    if (!Number.isNaN(ms)) {
      if (event === EVENT_COMPOSED) return ms;
      if (event === EVENT_TO_ENCODER) toEncoderMs = ms;
    }
    at = valueEnd;
  }
  return toEncoderMs;
}

/** Behind the value that begins at `at`; -1 when it is cut off or of an unknown kind. */
function endOfValue(bytes: Uint8Array, kind: number, at: number, end: number): number {
  if (kind === KIND_MS || kind === KIND_DELTA) return at + 8 <= end ? at + 8 : -1;
  if (kind !== KIND_TEXT) return -1;
  const last = Math.min(end, at + MAX_TEXT);
  for (let i = at; i < last; i++) if (bytes[i] === 0) return i + 1;
  return -1;
}

function readMs(bytes: Uint8Array, kind: number, at: number, end: number): number {
  if (kind === KIND_TEXT) return readRfc3339Ms(bytes, at, end - 1);
  let value = 0;
  for (let i = at; i < end; i++) value = value * 256 + (bytes[i] as number);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}
