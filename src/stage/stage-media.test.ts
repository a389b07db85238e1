import { describe, expect, it } from 'vitest';
import {
  type FakeSocket,
  type StageRig,
  stageRig,
  tagsOf,
  tsPacketsByPid,
} from '../../test/support/stage-rig.js';
import type { FaultKind } from './fault-spec.js';

const PID = { pat: 0, pmt: 0x1001, video: 0x100, audio: 0x101 };
const NOTHING_MISSING_MS = 34;
/** Half a segment after a keyframe. */
const PREROLL_MS = 8500;

const plant = (rig: StageRig, kind: FaultKind, forSeconds?: number, parameters = {}) =>
  rig.faults.plant({ kind, atSeconds: 0, ...(forSeconds === undefined ? {} : { forSeconds }), parameters });

interface Watching {
  longestSilenceMs: number;
  lastAtMs: number;
}

/** Goes on for `ms` and notes when a viewer's bytes come. */
function watchFor(rig: StageRig, socket: FakeSocket, ms: number, seen?: Watching): Watching {
  const watching = seen ?? { longestSilenceMs: 0, lastAtMs: rig.clock.nowMs() };
  for (const untilMs = rig.clock.nowMs() + ms; rig.clock.nowMs() < untilMs; ) {
    const before = socket.written.length;
    rig.clock.advance(1);
    if (socket.written.length === before) continue;
    const silenceMs = rig.clock.nowMs() - watching.lastAtMs;
    watching.longestSilenceMs = Math.max(watching.longestSilenceMs, silenceMs);
    watching.lastAtMs = rig.clock.nowMs();
  }
  return watching;
}

/** The largest step of time from tag to tag of one kind, sequence headers left out. */
function largestStepMs(socket: FakeSocket, type = 9): number {
  const times = tagsOf(socket)
    .filter((tag) => tag.type === type && tag.body[1] === 1)
    .map(({ timeMs }) => timeMs);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] as number)));
}

/** How the list of a session grew: the longest wait for a change, and all durations seen, ms. */
function watchListFor(rig: StageRig, ms: number): { longestWaitMs: number; durations: Map<number, number> } {
  const durations = new Map<number, number>();
  let longestWaitMs = 0;
  let newest = -1;
  let changedAtMs = rig.clock.nowMs();
  for (let at = 0; at < ms; at += 50) {
    rig.clock.advance(50);
    const { text, numbers } = rig.list('watcher');
    const lengths = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map((match) => Number(match[1]) * 1000);
    for (const [index, number] of numbers.entries()) durations.set(number, Math.round(lengths[index] ?? 0));
    if (numbers.at(-1) === newest) continue;
    if (newest !== -1) longestWaitMs = Math.max(longestWaitMs, rig.clock.nowMs() - changedAtMs);
    newest = numbers.at(-1) ?? -1;
    changedAtMs = rig.clock.nowMs();
  }
  return { longestWaitMs, durations };
}

describe('the faults of time, as viewers see them', () => {
  it.each([
    // Silence over the wire, step of a viewer's own time; wait for a new segment, longest segment.
    ['freeze', { silenceMs: 2000, stepMs: 0, waitMs: 2880, segmentMs: 1000 }],
    ['pause', { silenceMs: 2000, stepMs: 0, waitMs: 3000, segmentMs: 1000 }],
    ['gap', { silenceMs: 2000, stepMs: 2000, waitMs: 1000, segmentMs: 1000 }],
    ['loss', { silenceMs: 2000, stepMs: 2000, waitMs: 2880, segmentMs: 2880 }],
  ] as const)('%s of 2 s', (kind, expected) => {
    const flvRig = stageRig({ prerollMs: PREROLL_MS });
    const socket = flvRig.watch();
    const watching = watchFor(flvRig, socket, 2000);
    const record = plant(flvRig, kind, 2);
    const silenceMs = watchFor(flvRig, socket, 6000, watching).longestSilenceMs;
    expect(Math.abs(silenceMs - expected.silenceMs)).toBeLessThanOrEqual(NOTHING_MISSING_MS);
    expect(Math.abs(largestStepMs(socket) - expected.stepMs)).toBeLessThanOrEqual(NOTHING_MISSING_MS);
    expect(Math.abs(largestStepMs(socket, 8) - expected.stepMs)).toBeLessThanOrEqual(NOTHING_MISSING_MS);
    const { lastEmissionBefore: before, firstEmissionAfter: after } = record;
    const toldMs = (after?.epochMs ?? Number.NaN) - (before?.epochMs ?? Number.NaN);
    expect(Math.abs(toldMs - silenceMs)).toBeLessThanOrEqual(1);

    const hlsRig = stageRig({ prerollMs: PREROLL_MS });
    // 120 ms before a keyframe.
    hlsRig.faults.plant({ kind, atSeconds: 1.4, forSeconds: 2, parameters: {} });
    const { longestWaitMs, durations } = watchListFor(hlsRig, 9000);
    expect(Math.abs(longestWaitMs - expected.waitMs)).toBeLessThanOrEqual(100);
    expect(Math.abs(Math.max(...durations.values()) - expected.segmentMs)).toBeLessThanOrEqual(50);
  });

  it('gap: leaves HLS as it would have been, byte for byte', () => {
    const [plain, gapped] = [stageRig({ prerollMs: PREROLL_MS }), stageRig({ prerollMs: PREROLL_MS })];
    plant(gapped, 'gap', 2);
    for (const rig of [plain, gapped]) rig.clock.advance(4000);
    expect(gapped.list('me').text).toBe(plain.list('me').text);
    for (const name of plain.list('me').names)
      expect(gapped.get(name).body.equals(plain.get(name).body)).toBe(true);
  });

  it('gap: can be lifted before its time', () => {
    const rig = stageRig();
    const socket = rig.watch();
    rig.clock.advance(1000);
    plant(rig, 'gap', 60);
    rig.clock.advance(500);
    rig.faults.lift('gap');
    expect(watchFor(rig, socket, 200).longestSilenceMs).toBeLessThanOrEqual(NOTHING_MISSING_MS);
    expect(Math.abs(largestStepMs(socket) - 500)).toBeLessThanOrEqual(2 * NOTHING_MISSING_MS);
  });

  it('jump: FLV viewers see 10 ms, HLS viewers the leap', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const socket = rig.watch();
    plant(rig, 'jump', undefined, { seconds: 5 });
    const { durations } = watchListFor(rig, 3000);
    expect(largestStepMs(socket)).toBeLessThanOrEqual(NOTHING_MISSING_MS + 10);
    expect(Math.max(...durations.values())).toBeGreaterThanOrEqual(5000);
  });
});

describe('what is missing or broken, over the wire', () => {
  it.each([
    ['video-gone', { flvType: 9, pid: PID.video, otherType: 8, otherPid: PID.audio }],
    ['audio-gone', { flvType: 8, pid: PID.audio, otherType: 9, otherPid: PID.video }],
  ] as const)(
    '%s: the other track goes on, in FLV and in TS',
    (kind, { flvType, pid, otherType, otherPid }) => {
      const rig = stageRig({ prerollMs: PREROLL_MS });
      const socket = rig.watch();
      plant(rig, kind, 8);
      const tagsBefore = tagsOf(socket).length;
      rig.clock.advance(8000);
      const during = tagsOf(socket).slice(tagsBefore);
      expect(during.filter(({ type }) => type === flvType)).toHaveLength(0);
      expect(during.filter(({ type }) => type === otherType).length).toBeGreaterThan(230);
      const { names } = rig.list('me');
      const newest = tsPacketsByPid(rig.get(names.at(-1) as string).body);
      expect([newest[PID.pat], newest[PID.pmt], newest[pid]]).toEqual([1, 1, undefined]);
      expect(newest[otherPid]).toBeGreaterThan(25);
      const tagsThen = tagsOf(socket).length;
      rig.clock.advance(5000);
      expect(
        tagsOf(socket)
          .slice(tagsThen)
          .filter(({ type }) => type === flvType).length,
      ).toBeGreaterThan(140);
      const back = tsPacketsByPid(rig.get(rig.list('me').names.at(-1) as string).body);
      expect(back[pid]).toBeGreaterThan(25);
    },
  );

  it('garbage-flv: noise in place of tags, then tags again', () => {
    const rig = stageRig();
    const socket = rig.watch();
    rig.clock.advance(500);
    plant(rig, 'garbage-flv', 0.5);
    const from = socket.written.length;
    rig.clock.advance(500);
    const noise = Buffer.concat(socket.written.slice(from));
    expect(noise.length).toBeGreaterThan(14 * 4096);
    // Behind the size of the chunk; the first byte is that of no tag, whatever chance says.
    const begin = noise.indexOf('\r\n') + 2;
    expect(noise[begin]).toBe(0xff);
    const seen = new Set(noise.subarray(begin + 1, 4096));
    expect(seen.size).toBe(256);
    const again = socket.written.length;
    rig.clock.advance(100);
    const tag = socket.written[again] as Buffer;
    expect([8, 9]).toContain(tag[tag.indexOf('\r\n') + 2]);
  });

  it('garbage-segment and garbage-playlist: neither is what its type says', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const { names } = rig.list('me');
    plant(rig, 'garbage-segment');
    const noise = rig.get(names[0] as string);
    expect([noise.status, noise.type]).toEqual([200, 'video/MP2T']);
    expect(() => tsPacketsByPid(noise.body)).toThrow('no sync byte');
    plant(rig, 'garbage-playlist');
    for (const path of ['key.m3u8', 'key.m3u8?hls_ctx=me']) {
      const answer = rig.get(path);
      expect([answer.status, answer.type]).toEqual([200, 'application/vnd.apple.mpegurl']);
      expect(answer.body.toString()).not.toContain('#EXTM3U');
    }
    rig.faults.lift();
    expect(rig.list('me').names).toEqual(names);
    expect(tsPacketsByPid(rig.get(names[0] as string).body)[PID.pat]).toBe(1);
  });

  it('frozen-playlist: the list stands still, its segments vanish, then it leaps to the edge', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const { text, names, numbers } = rig.list('me');
    plant(rig, 'frozen-playlist', 10);
    rig.clock.advance(9900);
    expect(rig.list('me').text).toBe(text);
    expect(rig.get(names[0] as string).status).toBe(404);
    rig.clock.advance(200);
    expect(rig.list('me').numbers[0]).toBe((numbers[0] as number) + 10);
  });

  it('lost-segments: the next ones are listed and answer 404 to everybody, those around do not', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const newest = rig.list('me').numbers.at(-1) as number;
    plant(rig, 'lost-segments', undefined, { count: 2 });
    rig.clock.advance(3500);
    const { names, numbers } = rig.list('me');
    const lost = numbers.filter((_, index) => rig.get(names[index] as string).status === 404);
    expect(lost).toEqual([newest + 1, newest + 2]);
    expect(numbers.at(-1)).toBe(newest + 3);
    rig.faults.lift('lost-segments');
    expect(names.map((name) => rig.get(name).status)).not.toContain(404);
  });
});

describe('the sessions of HLS viewers', () => {
  it('end after 8 s without a request, seen every 5 s, one at a time; then a master comes and the context lives again', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const ask = (session: string): string => rig.get(`key.m3u8?hls_ctx=${session}`).body.toString();
    const isMaster = (text: string): boolean => text.includes('#EXT-X-STREAM-INF');
    for (const session of ['first', 'second']) expect(isMaster(ask(session))).toBe(true);
    expect(isMaster(ask('first'))).toBe(false);
    rig.clock.advance(9999);
    expect(rig.contexts.size).toBe(2);
    rig.clock.advance(1);
    expect(rig.contexts.size).toBe(1);
    const master = ask('first');
    expect(master.trim().split('\n').at(-1)).toBe('/live/key.m3u8?hls_ctx=first');
    expect(isMaster(ask('first'))).toBe(false);
    rig.clock.advance(5000);
    expect([isMaster(ask('second')), isMaster(ask('second'))]).toEqual([true, false]);
  });

  it('live on while segments are fetched, and count what they were sent', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    let sentBytes = 0;
    rig.list('me');
    for (let second = 0; second < 30; second++) {
      rig.clock.advance(1000);
      const segment = rig.get(`key-${7 + second}.ts?hls_ctx=me`);
      expect(segment.status).toBe(200);
      sentBytes += segment.body.length;
    }
    expect(rig.contexts.size).toBe(1);
    const listBytes = rig.counts.hls.playlistBodyBytes;
    expect([...rig.contexts.sessions][0]).toMatchObject({ context: 'me', sentBytes: sentBytes + listBytes });
    expect(rig.counts.hls.segmentBodyBytes).toBe(sentBytes);
  });
});

describe('what an unpublish leaves behind', () => {
  it('the last list and its segments stay, for ever', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    plant(rig, 'drop-publisher');
    const { text, names } = rig.list('me');
    rig.clock.advance(600_000);
    expect(rig.list('me').text).toBe(text);
    expect(names.map((name) => rig.get(name).status)).not.toContain(404);
  });

  it('numbers go on after 2 s, with a discontinuity', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const newest = rig.list('me').numbers.at(-1) as number;
    plant(rig, 'drop-publisher', 2);
    rig.clock.advance(4500);
    const { numbers, text } = rig.list('me');
    expect(numbers.at(-1)).toBeGreaterThan(newest + 1);
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
  });

  it('numbers begin at 0 again after 10 s, and the list holds new segments only', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    plant(rig, 'drop-publisher', 10);
    rig.clock.advance(10_900);
    expect(rig.list('me').numbers[0]).toBeGreaterThan(0);
    rig.clock.advance(1600);
    const { numbers, text } = rig.list('me');
    expect(numbers).toEqual([0, 1]);
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:0\n');
    expect(text).toContain('#EXT-X-DISCONTINUITY\n#EXTINF:1.023');
  });

  it('FLV viewers are cut, and those who come back start at 10 ms again', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const socket = rig.watch();
    plant(rig, 'drop-publisher', 3);
    expect(socket.ended).toBe(true);
    const early = rig.watch();
    rig.clock.advance(4000);
    expect(early.written).toHaveLength(0);
    const media = tagsOf(rig.watch()).filter(({ type, body }) => type !== 18 && body[1] === 1);
    expect(media[0]?.timeMs).toBe(10);
  });
});

describe('segments and keyframes', () => {
  it('a segment that left the list answers 404', () => {
    const rig = stageRig({ prerollMs: PREROLL_MS });
    const { names } = rig.list('me');
    expect(rig.get(names[0] as string).status).toBe(200);
    rig.clock.advance(1100);
    expect(rig.get(names[0] as string).status).toBe(404);
    expect(rig.get(names[1] as string).status).toBe(200);
  });

  it('a GOP of 2 s gives segments of 2 s and a keyframe every 2 s', () => {
    const rig = stageRig({ gopMs: 2000, prerollMs: 12_500 });
    const socket = rig.watch();
    rig.clock.advance(10_000);
    const { text } = rig.list('me');
    expect(text).toContain('#EXT-X-TARGETDURATION:2\n');
    expect(text.match(/#EXTINF:2\.000/g)).toHaveLength(3);
    const keys = tagsOf(socket).filter(({ body }) => body[0] === 0x17 && body[1] === 1);
    const steps = keys.slice(1).map(({ timeMs }, index) => timeMs - (keys[index]?.timeMs ?? 0));
    expect(steps).toEqual([2000, 2000, 2000, 2000]);
  });
});
