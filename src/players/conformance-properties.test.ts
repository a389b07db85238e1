import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { playStory, playStoryWith } from '../../test/support/story-world.js';
import type { PlayerEvent } from '../events.js';
import { type Case, type FlvStory, factsOf, type Sighting } from './conformance.js';
import { FLV_CASES } from './conformance-flv.js';
import { HLS_CASES } from './conformance-hls.js';
import { BARE_1_7, PAGE } from './conformance-pages.js';
import { RESTART_CASES } from './conformance-restarts.js';

const ALL: readonly Case[] = [...FLV_CASES, ...HLS_CASES, ...RESTART_CASES];
const RUNS = { numRuns: 12 };

type Watched = Extract<PlayerEvent, { kind: 'watched' }>;
const watched = ({ events }: Sighting): Watched[] => events.filter((event) => event.kind === 'watched');
const namedMs = (one: Watched): number =>
  one.joiningMs + one.playedMs + one.stalledMs + one.microWaitMs + one.seekingMs + one.endedMs;

/** Silences after which everything held comes at once. */
const silences = fc.array(
  fc.record({ atMs: fc.integer({ min: 300, max: 7000 }), forMs: fc.integer({ min: 0, max: 2500 }) }),
  { maxLength: 4 },
);
type Silences = readonly { readonly atMs: number; readonly forMs: number }[];

/** Arrivals put off, never out of order. */
const disturbed =
  (leadMs: number, gaps: Silences) =>
  (mediaMs: number): number => {
    let atMs = Math.max(0, mediaMs - leadMs);
    for (const { atMs: fromMs, forMs } of [...gaps].sort((a, b) => a.atMs - b.atMs))
      if (atMs >= fromMs) atMs = Math.max(atMs, fromMs + forMs);
    return atMs;
  };

const flv = (leadMs: number, gaps: Silences, more: Partial<FlvStory> = {}): FlvStory => ({
  player: 'flv',
  leadMs,
  toMs: 8000,
  arriveMs: disturbed(leadMs, gaps),
  ...more,
});

/** What does not depend on when bytes came: what the stream held and what was wrong with it. */
function content(seen: Sighting): object {
  const sum = (part: 'bytes' | 'frames' | 'missingFrames' | 'tags' | 'segments') =>
    watched(seen).reduce((total, one) => total + one[part], 0);
  return {
    bytes: sum('bytes'),
    tags: sum('tags'),
    frames: sum('frames'),
    missing: sum('missingFrames'),
    errors: seen.events.filter(({ kind }) => kind === 'media_error').length,
  };
}

describe('every edge case', () => {
  it.each(ALL)('$number $sentence: each millisecond of the session has one name', async (one) => {
    const seen = await playStory(one.story, one.page, one.watchMs);
    const named = watched(seen).reduce((sum, event) => sum + namedMs(event), 0);
    expect(named).toBeCloseTo(one.watchMs, 6);
    const facts = factsOf(seen);
    const stalled = watched(seen).reduce((sum, event) => sum + event.stalledMs, 0);
    const rebuffered = facts.rebuffers.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    expect(Math.abs(stalled - rebuffered)).toBeLessThan(110 * (1 + facts.seeks.length));
    for (const event of watched(seen))
      for (const part of [
        'joiningMs',
        'playedMs',
        'stalledMs',
        'microWaitMs',
        'seekingMs',
        'endedMs',
      ] as const)
        expect(event[part]).toBeGreaterThanOrEqual(0);
  });
});

describe('properties of a whole page', () => {
  it('bytes cut in any way at the instants they came give the same events', async () => {
    const story = flv(500, [{ atMs: 2000, forMs: 1200 }]);
    const whole = await playStory(story, BARE_1_7, 7000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
        async (cuts) => {
          const seen = await playStoryWith(story, BARE_1_7, 7000, { cuts });
          expect(seen.events).toEqual(whole.events);
        },
      ),
      RUNS,
    );
  });

  it('arrivals put off in any way that keeps their order change no content, whatever they change in time', async () => {
    const plain = content(await playStory(flv(500, []), BARE_1_7, 16_000));
    await fc.assert(
      fc.asyncProperty(silences, async (gaps) => {
        expect(content(await playStory(flv(500, gaps), BARE_1_7, 16_000))).toEqual(plain);
      }),
      RUNS,
    );
  });

  it('a session adds up exactly under any disturbance, on the bare libraries and on the page', async () => {
    await fc.assert(
      fc.asyncProperty(
        silences,
        fc.constantFrom(BARE_1_7, PAGE),
        fc.integer({ min: 1, max: 9000 }),
        async (gaps, page, watchMs) => {
          const seen = await playStory(flv(300, gaps), page, watchMs);
          expect(watched(seen).reduce((sum, one) => sum + namedMs(one), 0)).toBeCloseTo(watchMs, 6);
        },
      ),
      RUNS,
    );
  });

  it('a clock that is off never makes a latency negative: it makes a clock warning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -3000, max: 3000 }), async (clockOffsetMs) => {
        const seen = await playStoryWith(flv(600, []), BARE_1_7, 5000, { clockOffsetMs });
        const latencies = factsOf(seen).latencies.map(({ latencyMs }) => latencyMs);
        const warnings = seen.events.filter((event) => event.kind === 'clock_warning');
        expect(latencies.every((ms) => ms >= 0)).toBe(true);
        expect(latencies.length + warnings.length).toBeGreaterThan(3);
        // 0.6 s of cached media and the start are behind the camera: about 0.66 s.
        if (clockOffsetMs < -800) expect(latencies).toEqual([]);
        if (clockOffsetMs > -500) expect(warnings).toEqual([]);
        for (const { aheadMs } of warnings) expect(aheadMs).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('a constant added to every timestamp changes nothing', async () => {
    const gaps = [{ atMs: 2500, forMs: 1500 }];
    const plain = await playStory(flv(500, gaps), BARE_1_7, 7000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 30 }), async (shiftMs) => {
        const shifted = flv(500, gaps, { tagMs: (mediaMs) => Math.round(mediaMs) + shiftMs });
        expect((await playStory(shifted, BARE_1_7, 7000)).events).toEqual(plain.events);
      }),
      RUNS,
    );
  });

  it('the playhead is never more than 50 ms beyond the media that has come', async () => {
    await fc.assert(
      fc.asyncProperty(silences, async (gaps) => {
        const story = flv(400, gaps);
        const frames = Array.from({ length: 240 }, (_, i) => (i * 1000) / 30);
        await playStoryWith(story, BARE_1_7, 9000, {
          everyMs: 100,
          inspect: (player, nowMs) => {
            const newestMs = frames.findLast((ms) => (story.arriveMs(ms, 'video') ?? 0) <= nowMs) ?? 0;
            expect(player.look(nowMs).playheadMs).toBeLessThanOrEqual(newestMs + 1000 / 30 + 50);
          },
        });
      }),
      RUNS,
    );
  });
});
