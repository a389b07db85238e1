import type { NalCodec } from './avc.js';

/** What a program map names. PIDs are -1 where there is none. */
export interface ProgramMap {
  videoPid: number;
  videoCodec: NalCodec;
  audioPid: number;
  /** A track is SAMPLE-AES encrypted. */
  encrypted: boolean;
}

const PAT_TABLE = 0;
const PMT_TABLE = 2;
const CRC_BYTES = 4;
const STREAM_AAC_ADTS = 0x0f;
const STREAM_AVC = 0x1b;
const STREAM_HEVC = 0x24;
const STREAM_SAMPLE_AES_AVC = 0xdb;
const STREAM_SAMPLE_AES_AAC = 0xcf;

/**
 * PID of the first program's map in the program association section (ISO 13818-1 2.4.4.3) whose packet payload,
 * pointer field included, is `buf[from, to)`; -1 when it is not readable. Sections that do not fit one packet
 * are cut off, as players do; CRCs are not checked, as players do not.
 */
export function readPat(buf: Uint8Array, from: number, to: number): number {
  const at = from + 1 + (from < to ? (buf[from] as number) : 0);
  const end = sectionEnd(buf, at, to, PAT_TABLE);
  for (let entry = at + 8; entry + 4 <= end; entry += 4) {
    const program = ((buf[entry] as number) << 8) | (buf[entry + 1] as number);
    // Program 0 is the network information table.
    if (program !== 0) return pidAt(buf, entry + 2);
  }
  return -1;
}

/** Reads a program map section (ISO 13818-1 2.4.4.8) into `out`. False, and `out` untouched, when not readable. */
export function readPmt(buf: Uint8Array, from: number, to: number, out: ProgramMap): boolean {
  const at = from + 1 + (from < to ? (buf[from] as number) : 0);
  const end = sectionEnd(buf, at, to, PMT_TABLE);
  if (at + 12 > end) return false;
  out.videoPid = -1;
  out.audioPid = -1;
  out.encrypted = false;
  let entry = at + 12 + (((buf[at + 10] as number) & 0x0f) << 8) + (buf[at + 11] as number);
  while (entry + 5 <= end) {
    addStream(buf[entry] as number, pidAt(buf, entry + 1), out);
    entry += 5 + (((buf[entry + 3] as number) & 0x0f) << 8) + (buf[entry + 4] as number);
  }
  return true;
}

/** The first track of each kind is the one that plays. */
function addStream(type: number, pid: number, out: ProgramMap): void {
  if (type === STREAM_AAC_ADTS) {
    if (out.audioPid < 0) out.audioPid = pid;
  } else if (type === STREAM_AVC || type === STREAM_HEVC) {
    if (out.videoPid >= 0) return;
    out.videoPid = pid;
    out.videoCodec = type === STREAM_AVC ? 'avc' : 'hevc';
  } else if (type === STREAM_SAMPLE_AES_AVC || type === STREAM_SAMPLE_AES_AAC) out.encrypted = true;
}

/** End of the section's entries (its CRC left out), or -1 when this is not the wanted table. */
function sectionEnd(buf: Uint8Array, at: number, to: number, table: number): number {
  if (at + 3 > to || buf[at] !== table) return -1;
  const length = (((buf[at + 1] as number) & 0x0f) << 8) | (buf[at + 2] as number);
  return Math.min(at + 3 + length - CRC_BYTES, to);
}

function pidAt(buf: Uint8Array, at: number): number {
  return (((buf[at] as number) & 0x1f) << 8) | (buf[at + 1] as number);
}
