import { expect, test } from 'vitest';
import { type FlvStory, factsOf, type Span } from '../../../src/players/conformance.js';
import { BARE_1_7 } from '../../../src/players/conformance-pages.js';
import { DORAMI_PAGE } from '../../../src/players/profiles.js';
import { playStory } from '../../../test/support/story-world.js';
import { OUR_SIDES, type OurSide, variantOf } from './variants.js';

const LEAD_MS = 300;
const HELD_FROM_MS = 5000;

/** What a viewer of a live stream waits for whose media of 5 s and later comes at `backAtMs`. */
async function waits(side: OurSide, backAtMs: number): Promise<readonly Span[]> {
  const story: FlvStory = {
    player: 'flv',
    leadMs: LEAD_MS,
    toMs: 12_000,
    arriveMs: (mediaMs) => {
      const atMs = Math.max(0, mediaMs - LEAD_MS);
      return atMs >= HELD_FROM_MS && atMs < backAtMs ? backAtMs : atMs;
    },
  };
  // All ask at once: what came when is what is asked here.
  const page = { ...variantOf(BARE_1_7, side, 'flv'), flv: BARE_1_7.flv };
  return factsOf(await playStory(story, page, 8000)).rebuffers;
}

test.each([
  ['50 ms before it would run dry: nobody waits', -50, []],
  ['30 ms before: only who gets media later', -30, ['ours-early']],
  ['25 ms after: all but who gets media earlier', 25, ['ours', 'ours-early']],
  ['50 ms after: all wait', 50, ['ours', 'ours-early', 'ours-late']],
] as const)('a viewer of FLV whose media comes %s', async (_, byMs, who) => {
  const dry = await Promise.all(OUR_SIDES.map((side) => waits(side, 7000)));
  const dryAtMs = dry[0]?.[0]?.fromMs as number;
  // A wait that is certain begins at the same instant for all.
  for (const [wait] of dry) expect(wait?.fromMs).toBeCloseTo(dryAtMs, 3);
  const waited = await Promise.all(
    OUR_SIDES.map(async (side) => ((await waits(side, dryAtMs + byMs)).length > 0 ? side : undefined)),
  );
  expect(waited.filter((side) => side !== undefined)).toEqual(who);
});

test('a viewer of HLS has its thresholds moved by 10 ms, runs dry up to 25 ms late, or has slow appends', () => {
  const { renderer } = DORAMI_PAGE;
  expect(variantOf(DORAMI_PAGE, 'ours', 'hls')).toBe(DORAMI_PAGE);
  expect(variantOf(DORAMI_PAGE, 'ours-late', 'hls').renderer).toEqual({
    ...renderer,
    underrunGuardMs: renderer.underrunGuardMs - 25,
    startAudioMs: renderer.startAudioMs + 10,
    resumeAudioShiftMs: 10,
  });
  expect(variantOf(DORAMI_PAGE, 'ours-early', 'hls').renderer).toEqual({
    ...renderer,
    underrunGuardMs: renderer.underrunGuardMs + 10,
    appendDelayMs: renderer.appendDelayMs + 12,
    startAudioMs: renderer.startAudioMs - 10,
    resumeAudioShiftMs: -10,
  });
});
