import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FLV_FILE_HEADER } from '../media/flv-layout.js';
import { Broadcast, type BroadcastEnd } from './broadcast.js';
import type { FfmpegEnd, FfmpegSpec } from './ffmpeg-process.js';
import { FlvCutter } from './flv-cutter.js';
import { ANSWER_TIMEOUT_MS } from './sender.js';

const FLV = new Uint8Array(readFileSync(new URL('../../test/fixtures/publish/encoder.flv', import.meta.url)));
const EPOCH_US = 1_795_330_000_000_000;

/** Stands for one ffmpeg. */
class FakeFfmpeg {
  readonly spec: FfmpegSpec;
  readonly pid = 1;
  readonly stdin: PassThrough | undefined;
  readonly stdout: PassThrough | undefined;
  readonly side = new PassThrough();
  readonly ended: Promise<FfmpegEnd>;
  readonly received: Buffer[] = [];
  killed = '';
  end: (how: string, missing?: boolean) => void = () => {};

  constructor(spec: FfmpegSpec) {
    this.spec = spec;
    this.stdin = spec.streams === 'in' ? new PassThrough() : undefined;
    this.stdout = spec.streams === 'out' ? new PassThrough() : undefined;
    this.ended = new Promise((resolve) => {
      this.end = (how, missing = false) => resolve({ how, missing, lastWords: '' });
    });
    this.stdin?.on('data', (chunk: Buffer) => this.received.push(chunk)).on('end', () => this.end('code 0'));
  }

  kill(signal: string): void {
    this.killed = signal;
    this.end(signal);
  }

  /** Tag types and times of what it was given. */
  tags(): { type: number; timeMs: number }[] {
    const tags: { type: number; timeMs: number }[] = [];
    const cutter = new FlvCutter({
      onTag: ({ type, timeMs }) => tags.push({ type, timeMs }),
      onBody: () => {},
      onTagEnd: () => {},
    });
    cutter.push(Buffer.concat(this.received));
    return tags;
  }
}

const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(1).then(() => {});

interface Rig {
  readonly broadcast: Broadcast;
  readonly encoder: FakeFfmpeg;
  readonly senders: FakeFfmpeg[];
  readonly states: string[];
  ended(): BroadcastEnd | undefined;
  /** The encoder makes this much of the fixture. */
  media(from: number, to: number): Promise<void>;
}

function rig(): Rig {
  const all: FakeFfmpeg[] = [];
  const states: string[] = [];
  const broadcast = new Broadcast(
    {
      source: { kind: 'pattern' },
      video: {
        widthPx: 128,
        heightPx: 72,
        rate: 30,
        gopFrames: 15,
        bitsPerS: 1e5,
        audioBitsPerS: 32e3,
        preset: 'veryfast',
      },
      url: 'rtmp://127.0.0.1/live/key',
      secrets: ['key'],
      quiet: true,
    },
    {
      start: (spec) => {
        const child = new FakeFfmpeg(spec);
        all.push(child);
        return child;
      },
      epochUs: () => EPOCH_US,
      onLine: () => {},
      onState: (state) => states.push(state),
    },
  );
  const encoder = all.shift() as FakeFfmpeg;
  let end: BroadcastEnd | undefined;
  void broadcast.ended.then((value) => {
    end = value;
  });
  return {
    ...{ broadcast, encoder, states, senders: all },
    ended: () => end,
    async media(from, to) {
      encoder.stdout?.write(Buffer.from(FLV.slice(from, to)));
      await settle();
    },
  };
}

/** A rig whose server has taken a picture; nothing of the fixture is left but what is behind `at`. */
async function onAir(at: number): Promise<Rig> {
  const all = rig();
  all.encoder.side.write('frame:0 pts:0 pts_time:0\n');
  await all.media(0, at);
  all.senders[0]?.side.write('frame=1\n');
  await settle();
  return all;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Broadcast', () => {
  it('reads nothing of the encoder until it knows when the first frame was made', async () => {
    const { media, senders, encoder } = rig();
    await media(0, 5000);
    expect(senders[0]?.received).toEqual([]);
    encoder.side.write('frame:0 pts:0 pts_time:0\n');
    await settle();
    expect(Buffer.concat(senders[0]?.received ?? []).subarray(0, 13)).toEqual(Buffer.from(FLV_FILE_HEADER));
  });

  it('gives each connection the headers first, and then media from a keyframe on, from time 0', async () => {
    const { broadcast, senders, media, states } = await onAir(5000);
    expect(broadcast.drop(2000)).toBeUndefined();
    expect(senders[0]?.killed).toBe('SIGKILL');
    await media(5000, 6000);
    await vi.advanceTimersByTimeAsync(2000);
    await media(6000, FLV.length);
    senders[1]?.side.write('frame=1\n');
    await settle();
    expect(states).toEqual(['on_air', 'dropped', 'connecting', 'on_air']);
    for (const sender of senders) {
      const tags = sender.tags();
      expect(tags.slice(0, 3).map(({ type }) => type)).toEqual([18, 9, 8]);
      expect(tags[3]).toEqual({ type: 9, timeMs: 0 });
    }
  });

  it('sends nothing while it is paused, and keeps the connection', async () => {
    const { broadcast, senders, media } = await onAir(5000);
    expect(broadcast.pause()).toBeUndefined();
    const before = Buffer.concat(senders[0]?.received ?? []).length;
    await media(5000, 9000);
    expect(Buffer.concat(senders[0]?.received ?? [])).toHaveLength(before);
    expect(broadcast.pause()).toBe('nothing to pause: paused');
    expect(broadcast.resume()).toBeUndefined();
    await media(9000, FLV.length);
    expect(Buffer.concat(senders[0]?.received ?? []).length).toBeGreaterThan(before);
    expect(senders).toHaveLength(1);
    expect(broadcast.meter.frames).toBe(45);
  });

  it('ends a connection in peace for new timestamps, and begins the next where it is told', async () => {
    const { broadcast, senders, media } = await onAir(5000);
    await Promise.all([broadcast.newTimestamps(90_000), settle()]);
    await media(5000, FLV.length);
    expect(senders[0]?.killed).toBe('');
    expect(senders[1]?.tags()[3]).toEqual({ type: 9, timeMs: 90_000 });
  });

  it('holds the encoder while the server takes nothing, and goes on when it does', async () => {
    const { broadcast, senders, media } = await onAir(500);
    senders[0]?.stdin?.pause();
    // More than the pipes between hold.
    await media(500, FLV.length);
    await vi.advanceTimersByTimeAsync(100);
    expect(broadcast.waitingForServer).toBe(true);
    senders[0]?.stdin?.resume();
    await vi.advanceTimersByTimeAsync(100);
    expect(broadcast.waitingForServer).toBe(false);
  });

  it('is over when an ffmpeg is', async () => {
    const one = await onAir(5000);
    one.encoder.end('SIGKILL');
    await settle();
    expect(one.ended()).toMatchObject({ kind: 'encoder', end: { how: 'SIGKILL' } });
    const two = await onAir(5000);
    two.senders[0]?.end('code 1');
    await settle();
    expect(two.ended()).toMatchObject({ kind: 'server', wasOnAir: true });
  });

  it('is over when the server takes no picture in time, or the encoder sends something else', async () => {
    const silent = rig();
    await vi.advanceTimersByTimeAsync(ANSWER_TIMEOUT_MS + 1);
    expect(silent.ended()).toMatchObject({ kind: 'server', wasOnAir: false, end: { timedOut: true } });
    const garbage = await onAir(0);
    garbage.encoder.stdout?.write('no FLV at all');
    await settle();
    expect(garbage.ended()).toMatchObject({ kind: 'media' });
  });

  it('does not come back after it was stopped', async () => {
    const { broadcast, senders, ended, encoder } = await onAir(5000);
    broadcast.drop(1000);
    await Promise.all([broadcast.stop(), settle()]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(senders).toHaveLength(1);
    expect(encoder.killed).toBe('SIGKILL');
    expect(ended()).toBeUndefined();
  });
});
