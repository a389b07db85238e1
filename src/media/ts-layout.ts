/** Byte layouts of MPEG-TS (ISO 13818-1): packets, program tables, clocks. */

export const TS_PACKET_BYTES = 188;
export const TS_SYNC_BYTE = 0x47;
export const PID_PAT = 0;
const STREAM_TYPE_AAC_ADTS = 0x0f;
const STREAM_TYPE_H264 = 0x1b;

/** CRC-32 of program tables, ISO 13818-1 annex A. */
export function mpegCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** One packet with a program association table for one program, continuity counter 0 (2.4.4.3). */
export function patPacket(pmtPid: number): Buffer {
  return tablePacket(PID_PAT, [
    0x00,
    0xb0,
    0x0d,
    0,
    1,
    0xc1,
    0,
    0,
    0,
    1,
    0xe0 | (pmtPid >> 8),
    pmtPid & 0xff,
  ]);
}

/** One packet with the program map of one AAC and one H.264 stream, continuity counter 0 (2.4.4.8). */
export function pmtPacket(pmtPid: number, videoPid: number, audioPid: number): Buffer {
  const entry = (type: number, pid: number): number[] => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0];
  return tablePacket(pmtPid, [
    ...[0x02, 0xb0, 0x17, 0, 1, 0xc1, 0, 0, 0xe0 | (videoPid >> 8), videoPid & 0xff, 0xf0, 0],
    ...entry(STREAM_TYPE_AAC_ADTS, audioPid),
    ...entry(STREAM_TYPE_H264, videoPid),
  ]);
}

function tablePacket(pid: number, section: readonly number[]): Buffer {
  const packet = Buffer.alloc(TS_PACKET_BYTES, 0xff);
  packet.set([TS_SYNC_BYTE, 0x40 | (pid >> 8), pid & 0xff, 0x10, 0]);
  packet.set(section, 5);
  packet.writeUInt32BE(mpegCrc32(packet.subarray(5, 5 + section.length)), 5 + section.length);
  return packet;
}

/** Writes PTS or DTS in 5 bytes with its marker bits (2.4.3.7). `prefix`: 2 = PTS alone, 3 = PTS of a pair, 1 = DTS. */
export function writePesTime(into: Uint8Array, at: number, prefix: number, ticks90k: number): void {
  const high = Math.floor(ticks90k / 2 ** 30) & 7;
  const low = ticks90k % 2 ** 30;
  into[at] = (prefix << 4) | (high << 1) | 1;
  into[at + 1] = low >> 22;
  into[at + 2] = ((low >> 14) & 0xfe) | 1;
  into[at + 3] = low >> 7;
  into[at + 4] = ((low << 1) & 0xfe) | 1;
}

/** Writes a PCR with extension 0 in 6 bytes (2.4.3.4). */
export function writePcr(into: Uint8Array, at: number, ticks90k: number): void {
  const base = Math.floor(ticks90k / 2);
  into[at] = base / 2 ** 24;
  into[at + 1] = base >> 16;
  into[at + 2] = base >> 8;
  into[at + 3] = base;
  into[at + 4] = ((ticks90k % 2) << 7) | 0x7e;
  into[at + 5] = 0;
}
