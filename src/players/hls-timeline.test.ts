import { describe, expect, it } from 'vitest';
import { HlsTimeline, type List } from './hls-timeline.js';

function list(
  first: number,
  count: number,
  options: { discontinuityAt?: number; durationMs?: number } = {},
): List {
  const durationMs = options.durationMs ?? 1000;
  return {
    targetDurationMs: durationMs,
    mediaSequence: first,
    endList: false,
    segments: Array.from({ length: count }, (_, i) => ({
      sequence: first + i,
      uri: `s-${first + i}.ts`,
      durationMs,
      discontinuity: first + i === options.discontinuityAt,
    })),
  };
}

const places = (timeline: HlsTimeline) => timeline.segments.map((s) => [s.sequence, s.startMs]);

describe('a live list on the timeline', () => {
  it('keeps the place of every segment that it shares with the one before', () => {
    const timeline = new HlsTimeline();
    expect(timeline.update(list(5, 4))).toEqual({
      changed: true,
      advanced: true,
      reset: false,
      mismatch: false,
    });
    expect(timeline.update(list(5, 4))).toEqual({
      changed: false,
      advanced: false,
      reset: false,
      mismatch: false,
    });
    expect(timeline.update(list(7, 4))).toEqual({
      changed: true,
      advanced: true,
      reset: false,
      mismatch: false,
    });
    expect(places(timeline)).toEqual([
      [7, 2000],
      [8, 3000],
      [9, 4000],
      [10, 5000],
    ]);
  });

  it('moves what follows when the real length of a segment is known', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(0, 4));
    const second = timeline.segments[1];
    if (second === undefined) throw new Error('no segment');
    timeline.place(second, 1066, 2100);
    expect(places(timeline)).toEqual([
      [0, 66],
      [1, 1066],
      [2, 2100],
      [3, 3100],
    ]);
    timeline.update(list(2, 4));
    expect(timeline.edgeMs).toBe(6100);
  });

  it('continues behind the old list, also when a whole window was missed', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(0, 4));
    timeline.update(list(4, 4));
    expect(timeline.startMs).toBe(4000);
    timeline.update(list(20, 4));
    expect(timeline.startMs).toBe(20_000);
  });

  it('that starts again at 0 is laid over the start of the old one, on a clock of its own', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(20, 4));
    timeline.update(list(24, 4));
    const before = timeline.segments[0]?.continuity;
    expect(timeline.update(list(0, 1))).toEqual({
      changed: true,
      advanced: false,
      reset: true,
      mismatch: false,
    });
    expect(places(timeline)).toEqual([[0, 4000]]);
    expect(timeline.segments[0]?.continuity).not.toBe(before);
  });

  it('counts a discontinuity once, however many lists carry it', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(0, 4));
    timeline.update(list(1, 4, { discontinuityAt: 4 }));
    timeline.update(list(2, 4, { discontinuityAt: 4 }));
    timeline.update(list(4, 4, { discontinuityAt: 4 }));
    expect(timeline.segments.map((s) => s.continuity)).toEqual([1, 1, 1, 1]);
  });

  it('offers the first segment not fetched that reaches beyond a position, gaps left out until they are retried', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(0, 4));
    const [, b, c] = timeline.segments;
    if (b === undefined || c === undefined) throw new Error('no segment');
    b.state = 'fetched';
    expect(timeline.next(900, 250)?.sequence).toBe(2);
    c.state = 'gap';
    expect(timeline.next(1900, 250)?.sequence).toBe(3);
    timeline.retryGaps(1900);
    expect(timeline.next(1900, 250)?.sequence).toBe(2);
    const newest = timeline.segments[3];
    if (newest === undefined) throw new Error('no segment');
    newest.state = 'fetched';
    expect(timeline.next(3900, 250)).toBeUndefined();
  });

  it('looks with no slack where less of the list than that lies ahead: its newest segment may add a moment', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(0, 4));
    expect(timeline.next(2800, 250)?.sequence).toBe(3);
    expect(timeline.next(3740, 250)?.sequence).toBe(3);
    expect(timeline.next(3800, 250)?.sequence).toBe(3);
    expect(timeline.next(3999, 250)?.sequence).toBe(3);
  });

  it('offers the newest segment, and no other, when more than the list is buffered already', () => {
    const timeline = new HlsTimeline();
    timeline.update(list(0, 4));
    expect(timeline.next(9000, 250)?.sequence).toBe(3);
    for (const segment of timeline.segments.slice(3)) segment.state = 'fetched';
    expect(timeline.next(9000, 250)).toBeUndefined();
  });
});
