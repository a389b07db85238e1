import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { mediaPlaylist } from './hls-playlist.js';
import { HlsSegmenter } from './hls-segmenter.js';
import type { MediaUnit } from './media-unit.js';
import { audioTimeMs, timelineTick } from './timeline.js';

const none = new Uint8Array(0);
const RATE_HZ = 48_000;

let clock: VirtualClock;
let segmenter: HlsSegmenter;

beforeEach(() => {
  clock = new VirtualClock();
  segmenter = new HlsSegmenter(clock, 1000, 4000);
});

function unit(kind: 'video' | 'audio', dtsMs: number, keyframe: boolean): MediaUnit {
  const bytes = { esHead: none, esRest: Buffer.alloc(50), flvHead: none, flvRest: none };
  return { kind, dtsMs, ptsMs: dtsMs, keyframe, captureEpochMs: 0, ...bytes };
}

interface Feed {
  readonly toMs: number;
  readonly gopPictures?: number;
  /** Units in this half-open range of time never come. */
  readonly without?: readonly [number, number];
  readonly videoGoneFromMs?: number;
}

/** Everything an encoder sends from its start to `toMs`. */
function feed({
  toMs,
  gopPictures = 30,
  without = [0, 0],
  videoGoneFromMs = Number.POSITIVE_INFINITY,
}: Feed): void {
  for (let picture = 0; ; picture++) {
    const tick = timelineTick(picture, 30, RATE_HZ);
    if (tick.dueMs > toMs) return;
    const units: MediaUnit[] = [];
    for (let index = tick.audioFrom; index < tick.audioTo; index++) {
      units.push(unit('audio', audioTimeMs(index, RATE_HZ), false));
    }
    if (tick.dueMs < videoGoneFromMs) {
      units.push(unit('video', Math.round(tick.dueMs), picture % gopPictures === 0));
    }
    segmenter.onUnits(units, tick.dueMs >= without[0] && tick.dueMs < without[1] ? 'lost' : 'live');
  }
}

const listed = () => segmenter.listed.map(({ number, durationMs }) => [number, durationMs]);

describe('the HLS segmenter', () => {
  it('cuts at keyframes; the first segment is longer by the lead of the audio', () => {
    segmenter.onPublish();
    feed({ toMs: 2500 });
    expect(listed()).toEqual([
      [0, 1023],
      [1, 1000],
    ]);
  });

  it('lists five segments of 1 s in a window of 4 s, and deletes what fell out at once', () => {
    segmenter.onPublish();
    feed({ toMs: 8100 });
    expect(listed().map(([number]) => number)).toEqual([3, 4, 5, 6, 7]);
    expect(segmenter.file(2)).toBeUndefined();
    expect(segmenter.file(3)?.bytes.length).toBeGreaterThan(188 * 30);
  });

  it('lists three segments of 2 s in the same window', () => {
    segmenter.onPublish();
    feed({ toMs: 20_100, gopPictures: 60 });
    expect(listed()).toEqual([
      [7, 2000],
      [8, 2000],
      [9, 2000],
    ]);
  });

  it('writes the playlist that SRS 6.0.157 wrote after its start', () => {
    segmenter.onPublish();
    feed({ toMs: 5100 });
    expect(mediaPlaylist(segmenter.listed, 'plain', '339166pp', 1000)).toBe(
      [
        '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n#EXT-X-DISCONTINUITY',
        '#EXTINF:1.023, no desc\nplain-0.ts?hls_ctx=339166pp',
        '#EXTINF:1.000, no desc\nplain-1.ts?hls_ctx=339166pp',
        '#EXTINF:1.000, no desc\nplain-2.ts?hls_ctx=339166pp',
        '#EXTINF:1.000, no desc\nplain-3.ts?hls_ctx=339166pp',
        '#EXTINF:1.000, no desc\nplain-4.ts?hls_ctx=339166pp\n',
      ].join('\n'),
    );
  });

  it('keeps the list after an unpublish, with the rest of the media as a short segment', () => {
    segmenter.onPublish();
    feed({ toMs: 9757 });
    segmenter.onUnpublish();
    const before = listed();
    clock.advance(600_000);
    expect(listed()).toEqual(before);
    expect(before.at(-1)).toEqual([9, 733]);
    expect(before).toHaveLength(5);
  });

  it('goes on numbering after a short unpublish, marked as a discontinuity', () => {
    segmenter.onPublish();
    feed({ toMs: 5100 });
    segmenter.onUnpublish();
    clock.advance(1500);
    segmenter.onPublish();
    feed({ toMs: 1100 });
    expect(segmenter.listed.map(({ number, discontinuity }) => [number, discontinuity])).toEqual([
      [2, false],
      [3, false],
      [4, false],
      [5, true],
    ]);
  });

  it('begins at 0 again after a long one, shows the old list until then, and keeps the old files', () => {
    segmenter.onPublish();
    feed({ toMs: 9757 });
    segmenter.onUnpublish();
    clock.advance(5000);
    segmenter.onPublish();
    feed({ toMs: 900 });
    expect(segmenter.listed[0]?.number).toBe(5);
    feed({ toMs: 1100 });
    expect(segmenter.listed.map(({ number, discontinuity }) => [number, discontinuity])).toEqual([[0, true]]);
    expect(segmenter.file(7)).toBeDefined();
  });

  it('does not collect files over many restarts', () => {
    for (let restart = 0; restart < 20; restart++) {
      segmenter.onPublish();
      feed({ toMs: 5100 + restart * 700 });
      segmenter.onUnpublish();
      clock.advance(10_000);
    }
    const kept = Array.from({ length: 100 }, (_, number) => segmenter.file(number)).filter(Boolean);
    expect(kept.length).toBeLessThanOrEqual(12);
  });

  it('shows a hole in the times as a longer segment, ended by audio, and begins the next one mid-GOP', () => {
    segmenter.onPublish();
    feed({ toMs: 8100, without: [2500, 4500] });
    expect(listed()).toEqual([
      [2, 2478],
      [3, 1522],
      [4, 1000],
      [5, 1000],
    ]);
  });

  it('cuts audio alone after 2.1 times the fragment', () => {
    segmenter.onPublish();
    feed({ toMs: 12_000, videoGoneFromMs: 2500 });
    for (const { durationMs } of segmenter.listed) {
      expect(durationMs).toBeGreaterThanOrEqual(2100);
      expect(durationMs).toBeLessThan(2130);
    }
  });
});
