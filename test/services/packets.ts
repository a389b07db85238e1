import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { FlvReader } from '../../src/players/flv-reader.js';
import { TsReader } from '../../src/players/ts-reader.js';
import { type ProbedPacket, parseProbe, pushInPieces } from '../support/captures.js';

/** One packet, as a reader and as ffprobe see it. */
export type Packet = Omit<ProbedPacket, 'pos'>;

const WHOLE = [Number.MAX_SAFE_INTEGER];

/** What the installed ffprobe reads from a file, in the order of the file. */
export function probePackets(path: string): Packet[] {
  const entries = 'packet=codec_type,pts,dts,size,pos,flags';
  const args = ['-v', 'quiet', '-show_entries', entries, '-of', 'csv=p=0', path];
  const { stdout, status } = spawnSync('ffprobe', args, { encoding: 'utf8', timeout: 60_000 });
  expect(status).toBe(0);
  const rows = parseProbe(stdout).sort((a, b) => a.pos - b.pos);
  return rows.map(({ pos: _, ...packet }) => packet);
}

/** What our reader makes of an FLV body that arrives in pieces of these sizes. */
export function flvPackets(bytes: Uint8Array, pieceBytes: readonly number[] = WHOLE): Packet[] {
  const packets: Packet[] = [];
  const reader = new FlvReader({
    onHeader: () => {},
    onTag: (tag) => {
      if (!tag.frame) return;
      const head = tag.kind === 'video' ? 5 : 2;
      const key = tag.kind === 'audio' || tag.keyframe;
      packets.push({ track: tag.kind, pts: tag.ptsMs, dts: tag.dtsMs, sizeBytes: tag.sizeBytes - head, key });
    },
    onError: (code) => expect.unreachable(code),
  });
  pushInPieces(bytes, pieceBytes, (piece) => reader.push(piece));
  reader.end();
  return packets;
}

/** What our reader makes of a TS segment that arrives in pieces of these sizes. */
export function tsPackets(bytes: Uint8Array, pieceBytes: readonly number[] = WHOLE): Packet[] {
  const packets: (Packet & { readonly pos: number })[] = [];
  const reader = new TsReader({
    onPes: (pes) =>
      packets.push({
        track: pes.track,
        pts: pes.ptsTicks90k,
        dts: pes.dtsTicks90k,
        sizeBytes: pes.sizeBytes,
        key: pes.track === 'audio' || pes.keyframe,
        pos: pes.firstByte,
      }),
    onError: (code) => expect.unreachable(code),
  });
  reader.resetForSegment(true);
  pushInPieces(bytes, pieceBytes, (piece) => reader.push(piece));
  reader.flush();
  return packets.sort((a, b) => a.pos - b.pos).map(({ pos: _, ...packet }) => packet);
}
