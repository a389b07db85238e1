import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSocket, tagsOf } from '../../test/support/stage-rig.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { emptyCounts, type StageCounts } from './counts.js';
import { Emissions } from './emissions.js';
import { FlvFanout } from './flv-fanout.js';
import type { MediaUnit } from './media-unit.js';

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
let clock: VirtualClock;
let emissions: Emissions;
let isGap: boolean;
let isGarbage: boolean;

beforeEach(() => {
  counts = emptyCounts();
  clock = new VirtualClock({ startEpochMs: 0 });
  emissions = new Emissions(clock);
  isGap = false;
  isGarbage = false;
  fanout = new FlvFanout({
    ...{ clock, headers, counts: counts.flv, emissions, gopCacheMessages: 30, silenceLimitMs: 60_000 },
    ...{ isGap: () => isGap, isGarbage: () => isGarbage, isUnpublished: () => false, share: () => 1 },
  });
});

function joined(): FakeSocket {
  const socket = new FakeSocket();
  fanout.join(socket.asSocket(), true);
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

  it('keeps silent towards a viewer of an unknown or unpublished stream, also when it is published', () => {
    const early = joined();
    fanout.onPublish();
    const unknown = new FakeSocket();
    fanout.join(unknown.asSocket(), false);
    live(unit('video', 0, true));
    expect([early.written, unknown.written]).toEqual([[], []]);
    expect(counts.flv).toMatchObject({ waitingNow: 2, viewersNow: 0 });
  });

  it('answers 504 to who waited in vain for the limit, and forgets who left before', () => {
    const [patient, impatient] = [joined(), joined()];
    clock.advance(30_000);
    impatient.emit('close');
    clock.advance(29_999);
    expect([patient.text(), counts.flv.waitingNow]).toEqual(['', 1]);
    clock.advance(1);
    expect(patient.text()).toMatch(/^HTTP\/1\.1 504 /);
    patient.emit('close');
    expect([impatient.text(), clock.pending, counts.flv.waitingNow]).toEqual(['', 0, 0]);
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

  it('throws away more than 1 s, more than once, and goes on with a hole in the times', () => {
    fanout.onPublish();
    const socket = joined();
    live(unit('video', 0, true));
    socket.blocked = true;
    for (let dtsMs = 33; dtsMs <= 2310; dtsMs += 33) live(unit('video', dtsMs));
    socket.drain();
    live(unit('video', 2343));
    // 33 was in the socket already; 66 to 1089 and 1122 to 2112 each spanned more than 1 s.
    expect(times(socket).slice(3)).toEqual([0, 33, 2145, 2178, 2211, 2244, 2277, 2310, 2343]);
    expect(socket.ended).toBe(false);
  });

  it('gap: gives nobody anything, throws away what waits, fills nobody up and shows the hole', () => {
    fanout.onPublish();
    const socket = joined();
    const slow = joined();
    slow.blocked = true;
    live(unit('video', 0, true));
    live(unit('video', 33));
    isGap = true;
    for (let dtsMs = 66; dtsMs < 1000; dtsMs += 33) live(unit('video', dtsMs, dtsMs === 99));
    slow.drain();
    const late = joined();
    isGap = false;
    live(unit('video', 1023), unit('audio', 1030));
    const all = [socket, slow, late].map((each) => times(each).slice(3));
    expect(all).toEqual([
      [0, 33, 1023, 1030],
      [0, 1023, 1030],
      [10, 17],
    ]);
    expect(times(joined())[3]).toBe(99);
    expect(tagsOf(socket).filter(({ body }) => body[1] === 0)).toHaveLength(2);
  });

  it('tells of media that leaves, not of what is lost, thrown away or replaced by noise', () => {
    fanout.onPublish();
    live(unit('video', 0, true), unit('audio', 5));
    expect(emissions.last).toEqual({ epochMs: 0, dtsMs: 5 });
    const next: number[] = [];
    emissions.onNext(({ dtsMs }) => next.push(dtsMs));
    clock.advance(33);
    fanout.onUnits([unit('video', 33)], 'lost');
    isGap = true;
    live(unit('video', 66));
    isGap = false;
    isGarbage = true;
    live(unit('video', 99));
    isGarbage = false;
    expect([emissions.last?.epochMs, next]).toEqual([0, []]);
    live(unit('video', 132), unit('audio', 140));
    expect([emissions.last, next]).toEqual([{ epochMs: 33, dtsMs: 140 }, [132]]);
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
