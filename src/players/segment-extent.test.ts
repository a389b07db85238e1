import { describe, expect, it } from 'vitest';
import { SegmentExtent } from './segment-extent.js';

const video = (ptsMs: number, dtsMs = ptsMs) => ({
  track: 'video' as const,
  ptsTicks90k: ptsMs * 90,
  dtsTicks90k: dtsMs * 90,
  audioFrames: 0,
  audioSampleRate: 0,
});
const audio = (ptsMs: number, frames = 1) => ({
  track: 'audio' as const,
  ptsTicks90k: ptsMs * 90,
  dtsTicks90k: ptsMs * 90,
  audioFrames: frames,
  audioSampleRate: 48_000,
});

describe('the extent of a segment', () => {
  it('goes from the first to the end of the last sample of each track', () => {
    const extent = new SegmentExtent();
    for (let i = 0; i < 30; i++) extent.add(video(5000 + i * 33.333));
    extent.add(audio(5010));
    extent.add(audio(5970, 2));
    expect(extent.audioFromMs).toBe(5010);
    expect(extent.audioToMs).toBeCloseTo(5970 + 2 * (1024 / 48), 3);
    expect(extent.spans).toHaveLength(1);
    expect(extent.spans[0]?.fromMs).toBe(5000);
    expect(extent.spans[0]?.toMs).toBeCloseTo(6000, 0);
    expect(extent.firstMs).toBe(5000);
  });

  it('orders pictures with B-frames by presentation, and time zero is their first decoding time', () => {
    const extent = new SegmentExtent();
    const frames: [number, number][] = [
      [66, 0],
      [166, 33],
      [100, 66],
      [133, 100],
      [266, 133],
      [200, 166],
      [233, 200],
    ];
    for (const [pts, dts] of frames) extent.add(video(pts, dts));
    expect(extent.videoDtsFromMs).toBe(0);
    expect(extent.spans[0]?.fromMs).toBe(66);
    expect(extent.spans[0]?.toMs).toBeCloseTo(299, 0);
  });

  it('shows a gap inside the pictures as two spans', () => {
    const extent = new SegmentExtent();
    for (let i = 0; i < 10; i++) extent.add(video(i * 33));
    for (let i = 0; i < 10; i++) extent.add(video(2300 + i * 33));
    expect(extent.spans.map((s) => [Math.round(s.fromMs), s.frames])).toEqual([
      [0, 10],
      [2300, 10],
    ]);
  });

  it('is empty again for the next segment', () => {
    const extent = new SegmentExtent();
    extent.add(video(1));
    extent.clear();
    expect(extent.firstMs).toBeUndefined();
    expect(extent.hasVideo).toBe(false);
    expect(extent.hasAudio).toBe(false);
  });
});
