import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureClock } from './capture-clock.js';
import { FlvTimeline } from './flv-timeline.js';
import { FrameCount } from './frame-count.js';
import { Intervals } from './intervals.js';
import { Pace } from './pace.js';
import type { Playout } from './playout.js';
import { MPEGTS_JS_1_8 } from './profiles.js';
import { SegmentExtent } from './segment-extent.js';

/** A pace, and what it told of the stretches that it judged again. */
function rig() {
  const told: string[] = [];
  const pace = new Pace({
    show: ({ fromMs }) => told.push(`show ${fromMs}`),
    hide: ({ fromMs }) => told.push(`hide ${fromMs}`),
  });
  const long = (stepMs: number, fromMs: number) => pace.long(stepMs, { fromMs, toMs: fromMs + stepMs });
  return { pace, told, long };
}

describe('the pace of a stream', () => {
  it('is unknown while ordinary steps come, and a long one alone is a hole', () => {
    const { pace, told, long } = rig();
    pace.ordinary();
    expect(long(2000, 0)).toBe('hole');
    expect(long(2000, 1)).toBe('hole');
    pace.ordinary();
    expect(long(2000, 2)).toBe('hole');
    expect(pace.usualMs).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('is slow with the third long step in a row: the two before were no holes', () => {
    const { pace, told, long } = rig();
    pace.ordinary();
    long(200, 0);
    long(200, 1);
    expect(long(200, 2)).toBe('usual');
    expect(told).toEqual(['show 0', 'show 1']);
    expect(pace.usualMs).toBe(200);
  });

  it('a step of more than three usual ones is a hole of a slow stream, wherever in the row it stands', () => {
    const { told, long, pace } = rig();
    pace.ordinary();
    long(2000, 0);
    long(125, 1);
    expect(long(125, 2)).toBe('usual');
    expect(told).toEqual(['show 1']);
    expect(long(376, 3)).toBe('hole');
    expect(long(375, 4)).toBe('usual');
  });

  it('is slow from the first step on where no step was ordinary yet, and is taken back with the first that is', () => {
    const { pace, told, long } = rig();
    expect(long(500, 0)).toBe('hole');
    expect(told).toEqual(['show 0']);
    expect(pace.likelyMs).toBe(500);
    pace.ordinary();
    expect(told).toEqual(['show 0', 'hide 0']);
    expect(pace.likelyMs).toBeUndefined();
  });

  it('stays slow over one or two ordinary steps, and is forgotten with the third', () => {
    const { pace, long } = rig();
    for (let i = 0; i < 3; i++) long(200, i);
    pace.ordinary();
    pace.ordinary();
    expect(long(200, 9)).toBe('usual');
    for (let i = 0; i < 3; i++) pace.ordinary();
    expect(pace.usualMs).toBeUndefined();
    expect(long(200, 10)).toBe('hole');
  });

  it('follows a change from slow to slower after three steps', () => {
    const { pace, long } = rig();
    for (let i = 0; i < 9; i++) long(200, i);
    expect([1000, 1000, 1000].map((ms, i) => long(ms, 10 + i))).toEqual(['hole', 'hole', 'usual']);
    expect(pace.usualMs).toBe(1000);
  });
});

interface Step {
  readonly ms: number;
  readonly hole: boolean;
}

/** Steps of a stream of 10 pictures a second and more, with holes in it: never three in a row, and at most one first. */
const ordinaryStream = fc
  .record({
    stepMs: fc.integer({ min: 8, max: 100 }),
    jitterMs: fc.integer({ min: 0, max: 8 }),
    steps: fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: 0, max: 8 }).map((ms) => ({ ms, hole: false })) },
        { weight: 2, arbitrary: fc.integer({ min: 101, max: 9000 }).map((ms) => ({ ms, hole: true })) },
        { weight: 1, arbitrary: fc.constant({ ms: -400, hole: false }) },
      ),
      { minLength: 1, maxLength: 120 },
    ),
  })
  .map(({ stepMs, jitterMs, steps }): number[] => {
    let row = 1;
    return steps.map(({ ms, hole }: Step): number => {
      row = hole ? row + 1 : 0;
      if (hole && row <= 2) return ms;
      if (ms < 0) return ms;
      if (hole) row = 0;
      return Math.max(1, Math.min(100, stepMs + (jitterMs > 0 ? (ms % jitterMs) - jitterMs / 2 : 0)));
    });
  });

/** The rule of these rates, as it was measured against browsers: more than three usual steps and 100 ms is a hole. */
class MeasuredRule {
  usualMs = 33;

  isHole(stepMs: number): boolean {
    const hole = stepMs > Math.max(3 * this.usualMs, 100);
    if (stepMs > 0 && !hole) this.usualMs += (stepMs - this.usualMs) / 16;
    return hole;
  }
}

const video = (ms: number) => ({
  ...{ track: 'video' as const, ptsTicks90k: ms * 90, dtsTicks90k: ms * 90 },
  ...{ audioFrames: 0, audioSampleRate: 0 },
});

/** All covered stretches. */
function listOf(intervals: Intervals): string {
  const list: string[] = [];
  for (let at = intervals.firstMs; at !== undefined; ) {
    const endMs = intervals.endFrom(at);
    list.push(`${at.toFixed(6)}-${endMs.toFixed(6)}`);
    at = intervals.nextStart(endMs);
  }
  return list.join(' ');
}

describe('a stream of 10 pictures a second and more is seen by the measured rule, bit for bit', () => {
  it('in HLS: the same stretches of pictures in each segment, and no word of another rate that stays', () => {
    fc.assert(
      fc.property(ordinaryStream, fc.integer({ min: 1, max: 40 }), (steps, perSegment) => {
        const extent = new SegmentExtent();
        const rule = new MeasuredRule();
        const judged = new Intervals(0, 0, 1000);
        let ms = 100_000;
        let dtsMs = 0;
        for (let at = 0; at <= steps.length; at += perSegment) {
          extent.clear(at === 0 ? undefined : extent.lastPicture);
          const spans: { fromMs: number; toMs: number; frames: number }[] = [];
          let maxMs = 0;
          for (let i = at; i < Math.min(at + perSegment, steps.length + 1); i++) {
            if (i > 0) ms += steps[i - 1] as number;
            extent.add(video(ms));
            const span = spans.at(-1);
            const hole = i > at && rule.isHole(ms - dtsMs);
            dtsMs = ms;
            if (span === undefined || (hole && spans.length < 6)) {
              maxMs = ms;
              spans.push({ fromMs: ms, toMs: ms + rule.usualMs, frames: 1 });
              continue;
            }
            maxMs = Math.max(maxMs, ms);
            span.frames += 1;
            span.fromMs = Math.min(span.fromMs, ms);
            span.toMs = maxMs + rule.usualMs;
          }
          extent.accept();
          expect(extent.spans).toEqual(spans);
          expect(extent.frameMs).toBe(rule.usualMs);
          for (const { fromMs, toMs, shown } of extent.judgements)
            if (shown) judged.add(fromMs, toMs);
            else judged.remove(fromMs, toMs);
        }
        if (steps.at(-1) !== undefined && (steps.at(-1) as number) <= 100) expect(listOf(judged)).toBe('');
      }),
      { numRuns: 400 },
    );
  });

  it('in FLV: the same stretches are shown', () => {
    fc.assert(
      fc.property(ordinaryStream, (steps) => {
        const seen = new Intervals(0, 0, 1000);
        const wanted = new Intervals(0, 0, 1000);
        const playout = {
          appendVideo: (fromMs: number, _toMs: number, shownToMs: number) => seen.add(fromMs, shownToMs),
          showPicture: (fromMs: number, toMs: number) => seen.add(fromMs, toMs),
          hidePicture: (fromMs: number, toMs: number) => seen.remove(fromMs, toMs),
        } as unknown as Playout;
        const timeline = new FlvTimeline(MPEGTS_JS_1_8, playout, new CaptureClock(), new FrameCount());
        const rule = new MeasuredRule();
        let ms = 0;
        for (const stepMs of [0, ...steps, 20]) {
          if (ms > 0 || stepMs > 0) {
            const usualMs = rule.usualMs;
            const hole = rule.isHole(stepMs);
            wanted.add(ms, ms + (hole ? usualMs : Math.max(stepMs, 0)));
          }
          ms += stepMs;
          timeline.append({
            ...{ track: 'video', dtsMs: ms, ptsMs: ms, keyframe: true, wrapped: false, audioFrameMs: 0 },
            ...{ captureEpochMs: undefined, captureSource: undefined, frameNumber: undefined },
          });
        }
        expect(listOf(seen)).toBe(listOf(wanted));
      }),
      { numRuns: 400 },
    );
  });
});
