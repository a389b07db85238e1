import { describe, expect, it } from 'vitest';
import { LiveHlsOrigin } from '../../test/support/live-origin.js';
import { ScriptedHttp } from '../../test/support/scripted-http.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { PlayerEvent } from '../events.js';
import { createRng } from '../rng.js';
import { createPagePlayer } from './page-player.js';
import type { PlayerObserver } from './player.js';
import { DORAMI_PAGE } from './profiles.js';

async function watched(followed: boolean) {
  const clock = new VirtualClock();
  const origin = new LiveHlsOrigin('plain', 12);
  origin.frozenFromMs = 3000;
  const http = new ScriptedHttp(clock)
    .route('GET /hls/key.m3u8', () => origin.master())
    .route('GET /live/plain.m3u8', (request) => origin.list(request.atMs))
    .route(/\.ts/, (request) => origin.segment(request.url, request.atMs));
  const base = 'http://127.0.0.1:1';
  const events: PlayerEvent[] = [];
  const states: { state: string; atMs: number }[] = [];
  const sums = { bytes: 0, segments: 0, tags: 0, keyframes: 0 };
  const observer: PlayerObserver = {
    entered: (state, atMs) => states.push({ state, atMs }),
    keyframe: () => {
      sums.keyframes++;
    },
    arrived: (what, by) => {
      sums[what] += by;
    },
  };
  const player = createPagePlayer({
    ...{ clock, http, rng: createRng(1, 1), headers: {}, startWith: 'hls' },
    emit: (event) => events.push(event),
    target: { apiUrl: base, socketUrl: base, flvUrl: base, hlsUrl: base, streamKey: 'key' },
    profile: DORAMI_PAGE,
    observer: followed ? observer : undefined,
  });
  player.start();
  const levels: number[] = [];
  for (let second = 0; second < 9; second++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      await clock.run(250);
      if (followed) levels.push(player.look(clock.nowMs()).bufferedMs);
    }
    player.sample(clock.nowMs());
  }
  player.stop();
  return { events, states, sums, levels };
}

describe('an observer of a player', () => {
  it('is told of every state with its instant, the same as the events have', async () => {
    const { events, states } = await watched(true);
    expect(states.map(({ state }) => state)).toEqual(['starting', 'running', 'stalled', 'stopped']);
    const playing = events.find(({ kind }) => kind === 'playing');
    const stall = events.find((event) => event.kind === 'rebuffer_started');
    expect(states[1]?.atMs).toBe(playing?.atMs);
    expect(states[2]?.atMs).toBe(stall?.startedAtMs);
  });

  it('is told of all bytes, segments, tags and keyframes that the player counts', async () => {
    const { events, sums } = await watched(true);
    const counted = { bytes: 0, segments: 0, tags: 0 };
    for (const event of events) {
      if (event.kind !== 'watched') continue;
      counted.bytes += event.bytes;
      counted.segments += event.segments;
      counted.tags += event.tags;
    }
    expect(sums).toEqual({ ...counted, keyframes: sums.segments });
    expect(sums.segments).toBeGreaterThan(3);
  });

  it('sees the buffer run dry, and by looking changes nothing that is reported', async () => {
    const followed = await watched(true);
    expect(Math.max(...followed.levels)).toBeGreaterThan(2000);
    expect(followed.levels.at(-1)).toBeLessThan(100);
    expect(followed.events).toEqual((await watched(false)).events);
  });
});
