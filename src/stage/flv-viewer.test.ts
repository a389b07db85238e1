import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { emptyCounts, type StageCounts } from './counts.js';
import { FlvFanout } from './flv-fanout.js';
import type { MediaUnit } from './media-unit.js';

/** As much of a socket as a viewer uses; `blocked` = its peer reads nothing. */
class FakeSocket {
  readonly written: Buffer[] = [];
  readonly #listeners = new Map<string, (() => void)[]>();
  blocked = false;
  destroyed = false;
  ended = false;
  writableLength = 0;

  write(data: Buffer | string): boolean {
    const bytes = Buffer.from(data as Buffer);
    this.written.push(bytes);
    if (this.blocked) this.writableLength += bytes.length;
    return !this.blocked;
  }
  on(event: string, fn: () => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), fn]);
  }
  once(event: string, fn: () => void): void {
    this.on(event, fn);
  }
  emit(event: string): void {
    for (const fn of this.#listeners.get(event) ?? []) fn();
  }
  drain(): void {
    this.blocked = false;
    this.writableLength = 0;
    this.emit('drain');
  }
  destroySoon(): void {
    this.ended = true;
  }
  cork(): void {}
  uncork(): void {}
  setNoDelay(): void {}
  setTimeout(): void {}
}

interface Tag {
  readonly type: number;
  readonly timeMs: number;
  readonly body: Buffer;
}

/** The tags in what was written: HTTP head and chunk framing taken off. */
function tagsOf(socket: FakeSocket): Tag[] {
  let rest = Buffer.concat(socket.written);
  rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4);
  const bodies: Buffer[] = [];
  while (rest.length > 0) {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString(), 16);
    bodies.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.subarray(lineEnd + 2 + size + 2);
  }
  const flv = Buffer.concat(bodies);
  const tags: Tag[] = [];
  for (let at = 13; at < flv.length; ) {
    const size = flv.readUIntBE(at + 1, 3);
    const timeMs = flv.readUIntBE(at + 4, 3) + (flv[at + 7] as number) * 2 ** 24;
    tags.push({ type: flv[at] as number, timeMs, body: flv.subarray(at + 11, at + 11 + size) });
    expect(flv.readUInt32BE(at + 11 + size)).toBe(size + 11);
    at += 15 + size;
  }
  return tags;
}

const headers = {
  metadata: Buffer.from('meta'),
  audioConfig: Buffer.from([0xaf, 0, 1]),
  videoConfig: Buffer.from([0x17, 0, 2]),
};
const unit = (kind: 'video' | 'audio', dtsMs: number, keyframe = false): MediaUnit => {
  const flvHead = Buffer.from([keyframe ? 0x17 : 0x27, 1]);
  const rest = { flvRest: Buffer.from(`at ${dtsMs}`), esHead: flvHead, esRest: flvHead };
  return { kind, dtsMs, ptsMs: dtsMs, keyframe, captureEpochMs: 0, flvHead, ...rest };
};

let counts: StageCounts;
let fanout: FlvFanout;

beforeEach(() => {
  counts = emptyCounts();
  fanout = new FlvFanout(headers, counts.flv, { gopCacheMessages: 30 }, () => false);
});

function joined(): FakeSocket {
  const socket = new FakeSocket();
  fanout.join(socket as unknown as Socket, true);
  return socket;
}

const live = (...units: MediaUnit[]): void => fanout.onUnits(units, 'live');
const times = (socket: FakeSocket): number[] => tagsOf(socket).map(({ timeMs }) => timeMs);

describe('HTTP-FLV fan-out', () => {
  it('greets with metadata, both sequence headers at 0 and the cached GOP from 10 ms', () => {
    fanout.onPublish();
    live(unit('audio', 99_990), unit('video', 100_000, true));
    live(unit('audio', 100_020), unit('video', 100_033));
    const socket = joined();
    expect(tagsOf(socket).map(({ type, timeMs }) => [type, timeMs])).toEqual([
      [18, 0],
      [8, 0],
      [9, 0],
      [9, 10],
      [8, 30],
      [9, 43],
    ]);
    expect(Buffer.concat(socket.written).toString('latin1')).toMatch(
      /^HTTP\/1\.1 200 OK\r\nConnection: Close\r\nContent-Type: video\/x-flv\r\nServer: SRS\/6\.0\.157\(Hang\)\r\nTransfer-Encoding: chunked\r\n\r\n9?d\r\nFLV/,
    );
  });

  it('gives each viewer a time of its own', () => {
    fanout.onPublish();
    live(unit('video', 50_000, true));
    const first = joined();
    live(unit('video', 50_033));
    live(unit('video', 51_000, true));
    const second = joined();
    live(unit('audio', 51_010), unit('video', 51_033));
    expect(times(first).slice(3)).toEqual([10, 43, 53, 63, 86]);
    expect(times(second).slice(3)).toEqual([10, 20, 43]);
  });

  it('keeps silent towards a viewer of an unknown or unpublished stream, for ever', () => {
    const early = joined();
    fanout.onPublish();
    const unknown = new FakeSocket();
    fanout.join(unknown as unknown as Socket, false);
    live(unit('video', 0, true));
    expect([early.written, unknown.written]).toEqual([[], []]);
    expect(counts.flv).toMatchObject({ waitingNow: 2, viewersNow: 0 });
  });

  it('cuts the connection on unpublish, without the final chunk', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 0, true));
    fanout.onUnpublish();
    expect(socket.ended).toBe(true);
    expect(Buffer.concat(socket.written).toString('latin1').endsWith('\r\n0\r\n\r\n')).toBe(false);
    expect(counts.flv.viewersNow).toBe(0);
  });

  it('shows units that were lost on the way as a hole in the times', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 100, true));
    for (let dtsMs = 133; dtsMs < 2100; dtsMs += 33) fanout.onUnits([unit('video', dtsMs)], 'lost');
    live(unit('video', 2100));
    expect(times(socket).slice(3)).toEqual([100, 2100]);
  });

  it('corrects a leap of the publisher to 10 ms, as SRS does', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 100, true));
    live(unit('video', 5133));
    expect(times(socket).slice(3)).toEqual([100, 110]);
  });

  it('lets up to 1 s wait for a slow viewer and then sends all of it', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 0, true));
    socket.blocked = true;
    for (let dtsMs = 33; dtsMs <= 1000; dtsMs += 33) live(unit('video', dtsMs));
    socket.drain();
    const seen = times(socket).slice(3);
    expect(seen).toEqual(Array.from({ length: 31 }, (_, index) => index * 33));
  });

  it('throws away more than 1 s but the sequence headers, and goes on with a hole in the times', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 0, true));
    socket.blocked = true;
    for (let dtsMs = 33; dtsMs <= 1122; dtsMs += 33) live(unit('video', dtsMs));
    socket.drain();
    live(unit('video', 1155));
    const tags = tagsOf(socket).slice(4);
    const wrote = tags.map(({ type, timeMs, body }) => [type, timeMs, body[1]]);
    expect(wrote[0]).toEqual([9, 33, 1]);
    expect(wrote.slice(1)).toEqual([
      [8, 1089, 0],
      [9, 1089, 0],
      [9, 1122, 1],
      [9, 1155, 1],
    ]);
  });

  it('sends a held burst whole, however long it is', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 0, true));
    socket.blocked = true;
    const burst = Array.from({ length: 90 }, (_, index) => unit('video', 33 + index * 33));
    fanout.onUnits(burst, 'burst');
    socket.drain();
    expect(times(socket)).toHaveLength(3 + 1 + 90);
  });

  it('counts tags and body bytes as the viewer sees them, and takes back what a gone viewer never got', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 0, true));
    const tags = tagsOf(socket);
    const bytes = tags.reduce((sum, { body }) => sum + body.length + 15, 13);
    expect(counts.flv).toMatchObject({ tags: tags.length, bodyBytes: bytes, viewersNow: 1, viewersTotal: 1 });
    socket.writableLength = 13;
    socket.emit('close');
    expect(counts.flv).toMatchObject({ bodyBytes: bytes - 13, viewersNow: 0, viewersTotal: 1 });
  });
});
