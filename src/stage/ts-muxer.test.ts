import { describe, expect, it } from 'vitest';
import { captureBytes } from '../../test/support/captures.js';
import type { MediaUnit } from './media-unit.js';
import { TsMuxer } from './ts-muxer.js';

const PACKET = 188;
const none = new Uint8Array(0);

/** What a recorded SRS segment says about one elementary stream, so that it can be muxed again. */
interface Recorded {
  readonly unit: MediaUnit;
}

/** Takes a recorded segment apart: each PES becomes a unit with the same bytes and times. */
function unitsOf(segment: Uint8Array): Recorded[] {
  const open = new Map<number, Buffer[]>();
  const order: { pid: number; parts: Buffer[]; keyframe: boolean }[] = [];
  for (let at = 0; at < segment.length; at += PACKET) {
    const packet = Buffer.from(segment.subarray(at, at + PACKET));
    const pid = packet.readUInt16BE(1) & 0x1fff;
    if (pid !== 0x100 && pid !== 0x101) continue;
    const hasField = ((packet[3] as number) & 0x20) !== 0;
    const fieldBytes = hasField ? (packet[4] as number) + 1 : 0;
    const keyframe = fieldBytes > 1 && ((packet[5] as number) & 0x10) !== 0;
    if ((packet[1] as number) & 0x40) {
      const parts: Buffer[] = [];
      open.set(pid, parts);
      order.push({ pid, parts, keyframe });
    }
    open.get(pid)?.push(packet.subarray(4 + fieldBytes));
  }
  return order.map(({ pid, parts, keyframe }) => ({ unit: unitOf(pid, Buffer.concat(parts), keyframe) }));
}

function unitOf(pid: number, pes: Buffer, keyframe: boolean): MediaUnit {
  const time = (at: number): number => {
    const high = ((pes[at] as number) >> 1) & 7;
    const ticks =
      high * 2 ** 30 + (pes.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (pes.readUInt16BE(at + 3) >> 1);
    return ticks / 90;
  };
  const ptsMs = time(9);
  const dtsMs = (pes[7] as number) & 0x40 ? time(14) : ptsMs;
  const esRest = pes.subarray(9 + (pes[8] as number));
  const bytes = { esHead: none, esRest, flvHead: none, flvRest: none, captureEpochMs: 0 };
  return { kind: pid === 0x100 ? 'video' : 'audio', dtsMs, ptsMs, keyframe, ...bytes };
}

/** Counters of both streams set to 0 at the segment's first packet, everything else untouched. */
function withCountersFromZero(segment: Uint8Array): Buffer {
  const copy = Buffer.from(segment);
  const base = new Map<number, number>();
  for (let at = 0; at < copy.length; at += PACKET) {
    const pid = copy.readUInt16BE(at + 1) & 0x1fff;
    const byte = copy[at + 3] as number;
    if (!base.has(pid)) base.set(pid, byte & 0xf);
    copy[at + 3] = (byte & 0xf0) | (((byte & 0xf) - (base.get(pid) as number)) & 0xf);
  }
  return copy;
}

describe('the TS muxer', () => {
  it.each(['plain/plain-5.ts', 'plain/plain-6.ts', 'bframes/bframes-15.ts', 'bframes/bframes-16.ts'])(
    'muxes the units of %s to the very bytes that SRS 6.0.157 wrote',
    (name) => {
      const recorded = captureBytes(name);
      const muxer = new TsMuxer();
      for (const { unit } of unitsOf(recorded)) muxer.write(unit);
      const muxed = muxer.finish();
      expect(muxed.length).toBe(recorded.length);
      expect(muxed.equals(withCountersFromZero(recorded))).toBe(true);
    },
  );

  it('lets the counters of the streams run on over segments and begins the tables at 0', () => {
    const [{ unit }] = unitsOf(captureBytes('plain/plain-5.ts')) as [Recorded];
    const muxer = new TsMuxer();
    muxer.write(unit);
    const first = muxer.finish();
    muxer.write(unit);
    const second = muxer.finish();
    const counterAt = (segment: Buffer, packet: number): number =>
      (segment[packet * PACKET + 3] as number) & 0xf;
    expect(counterAt(second, 0)).toBe(0);
    expect(counterAt(second, 1)).toBe(0);
    expect(counterAt(second, 2)).toBe((counterAt(first, first.length / PACKET - 1) + 1) & 0xf);
  });

  it('wraps times at 33 bits', () => {
    const dtsMs = Math.ceil(2 ** 33 / 90);
    const bytes = { esHead: none, esRest: Buffer.from([1]), flvHead: none, flvRest: none, captureEpochMs: 0 };
    const muxer = new TsMuxer();
    muxer.write({ kind: 'audio', dtsMs, ptsMs: dtsMs, keyframe: false, ...bytes });
    const [{ unit }] = unitsOf(muxer.finish()) as [Recorded];
    expect(unit.ptsMs * 90).toBe(dtsMs * 90 - 2 ** 33);
  });
});
