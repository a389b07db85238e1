import { describe, expect, it } from 'vitest';
import { CaptureClock } from './capture-clock.js';
import { type FlvSample, FlvTimeline, type OldMedia } from './flv-timeline.js';
import { FrameCount } from './frame-count.js';
import type { Playout } from './playout.js';
import { MPEGTS_JS_1_8 } from './profiles.js';

const AUDIO_MS = 23;

/** A timeline, and what it appends to the element. */
function rig(old?: OldMedia) {
  const audio: [number, number][] = [];
  const video: [number, number][] = [];
  const calls: string[] = [];
  const playout = {
    appendAudio: (fromMs: number, toMs: number) => audio.push([fromMs, toMs]),
    appendVideo: (fromMs: number, toMs: number) => video.push([fromMs, toMs]),
    loseVideo: () => calls.push('lose'),
    missVideo: () => calls.push('miss'),
  } as unknown as Playout;
  const timeline = new FlvTimeline(MPEGTS_JS_1_8, playout, new CaptureClock(), new FrameCount(), old);
  const sample = (track: FlvSample['track'], dtsMs: number, more: Partial<FlvSample> = {}) =>
    timeline.append({
      ...{ track, dtsMs, ptsMs: dtsMs, keyframe: false, wrapped: false, audioFrameMs: AUDIO_MS },
      ...{ captureEpochMs: undefined, captureSource: undefined, frameNumber: undefined, ...more },
    });
  const pictures = (fromMs: number, toMs: number) => {
    for (let ms = fromMs; ms < toMs; ms += 33) sample('video', ms, { keyframe: ms === fromMs });
  };
  return { timeline, sample, pictures, audio, video, calls };
}

const OLD: OldMedia = { picturesMs: 167, audioFromMs: 5, videoStepMs: 34 };

describe('the end of what an FLV timeline appends', () => {
  it('is that of the last frame before the clock went back: the frame that waited is played', () => {
    const { sample, audio } = rig();
    for (const ms of [0, 23, 46, 0, 23]) sample('audio', ms);
    expect(audio.at(-1)).toEqual([69, 69]);
    expect(Math.max(...audio.map(([, toMs]) => toMs))).toBe(69);
  });

  it('is that of the last frame before the clock wrapped, and nothing that comes behind', () => {
    const { sample, audio } = rig();
    for (const ms of [0, 23, 46]) sample('audio', ms);
    sample('audio', 69, { wrapped: true });
    sample('audio', 92);
    expect(Math.max(...audio.map(([, toMs]) => toMs))).toBe(69);
  });

  it('is that of its newest sample once the stream is over', () => {
    const { timeline, pictures, video } = rig();
    pictures(0, 100);
    expect(video.at(-1)).toEqual([66, 99]);
    timeline.flush();
    expect(video.at(-1)?.[0]).toBe(99);
    expect(video.at(-1)?.[1]).toBeCloseTo(132, 0);
  });
});

describe('new pictures behind old ones that are still shown', () => {
  it('join at their second keyframe when they begin before the end of the old ones', () => {
    const { pictures, video, calls } = rig(OLD);
    pictures(0, 990);
    expect(video).toEqual([]);
    pictures(990, 1100);
    expect(video[0]).toEqual([167, 990]);
    expect(calls).toEqual([]);
  });

  it('join at their first keyframe when it comes within two steps of a picture', () => {
    const { sample, pictures, video, calls } = rig(OLD);
    sample('audio', 0);
    pictures(230, 300);
    expect(video[0]).toEqual([167, 230]);
    expect(calls).toEqual([]);
  });

  it('are missed when they begin later: the decoder does not find its way over that hole', () => {
    const { sample, pictures, video, calls } = rig(OLD);
    sample('audio', 0);
    pictures(567, 700);
    expect(calls).toEqual(['miss']);
    expect(video[0]).toEqual([567, 600]);
  });

  it('join over any hole when the browser has seen a step as long: a clock that wrapped or went back', () => {
    const { sample, pictures, video, calls } = rig({ ...OLD, videoStepMs: Number.POSITIVE_INFINITY });
    sample('audio', 0);
    pictures(567, 700);
    expect(video[0]).toEqual([167, 567]);
    expect(calls).toEqual([]);
  });

  it('a step of any length is known for ever: forward, back, and over a wrap', () => {
    const { timeline, sample, pictures } = rig();
    pictures(0, 100);
    expect(timeline.videoStepMs).toBe(33);
    sample('video', 899);
    expect(timeline.videoStepMs).toBe(800);
    pictures(-5000, -4900);
    expect(timeline.videoStepMs).toBe(Number.POSITIVE_INFINITY);
    const wrapped = rig();
    wrapped.sample('video', 0, { wrapped: true });
    expect(wrapped.timeline.videoStepMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('new audio behind old audio that is still heard', () => {
  it.each([
    // Frames of the old audio begin at 5 + 23 k: 3 ms later, the same frame is heard twice but for those.
    ['3 ms later', 8, 20],
    ['at the same instants', 28, 0],
    ['1 ms earlier', 4, 1],
  ])('whose frames begin %s lasts as much longer as is heard twice', (_how, fromMs, longerMs) => {
    const { timeline, sample, audio } = rig(OLD);
    sample('video', 0);
    for (let i = 0; i < 4; i++) sample('audio', fromMs + i * AUDIO_MS);
    expect(timeline.audioFromMs).toBe(fromMs);
    expect(audio.at(-1)?.[1]).toBe(fromMs + 3 * AUDIO_MS + longerMs);
  });
});
