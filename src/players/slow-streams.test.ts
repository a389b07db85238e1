import { describe, expect, it } from 'vitest';
import { playStory } from '../../test/support/story-world.js';
import { type Facts, type FlvStory, factsOf, type HlsStory, lengthsMs, totalMs } from './conformance.js';
import { DORAMI_PAGE } from './profiles.js';

const WATCH_MS = 20_000;
const EDGE_MS = 12_000;
const END_MS = EDGE_MS + WATCH_MS + 4000;

/** Positions of the pictures of a whole stream: `rates` from their instants on, and stretches without any. */
function pictures(
  rates: readonly (readonly [fromMs: number, framesPerS: number])[],
  holes: readonly (readonly [fromMs: number, forMs: number])[] = [],
): number[] {
  const times: number[] = [];
  for (const [i, [fromMs, framesPerS]] of rates.entries()) {
    const toMs = rates[i + 1]?.[0] ?? END_MS;
    for (let n = 0; fromMs + (n * 1000) / framesPerS < toMs - 1; n++)
      times.push(fromMs + (n * 1000) / framesPerS);
  }
  return times.filter((ms) => !holes.some(([fromMs, forMs]) => ms > fromMs && ms < fromMs + forMs));
}

/** A live list of segments of `segmentMs`, each beginning with a keyframe. */
function hls(picturesMs: readonly number[], segmentMs = 1000): HlsStory {
  const numberAt = (nowMs: number) => Math.floor((EDGE_MS + nowMs) / segmentMs + 1e-6);
  return {
    player: 'hls',
    list(nowMs) {
      const next = numberAt(nowMs);
      const sequence = Math.max(0, next - 6);
      const segments = Array.from({ length: next - sequence }, (_, i) => ({
        name: `s-${sequence + i}`,
        durationMs: segmentMs,
      }));
      return { kind: 'list', targetDurationS: Math.ceil(segmentMs / 1000), sequence, segments };
    },
    media(name) {
      const ptsMs = Number(/\d+/.exec(name)?.[0]) * segmentMs;
      return {
        kind: 'media',
        ptsMs,
        durationMs: segmentMs,
        lastByteMs: 10,
        capturedAtMs: ptsMs - EDGE_MS,
        firstNumber: picturesMs.filter((ms) => ms < ptsMs).length,
        picturesMs: picturesMs.filter((ms) => ms >= ptsMs && ms < ptsMs + segmentMs).map((ms) => ms - ptsMs),
      };
    },
  };
}

/** As a server sends it: what it has of the last second or two at once, then live. */
function flv(picturesMs: readonly number[], framesPerGop: number, leadMs: number): FlvStory {
  return {
    player: 'flv',
    leadMs,
    toMs: END_MS,
    arriveMs: (mediaMs) => Math.max(0, mediaMs - leadMs),
    picturesMs,
    framesPerGop,
  };
}

async function watch(story: HlsStory | FlvStory, watchMs = WATCH_MS): Promise<Facts> {
  return factsOf(await playStory(story, DORAMI_PAGE, watchMs));
}

const frozenMs = (facts: Facts): number =>
  facts.events.reduce((sum, event) => sum + (event.kind === 'watched' ? event.frozenMs : 0), 0);
const sum = (facts: Facts, of: 'frames' | 'missingFrames' | 'playedMs'): number =>
  facts.events.reduce((all, event) => all + (event.kind === 'watched' ? event[of] : 0), 0);

const RATES = [0.5, 1, 2, 5, 8, 9, 10, 15, 30, 60];

describe.each(RATES)('a stream of %s pictures a second', (framesPerS) => {
  const stepMs = 1000 / framesPerS;
  const all = pictures([[0, framesPerS]]);
  // A capture time speaks for a second: of a slide show for a part of the time only.
  const leastLatencies = framesPerS < 1 ? 10 : 15;

  it.each([
    ['HLS', hls(all, Math.max(1000, stepMs))],
    ['FLV', flv(all, Math.max(1, Math.ceil(framesPerS)), 600)],
    ['FLV, with more than a second of cache', flv(all, Math.ceil(framesPerS), 1800)],
  ])('never stands, no picture is missing, and how late it is is known: %s', async (_how, story) => {
    const facts = await watch(story);
    expect(facts.frozen).toEqual([]);
    expect(frozenMs(facts)).toBe(0);
    expect(sum(facts, 'missingFrames')).toBe(0);
    expect(facts.latencies.length).toBeGreaterThanOrEqual(leastLatencies);
    const delaysMs = facts.latencies.map(({ latencyMs }) => latencyMs);
    expect(Math.max(...delaysMs)).toBeLessThan(3000 + 2 * Math.max(1000, stepMs));
  });
});

describe.each([
  ['HLS', (picturesMs: readonly number[]) => hls(picturesMs)],
  ['FLV', (picturesMs: readonly number[]) => flv(picturesMs, 8, 1800)],
])('of a slow stream, %s,', (_how, story) => {
  it.each([
    [8, 2000],
    [2, 3000],
  ])('of %s pictures a second, a hole of %s ms is a picture that stands for the rest', async (...told) => {
    const [framesPerS, holeMs] = told;
    // Behind its usual step; an FLV library that holds the last picture back until the next shows it for none of it.
    const standsMs = holeMs - 500 / framesPerS;
    const withinMs = 500 / framesPerS + 20;
    const facts = await watch(story(pictures([[0, framesPerS]], [[15_000, holeMs]])));
    expect(facts.frozen).toHaveLength(1);
    expect(Math.abs(totalMs(facts.frozen) - standsMs)).toBeLessThan(withinMs);
    expect(Math.abs(frozenMs(facts) - standsMs)).toBeLessThan(withinMs);
    expect(sum(facts, 'missingFrames')).toBe((holeMs * framesPerS) / 1000 - 1);
  });

  it('a picture that comes a step late does not stand', async () => {
    const facts = await watch(story(pictures([[0, 5]], [[15_000, 400]])));
    expect(facts.frozen).toEqual([]);
  });

  it('a change of the rate is none: 30, 5 and 30 a second', async () => {
    const times = pictures([
      [0, 30],
      [13_000, 5],
      [16_000, 30],
    ]);
    const facts = await watch(story(times));
    expect(totalMs(facts.frozen)).toBe(0);
    expect(facts.latencies.length).toBeGreaterThan(15);
  });

  it('behind a change back to 30 a second a hole is what it always was', async () => {
    const times = pictures(
      [
        [0, 5],
        [13_000, 30],
      ],
      [[15_000, 500]],
    );
    const facts = await watch(story(times));
    expect(lengthsMs(facts.frozen).map((ms) => Math.round(ms / 20) * 20)).toEqual([460]);
  });
});

describe('of a stream that becomes a slide show', () => {
  it.each([
    [
      'HLS, one picture a segment',
      hls(
        pictures([
          [0, 30],
          [13_000, 1],
        ]),
      ),
    ],
    [
      'FLV',
      flv(
        pictures([
          [0, 30],
          [13_000, 1],
        ]),
        1,
        1800,
      ),
    ],
  ])('only the first slides are taken for pictures that stand: %s', async (_how, story) => {
    const facts = await watch(story);
    expect(facts.frozen.every(({ toMs }) => toMs < 10_000)).toBe(true);
    expect(totalMs(facts.frozen)).toBeLessThan(2100);
  });
});
