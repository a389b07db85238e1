import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FlvReader } from '../../src/players/flv-reader.js';
import { TsReader } from '../../src/players/ts-reader.js';
import { captureBytes, capturePath, type ProbedPacket, parseProbe } from '../support/captures.js';
import { needs } from './available.js';

type Packet = Omit<ProbedPacket, 'pos'>;

/** Bytes of the access unit delimiter that SRS leaves alone in the last PES packet of a dropped stream. */
const BARE_DELIMITER_BYTES = 6;

/** What the installed ffprobe reads from a recorded file, in the order of the file. */
function probe(name: string): Packet[] {
  const entries = 'packet=codec_type,pts,dts,size,pos,flags';
  const args = ['-v', 'quiet', '-show_entries', entries, '-of', 'csv=p=0', capturePath(name)];
  const { stdout, status } = spawnSync('ffprobe', args, { encoding: 'utf8', timeout: 60_000 });
  expect(status).toBe(0);
  const rows = parseProbe(stdout).sort((a, b) => a.pos - b.pos);
  return rows.map(({ pos: _, ...packet }) => packet);
}

function readFlv(name: string): Packet[] {
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
  reader.push(captureBytes(name));
  reader.end();
  return packets;
}

function readTs(name: string): Packet[] {
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
  reader.push(captureBytes(name));
  reader.flush();
  return packets.sort((a, b) => a.pos - b.pos).map(({ pos: _, ...packet }) => packet);
}

describe('the readers and the installed ffprobe', () => {
  test.for(['plain/viewer.flv', 'bframes/viewer.flv', 'republish/viewer.flv'])(
    'agree on every packet of %s',
    (name, context) => {
      needs(context, 'ffprobe');
      const packets = readFlv(name);
      expect(packets.length).toBeGreaterThan(300);
      expect(packets).toEqual(probe(name));
    },
  );

  test.for(['plain/plain-5.ts', 'plain/plain-7.ts', 'bframes/bframes-16.ts', 'republish/drop-9.ts'])(
    'agree on every packet of %s',
    (name, context) => {
      needs(context, 'ffprobe');
      const packets = readTs(name);
      expect(packets.length).toBeGreaterThan(50);
      expect(packets).toEqual(probe(name).filter((packet) => packet.sizeBytes > BARE_DELIMITER_BYTES));
    },
  );
});
