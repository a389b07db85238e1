import { describe, expect, it } from 'vitest';
import { Playout, type PlayoutSink } from './playout.js';
import { CHROMIUM_RENDERER } from './profiles.js';

/** A media element, and what it told. */
function rig() {
  const waits: [number, number][] = [];
  const frozen: [number, number][] = [];
  const sink: PlayoutSink = {
    painted: () => undefined,
    playing: () => undefined,
    moving: () => undefined,
    rebufferStarted: () => undefined,
    rebufferEnded: (from, to) => waits.push([Math.round(from), Math.round(to)]),
    microWait: () => undefined,
    frozen: (from, to) => frozen.push([Math.round(from), Math.round(to)]),
    ended: () => undefined,
    seeked: () => undefined,
  };
  const playout = new Playout(CHROMIUM_RENDERER, sink);
  const load = (nowMs: number) => playout.load(nowMs, { kind: 'first_sample' }, { paintMs: 0, playMs: 0 });
  const append = (fromMs: number, toMs: number) => {
    playout.appendAudio(fromMs, toMs);
    playout.appendVideo(fromMs, toMs, toMs, Math.ceil((toMs - fromMs) / 33));
  };
  load(0);
  playout.setTracks(true, true);
  append(0, 1000);
  playout.settle(0);
  return { playout, load, append, waits, frozen };
}

describe('a stream that is over while the page waits for it', () => {
  it('plays to the very end of its longer track; there the person waits until it is loaded again', () => {
    const { playout, load, append, waits } = rig();
    playout.advance(500);
    playout.appendVideo(1000, 1050, 1050, 1);
    playout.endOfStream(500);
    playout.advance(3000);
    // 40 ms until the clock runs, and no 50 ms of distance to the end.
    expect(playout.state).toBe('stalled');
    expect(playout.playheadMs(3000)).toBe(1050);
    load(3000);
    playout.setTracks(true, true);
    append(0, 500);
    playout.settle(3100);
    expect(waits).toEqual([[1090, 3100]]);
  });

  it('that stood before its end plays the rest', () => {
    const { playout, append } = rig();
    playout.advance(1500);
    expect(playout.state).toBe('stalled');
    append(1000, 1200);
    playout.settle(1500);
    expect(playout.state).toBe('stalled');
    playout.endOfStream(1600);
    expect(playout.state).toBe('running');
    playout.advance(3000);
    expect(playout.playheadMs(3000)).toBe(1200);
  });
});

describe('video behind a hole that the decoder does not get over', () => {
  function holed() {
    const rigged = rig();
    const { playout, load } = rigged;
    load(5000);
    playout.playOld(5012, 263, 167);
    playout.missVideo();
    playout.setTracks(true, true);
    return rigged;
  }

  it('is not gone on with after the audio ran dry, however much comes', () => {
    const { playout } = holed();
    for (let ms = 0; ms < 5000; ms += 100) {
      const nowMs = 5500 + ms;
      playout.advance(nowMs);
      playout.appendAudio(ms, ms + 100);
      if (ms >= 600) playout.appendVideo(ms, ms + 100, ms + 100, 3);
      playout.settle(nowMs);
    }
    expect(playout.state).toBe('stalled');
    expect(playout.playheadMs(10_500)).toBe(263);
    // The latency chaser sees all that there is.
    expect(playout.lastEndMs).toBe(5000);
  });

  it('stops the clock after 3 s when the audio does not run dry', () => {
    const { playout } = holed();
    playout.appendAudio(0, 9000);
    playout.appendVideo(567, 9000, 9000, 200);
    playout.settle(5050);
    playout.advance(9000);
    expect(playout.state).toBe('stalled');
    expect(playout.playheadMs(9000)).toBeCloseTo(3167, -1);
  });

  it('is there after a seek into it', () => {
    const { playout, frozen } = holed();
    playout.appendAudio(0, 6000);
    playout.appendVideo(567, 6000, 6000, 160);
    playout.settle(5050);
    playout.seek(9000, 4000, 'chaser');
    expect(playout.state).toBe('running');
    playout.advance(10_000);
    expect(playout.pictureMs(10_000)).toBeCloseTo(playout.playheadMs(10_000), 0);
    expect(frozen.at(-1)?.[1]).toBeLessThanOrEqual(9000);
  });
});
