import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conditionOf } from '../../bench/fidelity/conditions.js';
import { readBarcode } from '../../bench/fidelity/origin/barcode.js';
import { type Origin, startOrigin } from '../../bench/fidelity/origin/origin.js';
import { originClient } from '../../bench/fidelity/origin/origin-process.js';
import { needs, serviceVersion } from './available.js';
import { flvPackets, probePackets, tsPackets } from './packets.js';

const WIDTH_PX = 320;
const HEIGHT_PX = 180;
const FLV_MS = 2500;

let origin: Origin | undefined;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-origin-'));
  // The clips are made on the first start: some seconds.
  if (serviceVersion('ffmpeg') !== undefined) origin = await startOrigin();
}, 120_000);
afterAll(async () => {
  await origin?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What comes within `forMs`, or until the end. */
function fetchBytes(url: string, forMs = 60_000): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const asked = request(url, (response) => {
      const finish = (): void => {
        clearTimeout(timer);
        asked.destroy();
        resolve(Buffer.concat(parts));
      };
      const timer = setTimeout(finish, forMs);
      response.on('data', (bytes: Buffer) => parts.push(bytes));
      response.once('end', finish).once('error', finish);
    });
    asked.once('error', reject).end();
  });
}

/** The numbers on the pictures of a file, in the order of the screen. */
function numbersIn(path: string): (number | undefined)[] {
  const args = ['-v', 'error', '-i', path, '-map', '0:v', '-fps_mode', 'passthrough', '-pix_fmt', 'gray'];
  const options = { maxBuffer: 1 << 30, timeout: 60_000 };
  const { stdout } = spawnSync('ffmpeg', [...args, '-f', 'rawvideo', '-'], options);
  const pixels = WIDTH_PX * HEIGHT_PX;
  return Array.from({ length: stdout.length / pixels }, (_, picture) =>
    readBarcode((x, y) => stdout[picture * pixels + y * WIDTH_PX + x] as number),
  );
}

async function fetchSegments(hlsUrl: string): Promise<Buffer[]> {
  const text = async (url: string): Promise<string> => (await fetchBytes(url)).toString();
  const lastLine = (list: string): string => list.trim().split('\n').at(-1) ?? '';
  const listUrl = new URL(lastLine(await text(hlsUrl)), hlsUrl).href;
  const names = (await text(listUrl)).split('\n').filter((line) => line.includes('.ts'));
  return Promise.all(names.map((name) => fetchBytes(new URL(name, listUrl).href)));
}

describe('the origin of the fidelity bench', () => {
  for (const id of ['ample-flv', 'bframes-flv']) {
    test(`${id}: ffprobe reads what our reader reads, each picture carries its number`, async (context) => {
      needs(context, 'ffmpeg', 'ffprobe');
      const running = origin as Origin;
      const session = await running.openSession({ condition: conditionOf(id, 3), side: 'ours' });
      const flv = await fetchBytes(session.flvUrl, FLV_MS);
      const path = join(folder, `${id}.flv`);
      writeFileSync(path, flv);
      const ours = flvPackets(flv);
      expect(ours[0]).toMatchObject({ track: 'video', key: true, dts: 10 });
      expect(probePackets(path).slice(0, ours.length)).toEqual(ours);
      // Where the stream was left, pictures are missing that others of its end were sent before.
      const numbers = numbersIn(path).slice(0, -3);
      expect(numbers.length).toBeGreaterThan(50);
      // What is on the screen counts up from a picture that was taken before the viewer came.
      numbers.forEach((number, index) => {
        expect(number).toBe((numbers[0] ?? Number.NaN) + index);
      });
      expect(running.report(session.key)?.captureMs(numbers[0] ?? -1)).toBeLessThan(0);
    });
  }

  test('serves segments that begin with tables and a keyframe and run on without loss', async (context) => {
    needs(context, 'ffmpeg', 'ffprobe');
    const running = origin as Origin;
    const session = await running.openSession({ condition: conditionOf('ample-hls', 3), side: 'ours' });
    const segments = await fetchSegments(session.hlsUrl);
    expect(segments.length).toBeGreaterThanOrEqual(4);
    for (const segment of segments) {
      expect(tsPackets(segment)[0]).toMatchObject({ track: 'video', key: true });
    }
    const whole = Buffer.concat(segments);
    const path = join(folder, 'window.ts');
    writeFileSync(path, whole);
    expect(probePackets(path)).toHaveLength(segments.flatMap((segment) => tsPackets(segment)).length);
    const numbers = numbersIn(path);
    expect(numbers).toEqual(Array.from(numbers, (_, index) => (numbers[0] ?? Number.NaN) + index));
    expect(numbers).toHaveLength(30 * segments.length);
  });

  test('is asked over HTTP by other processes, and refuses nonsense without harm', async (context) => {
    needs(context, 'ffmpeg');
    const running = origin as Origin;
    const client = originClient(running.port);
    const wrong = { ...conditionOf('ample-flv', 1), script: {} } as ReturnType<typeof conditionOf>;
    await expect(client.openSession({ condition: wrong, side: 'ours' })).rejects.toThrow('400');
    const endless = { ...conditionOf('ample-flv', 1), durationMs: 1e12 };
    await expect(client.openSession({ condition: endless, side: 'ours' })).rejects.toThrow('120000');
    const session = await client.openSession({ condition: conditionOf('ample-flv', 1), side: 'browser' });
    expect((await client.report(session.key)).zeroMonotonicMs).toBeUndefined();
    await fetchBytes(session.flvUrl, 200);
    const report = await client.report(session.key);
    expect(report.requests[0]).toMatchObject({ atMs: 0, status: 200 });
    const nowMs = Number((await fetchBytes(`${running.url}/clock`)).toString());
    expect(nowMs).toBeGreaterThan(report.zeroMonotonicMs ?? Number.POSITIVE_INFINITY);
    expect(nowMs).toBeLessThanOrEqual(Number(process.hrtime.bigint()) / 1e6);
    for (const path of [
      '//',
      '/page/../package.json',
      '/hls/x.m3u8',
      '/live/live/%ff.flv',
      '/page/lib/no.js',
    ]) {
      expect((await fetchBytes(`${running.url}${path}`)).toString()).toMatch(/no|nothing/);
    }
    await client.closeSession(session.key);
    await expect(client.report(session.key)).rejects.toThrow('404');
  });
});
