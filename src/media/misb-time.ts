/**
 * The precision time stamp of MISB ST 0604 in user data of H.264 and H.265, 28 bytes: 16 bytes that name the layout,
 * a status byte (ST 0603), then eight bytes of time, most significant first, with a 0xFF behind every second one
 * so that no start code comes about.
 */
const LAYOUTS: readonly { readonly uuid: readonly number[]; readonly perUs: number }[] = [
  // ASCII `MISPmicrosectime`: H.264, microseconds.
  {
    uuid: [0x4d, 0x49, 0x53, 0x50, 0x6d, 0x69, 0x63, 0x72, 0x6f, 0x73, 0x65, 0x63, 0x74, 0x69, 0x6d, 0x65],
    perUs: 1,
  },
  // H.265, microseconds and nanoseconds.
  {
    uuid: [0xa8, 0x68, 0x7d, 0xd4, 0xd7, 0x59, 0x37, 0x58, 0xa5, 0xce, 0xf0, 0x33, 0x8b, 0x65, 0x45, 0xf1],
    perUs: 1,
  },
  {
    uuid: [0xcf, 0x84, 0x82, 0x78, 0xee, 0x23, 0x30, 0x6c, 0x92, 0x65, 0xe8, 0xfe, 0xf2, 0x2f, 0xb8, 0xb8],
    perUs: 1000,
  },
];

/** Length of the whole payload. */
export const MISB_TIME_BYTES = 28;

const STATUS_AT = 16;
/** Set in the status byte: the sender's clock is not, or not known to be, locked to the world's. */
const NOT_LOCKED = 0x80;
/** Offsets of the time bytes. */
const TIME_AT = [17, 18, 20, 21, 23, 24, 26, 27] as const;
const GUARD_AT = [19, 22, 25] as const;
const GUARD = 0xff;

/**
 * Capture time in microseconds since the Unix epoch by the sender's clock; NaN when `bytes[from, to)`, the payload,
 * is another one, or its clock says of itself that it is not locked.
 */
export function readMisbTimeUs(bytes: Uint8Array, from: number, to: number): number {
  if (to - from !== MISB_TIME_BYTES || to > bytes.length) return Number.NaN;
  const layout = LAYOUTS.find(({ uuid }) => startsWith(bytes, from, uuid));
  if (layout === undefined || ((bytes[from + STATUS_AT] as number) & NOT_LOCKED) !== 0) return Number.NaN;
  for (const offset of GUARD_AT) if (bytes[from + offset] !== GUARD) return Number.NaN;
  let value = 0;
  // Nanoseconds are more than a number holds exactly; what is lost is below a microsecond.
  for (const offset of TIME_AT) value = value * 256 + (bytes[from + offset] as number);
  const us = value / layout.perUs;
  return us <= Number.MAX_SAFE_INTEGER ? Math.floor(us) : Number.NaN;
}

function startsWith(bytes: Uint8Array, from: number, uuid: readonly number[]): boolean {
  for (let i = 0; i < uuid.length; i++) if (bytes[from + i] !== uuid[i]) return false;
  return true;
}
