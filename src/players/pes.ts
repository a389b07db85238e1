import { PTS_WRAP_TICKS_90K } from '../units.js';

/** Header of a PES packet, ISO 13818-1 2.4.3.7. */
export interface PesHeader {
  /** Raw 33-bit stamps in 90 kHz ticks. `dtsTicks90k` = PTS where no DTS is sent. */
  ptsTicks90k: number;
  dtsTicks90k: number;
  /** Bytes of the header, start code included: the elementary stream begins behind them. */
  headerBytes: number;
  /** Elementary stream bytes announced, or -1 when the length is left open (long video). */
  payloadBytes: number;
}

/**
 * - `ok`: the header was read
 * - `short`: more bytes are needed
 * - `bad`: no start code, no PTS, or wrong marker bits
 * - `encrypted`: PES-level scrambling
 */
export type PesHeaderResult = 'ok' | 'short' | 'bad' | 'encrypted';

/** The longest header there can be: 9 bytes and 255 of optional fields. */
export const PES_MAX_HEADER_BYTES = 264;

const FIXED_BYTES = 9;

/** A header for a reader to fill. */
export function blankPesHeader(): PesHeader {
  return { ptsTicks90k: 0, dtsTicks90k: 0, headerBytes: 0, payloadBytes: -1 };
}

/** Reads the PES header at `buf[from, to)` into `out`. */
export function readPesHeader(buf: Uint8Array, from: number, to: number, out: PesHeader): PesHeaderResult {
  if (to - from < FIXED_BYTES) return 'short';
  if (buf[from] !== 0 || buf[from + 1] !== 0 || buf[from + 2] !== 1) return 'bad';
  const flags = buf[from + 6] as number;
  if (flags >> 6 !== 2) return 'bad';
  if ((flags & 0x30) !== 0) return 'encrypted';
  const stamps = (buf[from + 7] as number) >> 6;
  const optionalBytes = buf[from + 8] as number;
  if (stamps < 2 || optionalBytes < (stamps === 3 ? 10 : 5)) return 'bad';
  if (to - from < FIXED_BYTES + optionalBytes) return 'short';
  const pts = readStamp(buf, from + FIXED_BYTES, stamps);
  const dts = stamps === 3 ? readStamp(buf, from + FIXED_BYTES + 5, 1) : pts;
  if (pts < 0 || dts < 0) return 'bad';
  out.ptsTicks90k = pts;
  out.dtsTicks90k = dts;
  out.headerBytes = FIXED_BYTES + optionalBytes;
  const length = ((buf[from + 4] as number) << 8) | (buf[from + 5] as number);
  if (length !== 0 && length + 6 < out.headerBytes) return 'bad';
  out.payloadBytes = length === 0 ? -1 : length + 6 - out.headerBytes;
  return 'ok';
}

/**
 * `raw` (33 bits) as the value nearest to `near` of all that differ by whole wraps; so a line of stamps goes on
 * over the wrap that comes every 26.5 hours.
 */
export function unwrapTicks90k(raw: number, near: number): number {
  return raw + Math.round((near - raw) / PTS_WRAP_TICKS_90K) * PTS_WRAP_TICKS_90K;
}

/** 33 bits in 5 bytes: prefix nibble and three marker bits are checked; -1 when they are wrong. */
function readStamp(buf: Uint8Array, at: number, prefix: number): number {
  const b0 = buf[at] as number;
  const b2 = buf[at + 2] as number;
  const b4 = buf[at + 4] as number;
  if (b0 >> 4 !== prefix || (b0 & b2 & b4 & 1) === 0) return -1;
  const high = (b0 >> 1) & 7;
  const middle = ((buf[at + 1] as number) << 7) | (b2 >> 1);
  const low = ((buf[at + 3] as number) << 7) | (b4 >> 1);
  // No bit operators above 32 bits.
  return high * 0x40000000 + middle * 0x8000 + low;
}
