import { connect, type Socket as TcpSocket } from 'node:net';
import { Manager } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { dechunked, flvTagsOf, type SentTag } from '../../test/support/stage-rig.js';
import type { StageCounts } from './counts.js';
import { type RunningStage, startStage } from './stage.js';
import type { StageOptions } from './stage-options.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(options: StageOptions): Promise<RunningStage> {
  const stage = await startStage({ streamKey: 'key', ...options });
  cleanups.push(() => stage.close());
  return stage;
}

interface RawViewer {
  readonly socket: TcpSocket;
  answer(): Buffer;
  /** Resolves when so many bytes have come; rejects when the connection ends before. */
  got(bytes: number): Promise<void>;
  readonly closed: Promise<void>;
}

/** A viewer that is nothing but a socket: it sees the bytes as they come. */
function rawViewer(base: string, path: string): RawViewer {
  const { hostname, port, host } = new URL(base);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  cleanups.push(() => socket.destroy());
  const answer = (): Buffer => Buffer.concat(chunks);
  const got = (bytes: number): Promise<void> => {
    return new Promise((resolve, reject) => {
      socket.on('data', () => {
        if (socket.bytesRead >= bytes) resolve();
      });
      void closed.then(() => reject(new Error('the connection ended')));
    });
  };
  return { socket, answer, got, closed };
}

const FLV_PATH = '/live/live/key.flv';

async function counts(stage: RunningStage): Promise<StageCounts> {
  return (await (await fetch(`${stage.controlUrl}/__stage/counts`)).json()) as StageCounts;
}

function timesOf(tags: readonly SentTag[], type: number): number[] {
  return tags.filter((tag) => tag.type === type && tag.body[1] === 1).map(({ timeMs }) => timeMs);
}

function stepsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

describe('over real sockets', () => {
  it('an FLV viewer who reads nothing for a while loses what waited longer than 1 s, not the connection', async () => {
    // So many bits that what the kernel takes for a sleeping reader is a fraction of a second.
    const stage = await started({ bitsPerS: 100e6, prerollMs: 0 });
    const viewer = rawViewer(stage.urls.flvUrl, FLV_PATH);
    await viewer.got(1);
    viewer.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    viewer.socket.resume();
    const tagsSoFar = (): SentTag[] => flvTagsOf(dechunked(viewer.answer()));
    const holes = (type: number): number[] =>
      stepsOf(timesOf(tagsSoFar(), type)).filter((step) => step > 100);
    await expect
      .poll(() => Math.min(holes(8).length, holes(9).length), { interval: 200, timeout: 10_000 })
      .toBe(1);
    await viewer.got(viewer.socket.bytesRead + 1_000_000);
    for (const type of [8, 9]) {
      expect(holes(type), `type ${type}`).toHaveLength(1);
      expect(holes(type)[0]).toBeGreaterThan(900);
    }
    const tags = tagsSoFar();
    expect(tags.filter(({ type, body }) => type === 9 && body[1] === 0)).toHaveLength(1);
    expect((await counts(stage)).flv).toMatchObject({ viewersNow: 1, viewersTotal: 1 });
  });

  it('504 comes to an FLV viewer of nothing when the limit is over', async () => {
    const stage = await started({ bitsPerS: 0, flvSilenceLimitMs: 150 });
    const viewer = rawViewer(stage.urls.flvUrl, '/live/live/unknown.flv');
    await viewer.closed;
    expect(viewer.answer().toString()).toMatch(/^HTTP\/1\.1 504 .*\r\nContent-Length: 0\r\n/);
    await expect.poll(async () => (await counts(stage)).flv.waitingNow).toBe(0);
  });

  it('stream:ended reaches those who joined the stream when the grace is over, and only then is it OFFLINE', async () => {
    const stage = await started({ bitsPerS: 0, doneGraceMs: 600 });
    const manager = new Manager(stage.urls.socketUrl, { transports: ['websocket'], reconnection: false });
    cleanups.push(() => manager._close());
    const socket = manager.socket('/streaming');
    const heard = (event: string): Promise<unknown> => {
      return new Promise((resolve) => socket.once(event, resolve));
    };
    const status = async (): Promise<string> => {
      const answer = await fetch(`${stage.urls.apiUrl}/api/streaming/key/key/status`);
      return ((await answer.json()) as { data: { status: string } }).data.status;
    };
    await heard('connection:success');
    const joined = heard('stream:viewer:join:success');
    socket.emit('stream:viewer:join', { streamKey: 'key' });
    await joined;
    const ended = heard('stream:ended');
    stage.faults.plant({ kind: 'drop-publisher', atSeconds: 0, parameters: {} });
    expect(await status()).toBe('LIVE');
    expect(await ended).toEqual({ streamKey: 'key' });
    expect(await status()).toBe('OFFLINE');
  });
});

describe('counts beside what clients got', () => {
  /** Watches HLS as a player does, until told to stop; body bytes of lists and segments. */
  async function watchHls(stage: RunningStage, rounds: number): Promise<{ list: number; segments: number }> {
    // A busy machine may ask for a segment when it has left the window: the body of that 404 is no media.
    const bodyOf = async (url: string): Promise<Buffer> => {
      const answer = await fetch(url);
      const body = Buffer.from(await answer.arrayBuffer());
      return answer.ok ? body : Buffer.alloc(0);
    };
    const master = (await bodyOf(`${stage.urls.hlsUrl}/hls/key.m3u8`)).toString();
    const child = `${stage.urls.hlsUrl}${master.trim().split('\n').at(-1)}`;
    const seen = new Set<string>();
    const got = { list: 0, segments: 0 };
    for (let round = 0; round < rounds; round++) {
      const list = await bodyOf(child);
      got.list += list.length;
      for (const line of list.toString().split('\n')) {
        if (!line.includes('.ts') || seen.has(line)) continue;
        seen.add(line);
        got.segments += (await bodyOf(new URL(line, child).href)).length;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return got;
  }

  it('are the same to the byte for viewers who stay to the end, over HLS and FLV', async () => {
    const stage = await started({});
    const viewers = [0, 1, 2].map(() => rawViewer(stage.urls.flvUrl, FLV_PATH));
    const hls = await watchHls(stage, 5);
    stage.faults.plant({ kind: 'drop-publisher', atSeconds: 0, parameters: {} });
    await Promise.all(viewers.map(({ closed }) => closed));
    const bodies = viewers.map((viewer) => dechunked(viewer.answer()));
    const { flv, hls: counted } = await counts(stage);
    expect(flv.bodyBytes).toBe(bodies.reduce((sum, body) => sum + body.length, 0));
    expect(flv.tags).toBe(bodies.reduce((sum, body) => sum + flvTagsOf(body).length, 0));
    expect([counted.playlistBodyBytes, counted.segmentBodyBytes]).toEqual([hls.list, hls.segments]);
    expect(hls.segments).toBeGreaterThan(5 * 300_000);
  });

  it('agree within 1 % when viewers have left in mid-stream, a slow reader among them', async () => {
    const stage = await started({ bitsPerS: 10e6 });
    const viewers = [0, 1, 2, 3].map(() => rawViewer(stage.urls.flvUrl, FLV_PATH));
    // One reads 64 KiB every 10 ms: more than the stream brings, in gulps.
    const slow = (viewers[0] as RawViewer).socket;
    let budget = 65_536;
    slow.on('data', (chunk: Buffer) => {
      budget -= chunk.length;
      if (budget > 0) return;
      budget = 65_536;
      slow.pause();
      setTimeout(() => slow.resume(), 10);
    });
    await Promise.all(viewers.map(({ got }) => got(1_000_000)));
    // What the kernel holds for a viewer who leaves counts as sent and is never read: here all has been read first.
    stage.faults.plant({ kind: 'freeze', atSeconds: 0, forSeconds: 30, parameters: {} });
    const read = (): number => viewers.reduce((sum, { answer }) => sum + dechunked(answer()).length, 0);
    const ratio = async (): Promise<number> => (await counts(stage)).flv.bodyBytes / read();
    await expect.poll(async () => Math.abs((await ratio()) - 1), { timeout: 5000 }).toBeLessThan(0.01);
    for (const { socket } of viewers) socket.destroy();
    await expect.poll(async () => (await counts(stage)).flv.viewersNow).toBe(0);
    expect(Math.abs((await ratio()) - 1)).toBeLessThan(0.01);
  });
});
