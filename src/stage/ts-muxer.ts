/**
 * Media units -> MPEG-TS segments, byte for byte in SRS's manner: program tables with counter 0 at the head of
 * each segment, no random_access_indicator, PCR on the first packet of a keyframe only, PTS alone where it equals
 * DTS, one PES per audio frame, and counters of the elementary streams that run on over segments.
 */

import {
  patPacket,
  pmtPacket,
  TS_PACKET_BYTES,
  TS_SYNC_BYTE,
  writePcr,
  writePesTime,
} from '../media/ts-layout.js';
import { TICKS_90K_PER_MS } from '../units.js';
import type { MediaUnit } from './media-unit.js';

const PID_PMT = 0x1001;
const PID_VIDEO = 0x100;
const PID_AUDIO = 0x101;
const STREAM_ID_VIDEO = 0xe0;
const STREAM_ID_AUDIO = 0xc0;
const TS_HEADER_BYTES = 4;
const PAYLOAD_BYTES = TS_PACKET_BYTES - TS_HEADER_BYTES;
/** Adaptation field that holds a PCR, its length byte included. */
const PCR_FIELD_BYTES = 8;
const CLOCK_WRAP_TICKS_90K = 2 ** 33;

export class TsMuxer {
  #packets: Buffer[] = [];
  #videoCounter = 0;
  #audioCounter = 0;

  /** Adds one access unit to the running segment. */
  write(unit: MediaUnit): void {
    const video = unit.kind === 'video';
    const pes = pesOf(unit);
    const pcrTicks90k = unit.keyframe ? ticksOf(unit.dtsMs) : undefined;
    const counter = video ? this.#videoCounter : this.#audioCounter;
    const packets = packetise(pes, video ? PID_VIDEO : PID_AUDIO, counter, pcrTicks90k);
    const next = (counter + packets.length / TS_PACKET_BYTES) & 0xf;
    if (video) this.#videoCounter = next;
    else this.#audioCounter = next;
    this.#packets.push(packets);
  }

  /** The running segment with its program tables; the next unit begins a new one. */
  finish(): Buffer {
    const tables = [patPacket(PID_PMT), pmtPacket(PID_PMT, PID_VIDEO, PID_AUDIO)];
    const segment = Buffer.concat([...tables, ...this.#packets]);
    this.#packets = [];
    return segment;
  }
}

function ticksOf(timeMs: number): number {
  return (timeMs * TICKS_90K_PER_MS) % CLOCK_WRAP_TICKS_90K;
}

function pesOf(unit: MediaUnit): Buffer {
  const both = unit.ptsMs !== unit.dtsMs;
  const header = Buffer.alloc(both ? 19 : 14);
  const esBytes = unit.esHead.length + unit.esRest.length;
  const lengthField = header.length - 6 + esBytes;
  header.writeUIntBE(1, 0, 3);
  header[3] = unit.kind === 'video' ? STREAM_ID_VIDEO : STREAM_ID_AUDIO;
  header.writeUInt16BE(lengthField > 0xffff ? 0 : lengthField, 4);
  header[6] = 0x80;
  header[7] = both ? 0xc0 : 0x80;
  header[8] = header.length - 9;
  writePesTime(header, 9, both ? 3 : 2, ticksOf(unit.ptsMs));
  if (both) writePesTime(header, 14, 1, ticksOf(unit.dtsMs));
  return Buffer.concat([header, unit.esHead, unit.esRest]);
}

function packetise(pes: Buffer, pid: number, counter: number, pcrTicks90k: number | undefined): Buffer {
  // One packet more than the bytes need: see payloadOf.
  const most = Math.ceil((pes.length + PCR_FIELD_BYTES) / PAYLOAD_BYTES) + 1;
  const out = Buffer.allocUnsafe(most * TS_PACKET_BYTES);
  let from = 0;
  let at = 0;
  for (let index = 0; from < pes.length; index++) {
    const pcr = index === 0 ? pcrTicks90k : undefined;
    const take = payloadOf(pes.length - from, pcr !== undefined);
    const fieldBytes = PAYLOAD_BYTES - take;
    out[at] = TS_SYNC_BYTE;
    out[at + 1] = (index === 0 ? 0x40 : 0) | (pid >> 8);
    out[at + 2] = pid & 0xff;
    out[at + 3] = (fieldBytes > 0 ? 0x30 : 0x10) | ((counter + index) & 0xf);
    if (fieldBytes > 0) writeAdaptationField(out, at + TS_HEADER_BYTES, fieldBytes, pcr);
    pes.copy(out, at + TS_HEADER_BYTES + fieldBytes, from, from + take);
    from += take;
    at += TS_PACKET_BYTES;
  }
  return out.subarray(0, at);
}

/**
 * Bytes of the PES that go into the next packet. Where one byte of stuffing would do, SRS cannot write a field
 * that short: it writes one of two bytes, and the last byte of the PES gets a packet of its own.
 */
function payloadOf(leftBytes: number, withPcr: boolean): number {
  const room = PAYLOAD_BYTES - (withPcr ? PCR_FIELD_BYTES : 0);
  if (!withPcr && leftBytes === room - 1) return leftBytes - 1;
  return Math.min(room, leftBytes);
}

function writeAdaptationField(into: Buffer, at: number, fieldBytes: number, pcr: number | undefined): void {
  into[at] = fieldBytes - 1;
  into[at + 1] = pcr === undefined ? 0 : 0x10;
  into.fill(0xff, at + 2, at + fieldBytes);
  if (pcr !== undefined) writePcr(into, at + 2, pcr);
}
