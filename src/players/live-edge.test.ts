import { describe, expect, it } from 'vitest';
import { forcedSeek, reloadIntervalMs, syncPositionMs, targetLatencyMs } from './live-edge.js';

describe('the target latency', () => {
  it('is three target durations, and stalls add at most one more', () => {
    const rows: [number, number, number][] = [
      // target duration, stalls, wanted
      [1000, 0, 3000],
      [1000, 1, 4000],
      [1000, 5, 4000],
      [2000, 1, 7000],
      [2000, 2, 8000],
    ];
    for (const [td, stalls, wanted] of rows) expect(targetLatencyMs(td, 3, stalls, 1000)).toBe(wanted);
  });
});

describe('the sync position', () => {
  const view = { listStartMs: 10_000, edgeMs: 15_000, targetDurationMs: 1000, ageMs: 0 };
  it('lies the target before the edge and moves on with the age of the list', () => {
    expect(syncPositionMs(view, 3000)).toBe(12_000);
    expect(syncPositionMs({ ...view, ageMs: 400 }, 3000)).toBe(12_400);
  });
  it('stops moving once the list is older than three target durations', () => {
    expect(syncPositionMs({ ...view, ageMs: 3000 }, 4500)).toBe(13_500);
    expect(syncPositionMs({ ...view, ageMs: 9000 }, 4500)).toBe(13_500);
  });
  it('never leaves the list: a window shorter than the target starts at its first segment', () => {
    expect(syncPositionMs({ ...view, targetDurationMs: 2000 }, 6000)).toBe(10_000);
  });
  it('stays one target duration before the edge, also if that is before the start', () => {
    expect(syncPositionMs({ ...view, listStartMs: 14_800 }, 500)).toBe(14_000);
  });
});

describe('the reload interval', () => {
  const base = { targetDurationMs: 2000, lastSegmentMs: 1000, changed: true, behindEdgeMs: 3000 };
  it('is the last segment near the edge, the target duration away from it, half of that for a list that stands', () => {
    expect(reloadIntervalMs(base)).toBe(1000);
    expect(reloadIntervalMs({ ...base, lastSegmentMs: 3000 })).toBe(2000);
    expect(reloadIntervalMs({ ...base, behindEdgeMs: 9000 })).toBe(2000);
    expect(reloadIntervalMs({ ...base, changed: false })).toBe(1000);
  });
});

describe('a forced seek', () => {
  const base = {
    playheadMs: 12_000,
    listStartMs: 10_000,
    edgeMs: 15_000,
    targetDurationMs: 1000,
    maxLatencyCount: 6,
    starved: false,
  };
  it('happens out of the window only without data, and beyond the maximum latency always', () => {
    expect(forcedSeek(base)).toBe(false);
    expect(forcedSeek({ ...base, playheadMs: 9800 })).toBe(false);
    expect(forcedSeek({ ...base, playheadMs: 9700, starved: true })).toBe(true);
    expect(forcedSeek({ ...base, playheadMs: 15_100, starved: true })).toBe(true);
    expect(forcedSeek({ ...base, playheadMs: 9800, starved: true })).toBe(false);
    expect(forcedSeek({ ...base, playheadMs: 8999 })).toBe(true);
    expect(forcedSeek({ ...base, playheadMs: 8999, maxLatencyCount: undefined })).toBe(false);
  });
});
