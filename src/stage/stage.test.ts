import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../test/services/available.js';
import { CAPTURE_STAMP_UUID } from '../media/capture-stamp.js';
import { type RunningStage, startStage } from './stage.js';

/** So much has been published at the start that the loop of the 8 s clip lies in the first playlist. */
const PREROLL_MS = 9500;
const LOOP_AT_MS = 8023;

let stage: RunningStage;
let folder: string;
let hlsUrl: string;
let flvUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dorami-load-stage-'));
  stage = await startStage({ prerollMs: PREROLL_MS, hlsWindowMs: 20_000 });
  hlsUrl = `${stage.urls.hlsUrl}/hls/${stage.streamKey}.m3u8`;
  flvUrl = `${stage.urls.flvUrl}/live/live/${stage.streamKey}.flv`;
});

afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

function run(command: string, args: readonly string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 2 ** 26, timeout: 15_000 }, (error, out, err) => {
      if (error) reject(new Error(`${command}: ${error.message} ${err}`));
      else resolve({ out, err });
    });
  });
}

interface Packet {
  readonly kind: string;
  readonly dts: number;
  readonly sizeBytes: number;
}

/** ffprobe's reading of a recording. */
async function packetsOf(recording: Buffer): Promise<Packet[]> {
  const path = join(folder, 'recording');
  await writeFile(path, recording);
  const entries = ['-show_entries', 'packet=codec_type,dts,size', '-of', 'csv=p=0'];
  const { out } = await run('ffprobe', ['-v', 'error', ...entries, path]);
  return out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind = '', dts, size] = line.split(',');
      return { kind, dts: Number(dts), sizeBytes: Number(size) };
    });
}

/** Whole segments of the present list, in order. */
async function segments(): Promise<{ durationMs: number; bytes: Buffer }[]> {
  const master = await (await fetch(hlsUrl)).text();
  const child = `${stage.urls.hlsUrl}${master.trim().split('\n').at(-1)}`;
  const lines = (await (await fetch(child)).text()).trim().split('\n');
  const found: { durationMs: number; bytes: Buffer }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#')) continue;
    const durationMs = Number(/^#EXTINF:([\d.]+)/.exec(lines[index - 1] ?? '')?.[1]) * 1000;
    const answer = await fetch(new URL(line, child));
    expect(answer.status).toBe(200);
    found.push({ durationMs, bytes: Buffer.from(await answer.arrayBuffer()) });
  }
  return found;
}

function stepsOf(packets: readonly Packet[], kind: string): number[] {
  const times = packets.filter((packet) => packet.kind === kind).map(({ dts }) => dts);
  return times.slice(1).map((dts, index) => dts - (times[index] as number));
}

function countOf(bytes: Buffer, pattern: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(pattern); at !== -1; at = bytes.indexOf(pattern, at + 1)) count++;
  return count;
}

describe("the stage's media, read by ffmpeg", () => {
  it('HLS: goes on over the end of the clip, at the bitrate asked for, with a stamp on every picture', async (context) => {
    needs(context, 'ffprobe');
    const parts = await segments();
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    const packets = await packetsOf(bytes);
    const video = packets.filter(({ kind }) => kind === 'video');
    expect(video[0]?.dts).toBeLessThan(LOOP_AT_MS * 90);
    expect(video.at(-1)?.dts).toBeGreaterThan(LOOP_AT_MS * 90);
    expect(new Set(stepsOf(packets, 'video'))).toEqual(new Set([2970, 3060]));
    expect(new Set(stepsOf(packets, 'audio'))).toEqual(new Set([1890, 1980]));
    const durationMs = parts.reduce((sum, part) => sum + part.durationMs, 0);
    const sizeBytes = packets.reduce((sum, packet) => sum + packet.sizeBytes, 0);
    expect(Math.abs((sizeBytes * 8) / (durationMs / 1000) / 2_600_000 - 1)).toBeLessThan(0.03);
    expect(countOf(bytes, CAPTURE_STAMP_UUID)).toBe(video.length);
  });

  it('HTTP-FLV: goes on in time, with a stamp on every picture', async (context) => {
    needs(context, 'ffprobe');
    const bytes = await firstBytes(flvUrl, 400_000);
    const packets = (await packetsOf(bytes)).slice(0, -1);
    expect(packets[0]?.dts).toBe(10);
    for (const step of stepsOf(packets, 'video')) expect([33, 34]).toContain(step);
    for (const step of stepsOf(packets, 'audio')) expect([21, 22]).toContain(step);
    const video = packets.filter(({ kind }) => kind === 'video').length;
    expect(video).toBeGreaterThan(10);
    expect(Math.abs(countOf(bytes, CAPTURE_STAMP_UUID) - video)).toBeLessThanOrEqual(1);
  });

  it('decodes without a complaint, as HTTP-FLV and as HLS', async (context) => {
    needs(context, 'ffmpeg');
    for (const url of [flvUrl, hlsUrl]) {
      const { err } = await run('ffmpeg', ['-v', 'error', '-i', url, '-t', '2', '-f', 'null', '-']);
      expect(err).toBe('');
    }
  });
});

/** The first `count` bytes of a response that never ends. */
async function firstBytes(url: string, count: number): Promise<Buffer> {
  const abort = new AbortController();
  const answer = await fetch(url, { signal: abort.signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= count) break;
  }
  abort.abort();
  return Buffer.concat(chunks);
}
