import { describe, expect, it } from 'vitest';
import { LiveHlsOrigin, recordedFlv } from '../../test/support/live-origin.js';
import { type Answer, ScriptedHttp } from '../../test/support/scripted-http.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { PlayerEvent, Protocol } from '../events.js';
import { createRng } from '../rng.js';
import { createPagePlayer } from './page-player.js';
import { DORAMI_PAGE } from './profiles.js';

const FLV = 'GET /live/live/key.flv';
const ORIGIN = 'http://127.0.0.1:1';

function rig(startWith: Protocol, origin = new LiveHlsOrigin('plain', 12), profile = DORAMI_PAGE) {
  const clock = new VirtualClock();
  const http = new ScriptedHttp(clock)
    .route('GET /hls/key.m3u8', () => origin.master())
    .route('GET /live/plain.m3u8', (request) => origin.list(request.atMs))
    .route(/\.ts/, (request) => origin.segment(request.url, request.atMs));
  const events: PlayerEvent[] = [];
  const player = createPagePlayer({
    ...{ clock, http, rng: createRng(1, 1), headers: {}, startWith },
    emit: (event) => events.push(event),
    target: { apiUrl: ORIGIN, socketUrl: ORIGIN, flvUrl: ORIGIN, hlsUrl: ORIGIN, streamKey: 'key' },
    profile,
  });
  const watch = async (ms: number) => {
    for (let done = 0; done < ms; done += 1000) {
      await clock.run(Math.min(1000, ms - done));
      player.sample(clock.nowMs());
    }
  };
  const of = <K extends PlayerEvent['kind']>(kind: K) =>
    events.filter((event): event is Extract<PlayerEvent, { kind: K }> => event.kind === kind);
  const flvRequests = () => http.paths.filter((path) => path.endsWith('.flv')).length;
  return { http, player, watch, of, flvRequests, origin };
}

/** What the live page does around its players (contract 4.4), each as the event it is counted by. */
describe('the page around its players', () => {
  it.each<[string, Answer, string]>([
    ['a stream that is not there', { status: 404, body: 'no' }, 'http_status'],
    ['a proxy without its upstream', { status: 502, body: '<html>' }, 'http_status'],
    ['a proxy that waited in vain', { status: 504, body: '<html>', headersAtMs: 60_000 }, 'http_status'],
    ['a refused connection', { fail: { kind: 'refused', atMs: 5 } }, 'network_error'],
    ['a connection that is reset before its answer', { fail: { kind: 'reset', atMs: 5 } }, 'cut'],
    ['an answer that is cut off', { body: [], end: { kind: 'cut', atMs: 300 } }, 'cut'],
    ['an answer that is no FLV', { body: '<html>hello</html>' }, 'media_error'],
  ])('moves to HLS for good after %s', async (_title, answer, cause) => {
    const { http, player, watch, of, flvRequests } = rig('flv');
    http.route(FLV, answer);
    player.start();
    await watch((answer.headersAtMs ?? 0) + 5000);
    expect(of('protocol_switched').map((event) => [event.from, event.protocol, event.cause])).toEqual([
      ['flv', 'hls', cause],
    ]);
    expect(of('play_attempt').map(({ protocol }) => protocol)).toEqual(['flv', 'hls']);
    expect(of('first_frame').map(({ protocol }) => protocol)).toEqual(['hls']);
    expect(flvRequests()).toBe(1);
    expect(of('player_dead')).toEqual([]);
    player.stop();
  });

  it.each([
    // Lists are here within 30 ms of the master's request.
    ['read after the element was attached: at once', DORAMI_PAGE.page.swap, 55],
    ['read before: at the first tick of the new library', { awayMs: 16, attachMs: 70, listsMs: 55 }, 100],
  ])('that moves to HLS asks for a segment when the lists were %s', async (_when, swap, afterMs) => {
    const page = { ...DORAMI_PAGE, page: { ...DORAMI_PAGE.page, swap } };
    const { http, player, watch } = rig('flv', undefined, page);
    http.route(FLV, { fail: { kind: 'refused', atMs: 5 } });
    player.start();
    await watch(1000);
    const at = (part: string) => http.requests.find(({ url }) => url.includes(part))?.atMs as number;
    // 50 ms until the worker asks for FLV.
    expect(at('key.flv')).toBe(50);
    expect(at('key.m3u8')).toBe(50 + 5 + 16);
    const fromMs = afterMs === 100 ? at('.m3u8?') : at('key.m3u8');
    expect(at('.ts') - fromMs).toBe(afterMs);
    player.stop();
  });

  it('loads a silent FLV stream again after 5 s of stillness, five times, and then gives up', async () => {
    const { http, player, watch, of, flvRequests } = rig('flv');
    http.route(FLV, [
      { body: recordedFlv('plain', { untilMs: 3000 }), end: 'never' },
      { body: [], end: 'never', headersAtMs: 999_999 },
    ]);
    player.start();
    await watch(60_000);
    const reloads = of('player_reload');
    expect(reloads.map(({ protocol, cause }) => [protocol, cause])).toEqual(
      Array(5).fill(['flv', 'watchdog']),
    );
    const gapsMs = reloads.slice(1).map(({ atMs }, i) => atMs - (reloads[i]?.atMs ?? 0));
    // Loading anew sets the element's time back, which the watchdog takes for movement once.
    expect(gapsMs).toEqual([6000, 5000, 5000, 5000]);
    expect(flvRequests()).toBe(6);
    const [dead, ...more] = of('player_dead');
    expect(more).toEqual([]);
    expect(dead?.reason).toBe('gave_up');
    expect((dead?.atMs ?? 0) - (reloads[4]?.atMs ?? 0)).toBe(5000);
    // Silence is no error of the network: the viewer stays on FLV, and waits all the time.
    expect(of('protocol_switched')).toEqual([]);
    player.stop();
    // One wait from when the buffer ran out to when the viewer went, a minute after it came.
    const wait = of('rebuffer_ended').at(-1);
    expect(wait?.cutOff).toBe(true);
    expect(wait?.durationMs).toBeGreaterThan(50_000);
  });

  it('does the same with an HLS list that stands still', async () => {
    const { http, player, watch, of, origin } = rig('hls');
    origin.frozenFromMs = 2000;
    player.start();
    await watch(60_000);
    expect(of('player_reload').map(({ cause }) => cause)).toEqual(Array(5).fill('watchdog'));
    // Loading anew does not ask for the list before it is due: twice a second, as before.
    const asked = http.requests.filter(({ url }) => url.includes('.m3u8?')).map(({ atMs }) => atMs);
    const spans = asked.slice(1).map((atMs, i) => atMs - (asked[i] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(490);
    expect(of('player_dead').map(({ reason }) => reason)).toEqual(['gave_up']);
    player.stop();
  });

  it('plays what comes by itself after it gave up', async () => {
    const origin = new LiveHlsOrigin('plain', 12, 3);
    origin.pause = { fromMs: 2000, forMs: 43_000 };
    const { player, watch, of } = rig('hls', origin);
    player.start();
    await watch(44_000);
    expect(of('player_dead').map(({ reason }) => reason)).toEqual(['gave_up']);
    expect(player.rebuffering).toBe(true);
    await watch(7000);
    expect(of('player_back')).toHaveLength(1);
    expect(player.rebuffering).toBe(false);
    expect(of('rebuffer_ended').find(({ cutOff }) => !cutOff)?.durationMs).toBeGreaterThan(40_000);
    expect(of('player_dead')).toHaveLength(1);
    player.stop();
  });

  it('pulls HLS forward to 1.5 s before its end when more than 5 s are buffered', async () => {
    const origin = new LiveHlsOrigin('plain', 12, 3);
    origin.window = 9;
    origin.freeze = { fromMs: 2000, forMs: 6000 };
    const { player, watch, of } = rig('hls', origin);
    player.start();
    await watch(10_000);
    const drift = of('seek').filter(({ cause }) => cause === 'drift');
    expect(drift).toHaveLength(1);
    expect(drift[0]?.skippedMs).toBeGreaterThan(3500);
    expect(drift[0]?.replayedMs).toBe(0);
    player.stop();
  });

  it('starts loading again after a fatal error of the network, as often as it takes', async () => {
    const { http, player, watch, of, origin } = rig('hls');
    http.route('GET /live/plain.m3u8', (request) =>
      request.atMs > 2000 && request.atMs < 9000
        ? { status: 502, body: '<html>' }
        : origin.list(request.atMs),
    );
    player.start();
    await watch(12_000);
    expect(of('player_reload').some(({ cause }) => cause === 'fatal')).toBe(true);
    expect(of('player_dead')).toEqual([]);
    expect(of('rebuffer_ended').filter(({ cutOff }) => !cutOff)).toHaveLength(1);
    player.stop();
  });
});
