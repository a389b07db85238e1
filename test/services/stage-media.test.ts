import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePlaylist } from '../../src/players/playlist.js';
import { type RunningStage, startStage } from '../../src/stage/stage.js';
import { needs } from './available.js';
import { flvPackets, type Packet, probePackets, tsPackets } from './packets.js';

/** Enough for several GOPs and the start of the loop of a clip. */
const FLV_MS = 4000;

/** Any way of cutting the bytes: one byte to 64 KiB. */
const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 65, max: 65_536 })), {
  minLength: 1,
  maxLength: 12,
});

let stage: RunningStage;
let folder: string;

beforeAll(async () => {
  stage = await startStage({});
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-media-'));
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the readers and the installed ffprobe agree on the stage’s own stream', () => {
  test('on every packet of its FLV, however the bytes are cut', async (context) => {
    needs(context, 'ffprobe');
    const bytes = wholeTags(await body(`${stage.urls.flvUrl}/live/live/${stage.streamKey}.flv`, FLV_MS));
    const probed = probePackets(keep('stage.flv', bytes));
    expect(probed.length).toBeGreaterThan(200);
    agreeForEveryCut(probed, (sizes) => flvPackets(bytes, sizes));
  });

  test('on every packet of its segments, however the bytes are cut', async (context) => {
    needs(context, 'ffprobe');
    const listUrl = new URL(
      await firstUri(`${stage.urls.hlsUrl}/hls/${stage.streamKey}.m3u8`),
      stage.urls.hlsUrl,
    );
    const list = parsePlaylist((await body(listUrl.href)).toString('utf8'));
    if (list.kind !== 'media') throw new Error(`no media playlist but ${list.kind}`);
    expect(list.list.segments.length).toBeGreaterThanOrEqual(4);
    for (const { uri } of list.list.segments.slice(-2)) {
      const bytes = await body(new URL(uri, listUrl).href);
      const probed = probePackets(keep('stage.ts', bytes));
      expect(probed.length).toBeGreaterThan(60);
      agreeForEveryCut(probed, (sizes) => tsPackets(bytes, sizes));
    }
  });
});

function agreeForEveryCut(probed: readonly Packet[], read: (sizes: readonly number[]) => Packet[]): void {
  fc.assert(
    fc.property(pieces, (sizes) => {
      expect(read(sizes)).toEqual(probed);
    }),
    { numRuns: 20 },
  );
}

/** Cut behind the last tag that is complete, as a file would end. */
function wholeTags(bytes: Buffer): Buffer {
  let at = 13;
  while (at + 11 <= bytes.length) {
    const next = at + 15 + bytes.readUIntBE(at + 1, 3);
    if (next > bytes.length) break;
    at = next;
  }
  return bytes.subarray(0, at);
}

function keep(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function firstUri(url: string): Promise<string> {
  const lines = (await body(url)).toString('utf8').split('\n');
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
}

/** A whole body, or what of it comes in `forMs`. */
function body(url: string, forMs?: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const done = (): void => resolve(Buffer.concat(chunks));
    const request = get(url, { agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', done);
      response.on('error', () => undefined);
      if (forMs === undefined) return;
      setTimeout(() => {
        request.destroy();
        done();
      }, forMs);
    });
    request.on('error', (error) => (forMs === undefined ? reject(error) : undefined));
  });
}
