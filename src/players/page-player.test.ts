import { describe, expect, it } from 'vitest';
import { jumpTagTimes, LiveHlsOrigin, recordedFlv } from '../../test/support/live-origin.js';
import { ScriptedHttp } from '../../test/support/scripted-http.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { PlayerEvent, Protocol } from '../events.js';
import { createRng } from '../rng.js';
import { createPagePlayer } from './page-player.js';
import { DORAMI_PAGE_NEWEST } from './page-profiles.js';
import { DORAMI_PAGE, type PageProfile } from './profiles.js';

const TARGET = {
  apiUrl: 'http://127.0.0.1:1',
  socketUrl: 'http://127.0.0.1:1',
  flvUrl: 'http://127.0.0.1:1',
  hlsUrl: 'http://127.0.0.1:1',
  streamKey: 'key',
};

function rig(startWith: Protocol, profile = DORAMI_PAGE) {
  const clock = new VirtualClock();
  const http = new ScriptedHttp(clock);
  const events: PlayerEvent[] = [];
  const player = createPagePlayer({
    clock,
    http,
    rng: createRng(1, 1),
    emit: (event) => events.push(event),
    target: TARGET,
    profile,
    headers: { 'user-agent': 'test' },
    startWith,
  });
  /** Runs time with a sample a second. */
  const watch = async (ms: number) => {
    for (let done = 0; done < ms; done += 1000) {
      await clock.run(Math.min(1000, ms - done));
      player.sample(clock.nowMs());
    }
  };
  const of = <K extends PlayerEvent['kind']>(kind: K) =>
    events.filter((event): event is Extract<PlayerEvent, { kind: K }> => event.kind === kind);
  return { clock, http, events, player, watch, of };
}

function hlsRig(origin = new LiveHlsOrigin('plain', 12), profile = DORAMI_PAGE) {
  const r = rig('hls', profile);
  r.http
    .route('GET /hls/key.m3u8', () => origin.master())
    .route('GET /live/plain.m3u8', (request) => origin.list(request.atMs))
    .route(/\.ts/, (request) => origin.segment(request.url, request.atMs));
  return { ...r, origin };
}

describe('an HLS viewer', () => {
  it('goes master, list, segment and sees the first frame 100 ms after its first segment', async () => {
    const { player, watch, of, http } = hlsRig();
    player.start();
    await watch(5000);
    expect(http.requests.slice(0, 3).map((r) => new URL(r.url).pathname)).toEqual([
      '/hls/key.m3u8',
      '/live/plain.m3u8',
      '/live/plain-2.ts',
    ]);
    expect(http.requests[2]?.url).toContain('hls_ctx=1234');
    const [first] = of('first_frame');
    expect(first?.sinceStartMs).toBeGreaterThan(110);
    expect(first?.sinceStartMs).toBeLessThan(180);
    expect(of('play_attempt')).toHaveLength(1);
    expect(of('start_failed')).toEqual([]);
    expect(of('rebuffer_ended')).toEqual([]);
    expect(of('frozen')).toEqual([]);
    expect(of('media_error')).toEqual([]);
    player.stop();
  });

  it('keeps the phases of a start apart: byte, tag, keyframe, frame', async () => {
    const { player, watch, of } = hlsRig();
    player.start();
    await watch(2000);
    const byte = of('first_byte')[0]?.sinceStartMs as number;
    const tag = of('first_tag')[0]?.sinceStartMs as number;
    const key = of('first_keyframe')[0]?.sinceStartMs as number;
    const frame = of('first_frame')[0]?.sinceStartMs as number;
    expect(byte).toBeLessThanOrEqual(tag);
    expect(tag).toBeLessThanOrEqual(key);
    expect(key).toBeLessThan(frame);
    player.stop();
  });

  it('knows what it will play with the first playlist', async () => {
    const { player, watch, of } = hlsRig();
    player.start();
    await watch(3000);
    player.stop();
    expect(of('media_ready')).toHaveLength(1);
    expect(of('media_ready')[0]?.atMs).toBeLessThan(of('first_tag')[0]?.atMs as number);
  });

  it('asks for the list once a second while it changes and twice a second while it does not', async () => {
    const { player, watch, http, origin, clock } = hlsRig();
    player.start();
    origin.frozenFromMs = 3000;
    await watch(8000);
    const times = http.requests.filter((r) => r.url.includes('.m3u8?')).map((r) => r.atMs);
    const early = times.filter((t) => t < 2900);
    expect(early.length).toBeGreaterThanOrEqual(3);
    expect(early.length).toBeLessThanOrEqual(4);
    const late = times.filter((t) => t > 4500 && t < 7600);
    expect(late.length).toBeGreaterThanOrEqual(6);
    expect(late.length).toBeLessThanOrEqual(7);
    expect(clock.nowMs()).toBe(8000);
    player.stop();
  });

  it('asks for a list that is overdue at once, and once a second from then on', async () => {
    const { player, watch, http, origin } = hlsRig();
    http.route('GET /live/plain.m3u8', (request) => {
      const slow = request.atMs > 1500 && request.atMs < 2500;
      return { ...origin.list(request.atMs), headersAtMs: slow ? 1400 : 5 };
    });
    player.start();
    await watch(8000);
    player.stop();
    const times = http.requests.filter((r) => r.url.includes('.m3u8?')).map((r) => r.atMs);
    const slow = times.findIndex((ms) => ms > 1500);
    const gaps = times.slice(slow, slow + 5).map((ms, i) => (times[slow + i + 1] as number) - ms);
    // The answer came 0.4 s after the next list was due; the beat before it is given up.
    expect(gaps.map((ms) => Math.round(ms / 50) * 50)).toEqual([1400, 1000, 1000, 1000, 1000]);
  });

  it('asks twice for a list that failed once: the next one was due already when it came', async () => {
    const { player, watch, http, origin } = hlsRig();
    http.route('GET /live/plain.m3u8', (request) =>
      request.atMs > 1500 && request.atMs < 2500 ? { status: 502, body: '' } : origin.list(request.atMs),
    );
    player.start();
    await watch(7000);
    player.stop();
    const times = http.requests.filter((r) => r.url.includes('.m3u8?')).map((r) => r.atMs);
    const failed = times.findIndex((ms) => ms > 1500);
    const gaps = times.slice(failed, failed + 3).map((ms, i) => (times[failed + i + 1] as number) - ms);
    expect(gaps.map((ms) => Math.round(ms / 50) * 50)).toEqual([1000, 0, 500]);
  });

  it('plays out what it holds when the list freezes, then waits for ever', async () => {
    const { player, watch, of, origin } = hlsRig();
    player.start();
    origin.frozenFromMs = 2000;
    await watch(4000);
    expect(player.rebuffering).toBe(false);
    await watch(5000);
    expect(player.rebuffering).toBe(true);
    expect(of('rebuffer_started')).toHaveLength(1);
    // Joined 3 s behind the edge; the last segment is listed at 2 s: the buffer ends at about 5.1 s.
    expect(of('rebuffer_started')[0]?.startedAtMs).toBeGreaterThan(4600);
    expect(of('rebuffer_started')[0]?.startedAtMs).toBeLessThan(5400);
    expect(of('playlist_stale').length).toBeGreaterThanOrEqual(1);
    player.stop();
    expect(player.rebuffering).toBe(false);
    const [stall] = of('rebuffer_ended');
    expect(stall?.cutOff).toBe(true);
    const stalledMs = of('watched').reduce((sum, event) => sum + event.stalledMs, 0);
    expect(Math.abs(stalledMs - (stall?.durationMs as number))).toBeLessThan(1);
  });

  // The start position is 3 s before the end of the list, whenever in the second the viewer joins.
  for (const joinMs of [0, 150, 400, 650, 900])
    for (const fault of ['pause', 'freeze'] as const)
      it(`holds 3 s, so that a ${fault} of 2 s is no rebuffer (joined ${joinMs} ms after a segment)`, async () => {
        const { player, watch, of, origin, clock } = hlsRig(new LiveHlsOrigin('plain', 12, 4));
        origin[fault] = { fromMs: 3200, forMs: 2000 };
        await clock.run(joinMs);
        player.start();
        await watch(8500);
        expect(of('first_frame')).toHaveLength(1);
        expect(of('rebuffer_started')).toEqual([]);
        player.stop();
      });

  it('reports glass-to-glass latency by the stamps in the pictures', async () => {
    const { player, watch, of } = hlsRig();
    player.start();
    await watch(4000);
    const [latency] = of('latency');
    expect(latency?.source).toBe('stamp');
    expect(Number.isFinite(latency?.latencyMs)).toBe(true);
    player.stop();
  });

  it('whose segments carry no video any more sees the picture stand, and waits after 3 s', async () => {
    const { player, watch, of, origin } = hlsRig(new LiveHlsOrigin('plain', 12, 4));
    origin.audioOnlyFrom = 6;
    player.start();
    await watch(9500);
    player.stop();
    const frozenMs = of('watched').reduce((sum, event) => sum + event.frozenMs, 0);
    expect(frozenMs).toBeGreaterThan(2500);
    expect(of('rebuffer_started').length).toBe(1);
  });

  it('takes capture times from the playlist where pictures carry none, all through each segment', async () => {
    const { player, watch, of, origin, clock } = hlsRig();
    // The five segments that are out at the join were captured in the five seconds before it.
    origin.datedFromEpochMs = clock.epochMs() - 5000;
    player.start();
    await watch(5000);
    const latencies = of('latency');
    expect(latencies.map((event) => event.source)).toEqual(Array(5).fill('pdt'));
    // Three segments behind the end of the list, plus the start.
    for (const { latencyMs } of latencies) expect(Math.abs(latencyMs - 3170)).toBeLessThan(60);
    player.stop();
  });

  it('has no latency where nothing says when a picture was captured', async () => {
    const { player, watch, of, origin, http } = hlsRig();
    origin.datedFromEpochMs = 0;
    http.route('GET /live/plain.m3u8', (request) => {
      const list = String(origin.list(request.atMs).body);
      return { body: list.replace(/#EXT-X-PROGRAM-DATE-TIME.*\n/g, '') };
    });
    player.start();
    await watch(4000);
    expect(of('first_frame')).toHaveLength(1);
    expect(of('latency')).toEqual([]);
    player.stop();
  });

  it('skips a segment that is not there and goes on', async () => {
    const { player, watch, of, http } = hlsRig();
    http.route('GET /live/plain-4.ts', { status: 404, body: 'no' });
    player.start();
    await watch(6000);
    expect(of('media_request').some((event) => event.outcome === 'not_found')).toBe(true);
    expect(of('seek').map((event) => event.cause)).toEqual(['hole']);
    expect(of('seek')[0]?.skippedMs).toBeGreaterThan(800);
    const missing = of('watched').reduce((sum, event) => sum + event.missingFrames, 0);
    expect(missing).toBe(30);
    player.stop();
  });

  it('asks for a lost segment again with each list by the rules of 1.6, and once by those of 1.7', async () => {
    const asked = async (profile: PageProfile) => {
      const { player, watch, http, of } = hlsRig(undefined, profile);
      http.route('GET /live/plain-3.ts', { status: 404, body: 'no' });
      player.start();
      await watch(6000);
      player.stop();
      expect(of('seek').map((event) => event.cause)).toEqual(['hole']);
      return http.requests.filter((request) => request.url.includes('plain-3.ts')).length;
    };
    expect(await asked(DORAMI_PAGE)).toBeGreaterThanOrEqual(2);
    expect(await asked(DORAMI_PAGE_NEWEST)).toBe(1);
  });

  it('gives the newest segment up at once by the rules of 1.6, and a second later by those of 1.7', async () => {
    const asked = async (profile: PageProfile) => {
      const { player, watch, http } = hlsRig(undefined, profile);
      http.route('GET /live/plain-6.ts', { status: 404, body: 'no' });
      player.start();
      await watch(6000);
      player.stop();
      const at = (n: number) => http.requests.find((r) => r.url.includes(`plain-${n}.ts`))?.atMs as number;
      return at(7) - at(6);
    };
    // The list that offers number 7 comes a second after the one that offered 6.
    expect(await asked(DORAMI_PAGE)).toBeLessThan(1050);
    expect(await asked(DORAMI_PAGE_NEWEST)).toBeGreaterThan(1050);
  });

  it('jumps over a hole to 50 ms behind it by the rules of 1.6, and 100 ms by those of 1.7', async () => {
    const skipped = async (profile: PageProfile) => {
      const { player, watch, http, of } = hlsRig(undefined, profile);
      http.route('GET /live/plain-4.ts', { status: 404, body: 'no' });
      player.start();
      await watch(6000);
      player.stop();
      return of('seek')[0]?.skippedMs as number;
    };
    expect((await skipped(DORAMI_PAGE_NEWEST)) - (await skipped(DORAMI_PAGE))).toBeCloseTo(50, 3);
  });

  it('asks for the second segment when the first is in the element, 0.1 s after it came', async () => {
    const { player, watch, http } = hlsRig();
    player.start();
    await watch(2000);
    player.stop();
    const asked = http.requests.filter(({ url }) => url.includes('.ts')).map(({ atMs }) => atMs);
    const took = 30;
    expect((asked[1] as number) - (asked[0] as number)).toBeGreaterThanOrEqual(100);
    expect((asked[1] as number) - (asked[0] as number)).toBeLessThan(100 + took);
    expect((asked[2] as number) - (asked[1] as number)).toBeLessThan(5 + took);
  });

  it('asks 6 ms after a list came, which the browser hands over and hls.js reads, and 11 ms after a segment', async () => {
    const { player, watch, of } = hlsRig();
    player.start();
    await watch(5000);
    player.stop();
    const requests = of('media_request').map(({ what, atMs, durationMs }) => ({
      what,
      fromMs: atMs - durationMs,
      toMs: atMs,
    }));
    const segments = requests.filter(({ what }) => what === 'segment');
    // The first three are in the first list; one more is in each list after that.
    expect((segments[2]?.fromMs as number) - (segments[1]?.toMs as number)).toBeCloseTo(8 + 3, 6);
    for (const { fromMs } of segments.slice(3)) {
      const list = requests.findLast(({ what, toMs }) => what === 'playlist' && toMs <= fromMs);
      expect(fromMs - (list?.toMs as number)).toBeCloseTo(3 + 3, 6);
    }
    expect(segments.length).toBeGreaterThan(5);
  });

  it('an element that waits goes on 19 ms after the last byte of a segment: 6 ms more than one that plays takes it', async () => {
    const { player, watch, of, origin } = hlsRig(new LiveHlsOrigin('plain', 12, 4));
    origin.freeze = { fromMs: 3200, forMs: 4400 };
    player.start();
    await watch(9500);
    player.stop();
    const [wait] = of('rebuffer_ended');
    const segments = of('media_request').filter(({ what }) => what === 'segment');
    const waitedFor = segments.findIndex(({ atMs }) => atMs > (wait?.startedAtMs as number));
    const [last, next] = segments.slice(waitedFor);
    const endedAtMs = (wait?.startedAtMs as number) + (wait?.durationMs as number);
    expect(endedAtMs - (last?.atMs as number)).toBeCloseTo(8 + 6 + 5, 6);
    const askedAtMs = (next?.atMs as number) - (next?.durationMs as number);
    expect(askedAtMs - (last?.atMs as number)).toBeCloseTo(8 + 6 + 3, 6);
  });

  it('climbs the ladder of 1.7 with every error since a segment came, of whichever segment', async () => {
    const { player, watch, http } = hlsRig(undefined, DORAMI_PAGE_NEWEST);
    http.route(/plain-[678]\.ts/, { status: 404, body: 'no' });
    player.start();
    await watch(9000);
    player.stop();
    const asked = http.requests.flatMap(({ url, atMs }) => {
      const number = /plain-([678])\.ts/.exec(url)?.[1];
      return number === undefined ? [] : [{ number, atMs }];
    });
    // 6 is the newest: again after 1 s. By then it is not: a gap. 7 is the third error: 4 s.
    expect(asked.slice(0, 3).map(({ number }) => number)).toEqual(['6', '6', '7']);
    const next = http.requests.find(
      ({ url, atMs }) => url.includes('.ts') && atMs > (asked[2]?.atMs ?? 0) + 1,
    );
    expect((next?.atMs as number) - (asked[2]?.atMs as number)).toBeGreaterThanOrEqual(4000);
    expect((next?.atMs as number) - (asked[2]?.atMs as number)).toBeLessThan(4150);
  });

  it('jumps over a hole at a tick of 0.1 s that counts from when the element was attached', async () => {
    const { player, watch, http, of } = hlsRig();
    http.route('GET /live/plain-4.ts', { status: 404, body: 'no' });
    player.start();
    await watch(6000);
    player.stop();
    const [seek] = of('seek');
    expect(seek?.cause).toBe('hole');
    expect(((seek?.atMs as number) - DORAMI_PAGE.hls.attachMs) % DORAMI_PAGE.hls.tickMs).toBeCloseTo(0, 6);
  });

  it('asks for the list again 1 and 2 s after errors, and at once when the page restarts it', async () => {
    const { player, watch, http, of } = hlsRig();
    let failing = false;
    const origin = new LiveHlsOrigin('plain', 12);
    http.route('GET /live/plain.m3u8', (request) =>
      failing ? { status: 404, body: 'no' } : origin.list(request.atMs),
    );
    player.start();
    await watch(3000);
    failing = true;
    await watch(5000);
    const late = http.requests.filter((r) => r.url.includes('.m3u8?') && r.atMs > 3000).map((r) => r.atMs);
    const spans = late.slice(1).map((atMs, i) => Math.round((atMs - (late[i] as number)) / 100));
    expect(spans.slice(0, 3)).toEqual([10, 20, 0]);
    expect(of('player_reload').map((event) => event.cause)).toEqual(['fatal']);
    player.stop();
  });

  it('whose timestamps jump by 1 s between two segments has no hole: the picture stands for 1 s', async () => {
    const { player, watch, of, origin } = hlsRig();
    origin.jump = { from: 6, by: 1 };
    player.start();
    await watch(6000);
    expect(of('seek')).toEqual([]);
    expect(of('rebuffer_started')).toEqual([]);
    const frozen = of('frozen').map((event) => Math.round(event.durationMs / 100));
    expect(frozen).toEqual([10]);
    player.stop();
  });

  it('whose stream key is wrong fails with the status and is dead at once', async () => {
    const { player, watch, of, http } = rig('hls');
    http.route('GET /hls/key.m3u8', { status: 404, body: 'not found' });
    player.start();
    await watch(2000);
    expect(of('start_failed').map((event) => [event.reason, event.status])).toEqual([['http_status', 404]]);
    expect(of('player_dead')).toHaveLength(1);
    expect(http.requests).toHaveLength(1);
    player.stop();
  });

  it('fails for the reason that it met: refused, never answered, or cut off', async () => {
    for (const [kind, reason] of [
      ['refused', 'refused'],
      ['timeout', 'no_data'],
      ['cut', 'cut'],
      ['too_large', 'not_a_playlist'],
    ] as const) {
      const { player, watch, of, http } = rig('hls');
      http.route('GET /hls/key.m3u8', { fail: { kind, atMs: 10 } });
      player.start();
      await watch(5000);
      expect(of('start_failed').map((event) => event.reason)).toEqual([reason]);
      player.stop();
    }
  });

  it('that gets an HTML page as its playlist fails as no playlist', async () => {
    const { player, watch, of, http } = rig('hls');
    http.route('GET /hls/key.m3u8', { body: '<html><body>502 Bad Gateway</body></html>' });
    player.start();
    await watch(2000);
    expect(of('start_failed').map((event) => event.reason)).toEqual(['not_a_playlist']);
    expect(of('playlist_error').map((event) => event.code)).toEqual(['not_m3u8']);
    player.stop();
  });

  it('whose segments are garbage fails with a media error after its patience, and requests stay bounded', async () => {
    const { player, watch, of, http } = hlsRig();
    http.route(/\.ts/, { body: 'garbage'.repeat(1000) });
    player.start();
    await watch(16_000);
    expect(of('start_failed').map((event) => event.reason)).toEqual(['media_error']);
    expect(of('media_error').length).toBeGreaterThan(0);
    expect(http.requests.length).toBeLessThan(250);
    player.stop();
  });

  it('that loses its context reports it and goes on without a wait once the list is back', async () => {
    const { player, watch, of, http, origin } = hlsRig();
    let lost = 0;
    http.route('GET /live/plain.m3u8', (request) => {
      if (request.atMs > 2500 && lost++ < 1) return origin.master();
      return origin.list(request.atMs);
    });
    player.start();
    await watch(6000);
    expect(of('context_lost')).toHaveLength(1);
    expect(of('player_reload').map((event) => event.cause)).toEqual(['fatal']);
    expect(of('rebuffer_ended')).toEqual([]);
    player.stop();
  });

  it('leaves nothing behind when it stops', async () => {
    const { player, watch, clock, http } = hlsRig();
    player.start();
    await watch(3000);
    player.stop();
    await clock.run(100);
    expect(http.open).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('an FLV viewer', () => {
  it('that joins mid-GOP sees its first frame with the first keyframe', async () => {
    const { player, watch, of, http } = rig('flv');
    http.route('GET /live/live/key.flv', { body: recordedFlv('plain'), end: 'never' });
    player.start();
    await watch(7000);
    const [first] = of('first_frame');
    const key = of('first_keyframe')[0]?.sinceStartMs as number;
    expect(key).toBeGreaterThan(100);
    expect(first?.sinceStartMs).toBeGreaterThan(key);
    expect(first?.sinceStartMs).toBeLessThan(key + 300);
    // Both sequence headers stand in front of everything.
    expect(of('media_ready')).toHaveLength(1);
    expect(of('media_ready')[0]?.sinceStartMs).toBeLessThanOrEqual(key);
    expect(of('media_error')).toEqual([]);
    expect(of('latency').length).toBeGreaterThan(3);
    const latencies = () => of('latency').map((event) => event.latencyMs);
    const range = Math.max(...latencies()) - Math.min(...latencies());
    player.stop();
    // Leaving reports what is left of the time watched and nothing about a picture that is gone.
    expect(of('latency')).toHaveLength(7);
    expect(range).toBeLessThan(1000);
  });

  it('whose connection is cut moves to HLS for good and the wait until HLS plays is a rebuffer', async () => {
    const { player, watch, of, http } = rig('flv');
    const origin = new LiveHlsOrigin('plain', 12);
    http
      .route('GET /live/live/key.flv', {
        body: recordedFlv('plain', { untilMs: 3000 }),
        end: { kind: 'cut', atMs: 3010 },
      })
      .route('GET /hls/key.m3u8', () => origin.master())
      .route('GET /live/plain.m3u8', (request) => origin.list(request.atMs))
      .route(/\.ts/, (request) => origin.segment(request.url, request.atMs));
    player.start();
    await watch(7000);
    expect(of('flv_ended').map((event) => event.how)).toEqual(['cut']);
    expect(of('protocol_switched').map((event) => [event.from, event.protocol, event.cause])).toEqual([
      ['flv', 'hls', 'cut'],
    ]);
    expect(of('play_attempt').map((event) => event.protocol)).toEqual(['flv', 'hls']);
    expect(player.protocol).toBe('hls');
    // The stash of this slow recording makes an early wait of its own.
    const wait = of('rebuffer_ended').find((event) => event.startedAtMs > 2500);
    // It takes the page 16 ms to take the FLV library away, in which the old picture goes on.
    expect(wait?.startedAtMs).toBe(50 + 3010 + 16);
    expect(wait?.durationMs).toBeGreaterThan(100);
    expect(wait?.durationMs).toBeLessThan(250);
    player.stop();
  });

  it('whose body ends cleanly plays out, and the watchdog loads it again after five still ticks', async () => {
    const { player, watch, of, http } = rig('flv');
    http.route('GET /live/live/key.flv', [
      { body: recordedFlv('plain', { untilMs: 3000 }), end: { kind: 'complete', atMs: 3010 } },
      { body: recordedFlv('plain'), end: 'never' },
    ]);
    player.start();
    await watch(12_000);
    expect(of('flv_ended').map((event) => event.how)).toEqual(['clean']);
    expect(of('protocol_switched')).toEqual([]);
    expect(of('player_reload').map((event) => event.cause)).toEqual(['watchdog']);
    const wait = of('rebuffer_ended').find((event) => event.startedAtMs > 2500);
    expect(wait?.durationMs).toBeGreaterThan(4500);
    expect(wait?.durationMs).toBeLessThan(7000);
    player.stop();
  });

  it('that is loaded again plays what it kept of the start, and new pictures from their second keyframe on', async () => {
    const flv = { ...DORAMI_PAGE.flv, workerStartMs: 0 };
    // In this recording media comes 0.8 ms before the old audio ends: whether that is in time is not asked here.
    const renderer = { ...DORAMI_PAGE.renderer, flvAppendDelayMs: 0 };
    const { player, watch, of, http } = rig('flv', { ...DORAMI_PAGE, flv, renderer });
    http.route('GET /live/live/key.flv', [
      { body: recordedFlv('bframes', { untilMs: 3000 }), end: { kind: 'complete', atMs: 3010 } },
      { body: recordedFlv('bframes'), end: 'never' },
    ]);
    player.start();
    await watch(14_000);
    const reloadAtMs = of('player_reload')[0]?.atMs as number;
    const wait = of('rebuffer_ended').find((event) => event.startedAtMs > 2500);
    expect((wait?.startedAtMs as number) + (wait?.durationMs as number)).toBeCloseTo(reloadAtMs + 12, 0);
    const frozen = of('frozen').filter((event) => event.startedAtMs > reloadAtMs);
    expect(frozen.length).toBeGreaterThan(0);
    // 167 ms of old pictures, after the start lag.
    expect(frozen[0]?.startedAtMs).toBeCloseTo(reloadAtMs + 12 + 40 + 167, -1);
    expect(frozen[0]?.durationMs).toBeGreaterThan(150);
    expect(frozen[0]?.durationMs).toBeLessThan(1200);
    player.stop();
  });

  it('that had kept nothing of the start when it is loaded again waits for the new pictures', async () => {
    const { reloadPlaysOld: _, ...flv } = DORAMI_PAGE.flv;
    const { player, watch, of, http } = rig('flv', { ...DORAMI_PAGE, flv });
    http.route('GET /live/live/key.flv', [
      { body: recordedFlv('bframes', { untilMs: 3000 }), end: { kind: 'complete', atMs: 3010 } },
      { body: recordedFlv('bframes'), end: 'never' },
    ]);
    player.start();
    await watch(14_000);
    const reloadAtMs = of('player_reload')[0]?.atMs as number;
    const wait = of('rebuffer_ended').find((event) => event.startedAtMs > 2500);
    expect((wait?.startedAtMs as number) + (wait?.durationMs as number)).toBeGreaterThan(reloadAtMs + 25);
    expect(of('frozen').filter((event) => event.startedAtMs > reloadAtMs)).toEqual([]);
    player.stop();
  });

  it('hands a picture on together with the next one, since one alone waits in the remuxer', async () => {
    const picturesSeen = async (remuxMinSamples: number) => {
      const { player, clock, of, http } = rig('flv', {
        ...DORAMI_PAGE,
        flv: { ...DORAMI_PAGE.flv, stash: false, stashInitialBytes: 0, remuxMinSamples },
      });
      http.route('GET /live/live/key.flv', { body: recordedFlv('bframes'), end: 'never' });
      player.start();
      for (let i = 0; i < 60; i++) {
        await clock.run(17);
        player.sample(clock.nowMs());
      }
      player.stop();
      let sum = 0;
      return of('watched').map((event) => {
        sum += event.frames;
        return sum;
      });
    };
    const alone = await picturesSeen(1);
    const inPairs = await picturesSeen(2);
    const behind = new Set(alone.map((frames, i) => frames - (inPairs[i] as number)));
    expect([...behind].sort()).toEqual([0, 1]);
  });

  it('that gets no answer at all fails with no data after its patience and is not counted as a stall', async () => {
    const { player, watch, of, http } = rig('flv');
    http.route('GET /live/live/key.flv', { body: [], end: 'never', headersAtMs: 999_999 });
    player.start();
    await watch(16_000);
    expect(of('start_failed').map((event) => event.reason)).toEqual(['no_data']);
    expect(of('rebuffer_started')).toEqual([]);
    player.stop();
  });

  it('that is sent away before its first frame failed only if it had waited long', async () => {
    for (const [waitedMs, reason] of [
      [2000, 'stopped'],
      [7000, 'no_data'],
    ] as const) {
      const { player, watch, of, http } = rig('flv');
      http.route('GET /live/live/key.flv', { body: [], end: 'never', headersAtMs: 999_999 });
      player.start();
      await watch(waitedMs);
      player.stop();
      expect(of('start_failed').map((event) => event.reason)).toEqual([reason]);
    }
  });

  it('whose timestamps jump by 20 s stays on FLV: a frozen picture, not an error of the network', async () => {
    const { player, watch, of, http } = rig('flv');
    const before = recordedFlv('plain', { untilMs: 3000 });
    const after = jumpTagTimes(recordedFlv('plain'), before, 20_000);
    http.route('GET /live/live/key.flv', { body: [...before, ...after], end: 'never' });
    player.start();
    await watch(7000);
    expect(of('media_error').map((event) => event.code)).toContain('flv_time_jump');
    expect(of('protocol_switched')).toEqual([]);
    expect(player.protocol).toBe('flv');
    player.stop();
    const frozenMs = of('watched').reduce((sum, event) => sum + event.frozenMs, 0);
    // The page's chaser jumps to 2 s before the end of the stretched picture.
    expect(of('seek').map((event) => event.cause)).toEqual(['chaser']);
    expect(frozenMs).toBeGreaterThan(1500);
    expect(frozenMs).toBeLessThan(2200);
  });

  it('that gets a web page instead of FLV counts a media error and tries HLS', async () => {
    const { player, watch, of, http } = rig('flv');
    http.route('GET /live/live/key.flv', { body: '<html>502 Bad Gateway</html>' });
    player.start();
    await watch(3000);
    expect(of('media_error').map((event) => event.code)).toContain('flv_header');
    expect(of('start_failed').map((event) => [event.protocol, event.reason])[0]).toEqual([
      'flv',
      'media_error',
    ]);
    expect(of('play_attempt').map((event) => event.protocol)).toEqual(['flv', 'hls']);
    player.stop();
  });
});
