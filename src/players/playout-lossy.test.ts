import { describe, expect, it } from 'vitest';
import { liveFrames, playFlv } from '../../test/support/flv-rig.js';

/** A stream whose pictures from 0.3 s to 0.7 s of each second were lost; its audio is whole. */
const lossy = (forMs: number, arriveMs: (mediaMs: number) => number) =>
  liveFrames(0, forMs, (mediaMs, track) => {
    const inSecond = mediaMs % 1000;
    return track === 'video' && inSecond > 300 && inSecond < 700 ? undefined : arriveMs(mediaMs);
  });

const frozenOf = (arriveMs: (mediaMs: number) => number) => {
  const { log } = playFlv(lossy(24_000, arriveMs), 19_000);
  return { rebuffers: log.rebuffers, frozen: log.frozen.map(({ from, to }) => to - from) };
};

describe('a stream with a hole in each second', () => {
  it('freezes once a second for as long as the hole is, watched at the live edge', () => {
    const { rebuffers, frozen } = frozenOf((mediaMs) => Math.max(0, mediaMs - 1000));
    expect(rebuffers).toEqual([]);
    expect(frozen.length).toBeGreaterThanOrEqual(18);
    for (const ms of frozen) expect(Math.abs(ms - 400)).toBeLessThan(40);
  });

  it('is the same with all of it buffered ahead, however many holes that are', () => {
    const live = frozenOf((mediaMs) => Math.max(0, mediaMs - 1000));
    const ahead = frozenOf(() => 0);
    expect(ahead.rebuffers).toEqual([]);
    expect(ahead.frozen).toEqual(live.frozen);
  });
});
