import { describe, expect, it } from 'vitest';
import { captureText, parseProbe } from '../../test/support/captures.js';
import { recordedFlvAnswer, routeRecordedHls } from '../../test/support/replayed-captures.js';
import { type Piece, ScriptedHttp } from '../../test/support/scripted-http.js';
import { playPage } from '../../test/support/story-world.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { factsOf, latencyAt, totalMs } from './conformance.js';
import { BARE_1_6, PAGE } from './conformance-pages.js';
import { DORAMI_PAGE, type PageProfile } from './profiles.js';

const flvStartEpochMs = (folder: string): number =>
  JSON.parse(captureText(`${folder}/flv.chunks.ndjson`).split('\n')[0] as string).askedEpochMs;
const hlsStartEpochMs = (folder: string): number =>
  JSON.parse(captureText(`${folder}/hls.requests.json`))[0].askedEpochMs;

async function watchFlv(folder: string, page: PageProfile, watchMs: number) {
  const clock = new VirtualClock({ startEpochMs: flvStartEpochMs(folder) });
  const http = new ScriptedHttp(clock).route('GET /live/live/key.flv', recordedFlvAnswer(folder));
  const events = await playPage(clock, http, page, 'flv', watchMs);
  return factsOf({ events, requests: [], sessionMs: watchMs });
}

async function watchHls(folder: string, page: PageProfile, watchMs: number) {
  const clock = new VirtualClock({ startEpochMs: hlsStartEpochMs(folder) });
  const http = new ScriptedHttp(clock);
  routeRecordedHls(http, folder);
  const events = await playPage(clock, http, page, 'hls', watchMs);
  const requests = http.requests.map(({ url, atMs }) => ({ path: new URL(url).pathname, atMs }));
  return factsOf({ events, requests, sessionMs: watchMs });
}

/** When the byte at `offset` arrived, ms after the request. */
function arrivedAtMs(folder: string, offset: number): number {
  let at = 0;
  for (const piece of recordedFlvAnswer(folder).body as Piece[]) {
    at += piece.bytes.length;
    if (at > offset) return piece.atMs;
  }
  return Number.NaN;
}

describe.each(['plain', 'bframes'])('the recorded FLV viewer of %s', (folder) => {
  const probed = parseProbe(captureText(`${folder}/viewer.flv.packets.csv`));
  const pictures = probed.filter(({ track }) => track === 'video');
  const firstKey = pictures.findIndex(({ key }) => key);

  it('shows its first picture with the first keyframe, as ffprobe has it, and never waits', async () => {
    const facts = await watchFlv(folder, BARE_1_6, 7000);
    const key = pictures[firstKey];
    const keyMs = arrivedAtMs(folder, (key?.pos ?? 0) + (key?.sizeBytes ?? 0));
    expect(facts.firstFrameMs).toBeGreaterThan(keyMs);
    expect(facts.firstFrameMs).toBeLessThan(Math.max(keyMs, 220) + 130);
    expect(facts.frozen).toEqual([]);
    expect(facts.count('media_error')).toBe(0);
  });

  it('counts the pictures from the first keyframe on and misses none', async () => {
    const facts = await watchFlv(folder, BARE_1_6, 20_000);
    const watched = facts.events.filter((event) => event.kind === 'watched');
    expect(watched.reduce((sum, event) => sum + event.frames, 0)).toBe(pictures.length - firstKey);
    expect(watched.reduce((sum, event) => sum + event.missingFrames, 0)).toBe(0);
  });

  it('is behind the camera by less than a GOP, all the time by the same', async () => {
    const { latencies } = await watchFlv(folder, BARE_1_6, 7000);
    const ms = latencies.map(({ latencyMs }) => latencyMs);
    expect(Math.min(...ms)).toBeGreaterThan(50);
    expect(Math.max(...ms)).toBeLessThan(1100);
    expect(Math.max(...ms.slice(3)) - Math.min(...ms.slice(3))).toBeLessThan(120);
  });
});

describe.each(['plain', 'bframes'])('the recorded HLS viewer of %s', (folder) => {
  it('begins where the list begins, 5 to 6.3 s behind, and never waits while lists come', async () => {
    const facts = await watchHls(folder, BARE_1_6, 7000);
    expect(facts.firstFrameMs).toBeGreaterThan(100);
    expect(facts.firstFrameMs).toBeLessThan(250);
    expect(facts.rebuffers).toEqual([]);
    expect(facts.frozen).toEqual([]);
    expect(facts.count('media_error')).toBe(0);
    const first = facts.latencies[0]?.latencyMs ?? Number.NaN;
    expect(first).toBeGreaterThan(3000);
    expect(first).toBeLessThan(6300);
    expect(Math.abs((latencyAt(facts, 7000) ?? Number.NaN) - first)).toBeLessThan(50);
  });
});

describe('the recorded viewers of a publisher that died and came back', () => {
  it('HLS: the list stands, plays out, begins again at 0 at 11.04 s, and old pictures are shown again', async () => {
    const facts = await watchHls('republish', PAGE, 16_000);
    expect(facts.count('sequence_reset')).toBe(1);
    expect(facts.count('playlist_stale')).toBe(1);
    const [stall] = facts.rebuffers;
    // Ten segments of 9.756 s in all, from 0 on.
    expect(Math.abs((stall?.fromMs ?? 0) - (9756 + (facts.playingMs ?? 0) + 40 - 50))).toBeLessThan(100);
    expect(stall?.toMs).toBeGreaterThan(11_040);
    expect(stall?.toMs).toBeLessThan(11_800);
    expect(facts.seeks[0]?.cause).toBe('window');
    expect(facts.replayedMs).toBeGreaterThan(300);
    expect(facts.deadAtMs).toBeUndefined();
    expect(totalMs(facts.rebuffers)).toBeGreaterThan(1000);
  });

  it('FLV: the body is reset without its last chunk, and the page is on HLS at that instant', async () => {
    const facts = await watchFlv('republish', DORAMI_PAGE, 6000);
    const ended = facts.events.find((event) => event.kind === 'flv_ended');
    expect(ended).toMatchObject({ how: 'reset' });
    const askedAtMs = DORAMI_PAGE.flv.workerStartMs;
    expect(Math.abs((ended?.atMs ?? 0) - askedAtMs - 3934.5)).toBeLessThan(16);
    expect(facts.events.find((event) => event.kind === 'protocol_switched')?.atMs).toBe(ended?.atMs);
  });

  it('FLV without a page around it: the rest plays out, then the viewer waits', async () => {
    const facts = await watchFlv('republish', BARE_1_6, 9000);
    expect(Math.abs((facts.deadAtMs ?? 0) - 3934.5)).toBeLessThan(16);
    const last = facts.rebuffers.at(-1);
    expect(last?.fromMs).toBeGreaterThan(3934);
    expect(last?.toMs).toBe(9000);
  });
});
