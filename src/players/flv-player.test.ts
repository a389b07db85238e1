import { describe, expect, it } from 'vitest';
import { playStory } from '../../test/support/story-world.js';
import { type FlvStory, factsOf } from './conformance.js';
import { BARE_1_7 } from './conformance-pages.js';

const LEAD_MS = 300;
const HELD_FROM_MS = 5000;

/** A live stream whose media of 5 s and later is held back for `forMs`, then comes at once. */
async function watchHeld(forMs: number) {
  const story: FlvStory = {
    player: 'flv',
    leadMs: LEAD_MS,
    toMs: 12_000,
    arriveMs: (mediaMs) => {
      const atMs = Math.max(0, mediaMs - LEAD_MS);
      return atMs >= HELD_FROM_MS && atMs < HELD_FROM_MS + forMs ? HELD_FROM_MS + forMs : atMs;
    },
  };
  return factsOf(await playStory(story, BARE_1_7, 8000));
}

describe('media that comes just before the viewer runs dry', () => {
  it('is too late in the last milliseconds, since the element knows of it a little later', async () => {
    const dryAtMs = (await watchHeld(2000)).rebuffers[0]?.fromMs as number;
    expect(dryAtMs).toBeGreaterThan(HELD_FROM_MS + 100);
    const late = await watchHeld(dryAtMs - HELD_FROM_MS - 3);
    expect(late.rebuffers).toHaveLength(1);
    expect(late.rebuffers[0]?.fromMs).toBeCloseTo(dryAtMs, 0);
    const inTime = await watchHeld(dryAtMs - HELD_FROM_MS - 8);
    expect([...inTime.rebuffers, ...inTime.microWaits]).toEqual([]);
  });
});
