import { describe, expect, it } from 'vitest';
import { captureFixtureText } from '../../test/support/annotated-bytes.js';
import type { FrameCaptureSource } from '../events.js';
import { CaptureClock } from './capture-clock.js';
import { HlsTimeline, type TimelineSegment } from './hls-timeline.js';
import { parsePlaylist } from './playlist.js';
import { Playout } from './playout.js';
import { CHROMIUM_RENDERER } from './profiles.js';
import { SegmentAppender } from './segment-appender.js';
import { SegmentExtent } from './segment-extent.js';

const FRAME_MS = 40;
/** 2026-11-22T05:38:39.105Z, the fixture's first date. */
const DATE = 1_795_325_919_105;
const EPOCH = 1_800_000_000_000;

function rig() {
  const playout = new Playout(CHROMIUM_RENDERER, {
    painted: () => {},
    playing: () => {},
    moving: () => {},
    rebufferStarted: () => {},
    rebufferEnded: () => {},
    microWait: () => {},
    frozen: () => {},
    seeked: () => {},
    ended: () => {},
  });
  playout.load(0, { kind: 'position', mediaMs: 0 }, { paintMs: 0, playMs: 0 });
  const capture = new CaptureClock();
  const appender = new SegmentAppender(playout, capture, new HlsTimeline());
  let atMs = 0;
  /** One second of pictures from `ptsMs` on, each with the capture time that `told` gives it. */
  const append = (
    segment: TimelineSegment,
    ptsMs: number,
    told: (ptsMs: number) => readonly [number, FrameCaptureSource] | undefined = () => undefined,
    gap?: readonly [number, number],
  ): void => {
    const extent = new SegmentExtent();
    appender.begin();
    for (let at = ptsMs; at < ptsMs + 1000; at += FRAME_MS) {
      if (gap !== undefined && at - ptsMs >= gap[0] && at - ptsMs < gap[1]) continue;
      const ticks = at * 90;
      extent.add({
        track: 'video',
        ptsTicks90k: ticks,
        dtsTicks90k: ticks,
        audioFrames: 0,
        audioSampleRate: 0,
      });
      const capture = told(at);
      if (capture !== undefined) appender.stamp(at, ...capture);
    }
    atMs += 1000;
    appender.append(segment, extent, ptsMs, atMs);
  };
  const said = (mediaMs: number) => [capture.sourceAt(mediaMs), capture.at(mediaMs)];
  return { append, said };
}

function segmentAt(index: number, continuity = 0, date?: number): TimelineSegment {
  return {
    sequence: 40 + index,
    uri: `${index}.ts`,
    continuity,
    startMs: index * 1000,
    endMs: (index + 1) * 1000,
    state: 'fetched',
    placed: false,
    listedAtMs: undefined,
    programDateTimeEpochMs: date,
  };
}

describe('capture times of HLS', () => {
  it('are the dates of a playlist where no picture tells, and not behind a discontinuity without a date', () => {
    const parsed = parsePlaylist(captureFixtureText('dated.m3u8'));
    if (parsed.kind !== 'media') throw new Error(parsed.kind);
    const dates = parsed.list.segments.map(({ programDateTimeEpochMs }) => programDateTimeEpochMs);
    expect(dates).toEqual([DATE, DATE + 1000, undefined]);
    const { append, said } = rig();
    for (const [i, date] of dates.entries())
      append(segmentAt(i, i === 2 ? 1 : 0, date), i === 2 ? 7000 : i * 1000);
    expect(said(400)).toEqual(['pdt', DATE + 400]);
    expect(said(1900)).toEqual(['pdt', DATE + 1900]);
    expect(said(2100)).toEqual([undefined, undefined]);
  });

  it('are those of the pictures, whatever the playlist says, and change over where pictures begin or cease to tell', () => {
    const { append, said } = rig();
    const stamped = (pts: number) => [EPOCH + pts, 'stamp'] as const;
    append(segmentAt(0, 0, DATE), 0);
    append(segmentAt(1, 0, DATE + 1000), 1000, stamped);
    append(segmentAt(2, 0, DATE + 2000), 2000, stamped);
    for (const i of [3, 4, 5]) append(segmentAt(i, 0, DATE + i * 1000), i * 1000);
    expect(said(900)).toEqual(['pdt', DATE + 900]);
    expect(said(1000)).toEqual(['stamp', EPOCH + 1000]);
    expect(said(2990)).toEqual(['stamp', EPOCH + 2990]);
    expect(said(4900)).toEqual(['pdt', DATE + 4900]);
  });

  it('of keyframes hold for their segment, not over a publisher that came back, nor over a gap', () => {
    const { append, said } = rig();
    const keyframe = (first: number, epoch: number) => (pts: number) =>
      pts === first ? ([epoch, 'obs'] as const) : undefined;
    append(segmentAt(0), 0, keyframe(0, EPOCH));
    append(segmentAt(1, 1), 500, () => undefined);
    append(segmentAt(2, 1), 1500, keyframe(1500, EPOCH + 9000), [400, 800]);
    expect(said(990)).toEqual(['obs', EPOCH + 990]);
    expect(said(1400)).toEqual(['obs', EPOCH + 8400]);
    expect(said(2200)).toEqual(['obs', EPOCH + 9200]);
    expect(said(2900)).toEqual([undefined, undefined]);
  });
});

describe('a publisher that came back', () => {
  /** Plays five old seconds to the end, seeks back to second 1 and gets new seconds just before they are due. */
  function replay(startMs: number) {
    const frozen: [number, number][] = [];
    const nothing = () => {};
    const playout = new Playout(CHROMIUM_RENDERER, {
      painted: nothing,
      playing: nothing,
      moving: nothing,
      rebufferStarted: nothing,
      rebufferEnded: nothing,
      microWait: nothing,
      frozen: (from, to) => frozen.push([Math.round(from), Math.round(to)]),
      seeked: nothing,
      ended: nothing,
    });
    playout.load(0, { kind: 'position', mediaMs: 0 }, { paintMs: 0, playMs: 0 });
    const capture = new CaptureClock();
    const appender = new SegmentAppender(playout, capture, new HlsTimeline());
    const append = (segment: TimelineSegment, ptsMs: number, epochMs: number, atMs: number): void => {
      const extent = new SegmentExtent();
      appender.begin();
      const audio = { track: 'audio', audioFrames: 50, audioSampleRate: 51_200, dtsTicks90k: 0 } as const;
      extent.add({ ...audio, ptsTicks90k: (ptsMs + 5) * 90 });
      for (let i = 0; i < 30; i++) {
        const at = ptsMs + Math.round((i * 1000) / 30);
        const picture = { track: 'video', audioFrames: 0, audioSampleRate: 0, keyframe: i === 0 } as const;
        extent.add({ ...picture, ptsTicks90k: at * 90, dtsTicks90k: at * 90 });
        appender.stamp(at, epochMs + at, 'stamp');
      }
      appender.append(segment, extent, ptsMs, atMs);
    };
    for (let i = 0; i < 5; i++) append(segmentAt(i), 7000 + i * 1000, EPOCH, i);
    playout.seek(6000, 1001, 'window');
    const again = { ...segmentAt(0, 1), sequence: 0, startMs, endMs: startMs + 1000 };
    for (let k = 0; k < 7; k++) {
      const one = { ...again, sequence: k, startMs: startMs + k * 1000, endMs: startMs + (k + 1) * 1000 };
      append(one, k * 1000, EPOCH + 100_000, 6020 + k * 1000);
    }
    playout.advance(11_500);
    const isNew = (mediaMs: number) => (capture.at(mediaMs) as number) > EPOCH + 50_000;
    return { frozen, isNew };
  }

  it('is seen late when its segments reach 1 ms over old keyframes: old pictures, a freeze, old ones again', () => {
    const { frozen, isNew } = replay(1001);
    expect(frozen).toHaveLength(1);
    expect((frozen[0]?.[1] ?? 0) - (frozen[0]?.[0] ?? 0)).toBeCloseTo(1000, -1);
    expect([1500, 2500, 4500].map(isNew)).toEqual([false, false, false]);
    expect(isNew(5500)).toBe(true);
  });

  it('is seen when all old pictures are through if its keyframes are at the places of the old ones', () => {
    const { frozen, isNew } = replay(1000);
    expect(frozen).toEqual([]);
    expect([1500, 2500, 3500, 4500].map(isNew)).toEqual([false, false, false, false]);
    expect(isNew(5500)).toBe(true);
  });
});
