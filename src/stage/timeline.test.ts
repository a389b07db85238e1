import { describe, expect, it } from 'vitest';
import { audioTimeMs, timelineTick } from './timeline.js';

const RATE_HZ = 48_000;
const ticks = Array.from({ length: 30 * 60 }, (_, picture) => timelineTick(picture, 30, RATE_HZ));

describe('the timeline of an encoder', () => {
  it('sends each AAC frame exactly once, in order, over many loops of the clip', () => {
    let next = 0;
    for (const tick of ticks) {
      expect(tick.audioFrom).toBe(next);
      expect(tick.audioTo).toBeGreaterThanOrEqual(tick.audioFrom);
      next = tick.audioTo;
    }
    expect(next).toBe(Math.ceil((((1799 * 1000) / 30 + 23) * 48) / 1024));
  });

  it('sends audio before the picture that follows it in time', () => {
    for (const tick of ticks) {
      const lastMs = ((tick.audioTo - 1) * 1024) / 48;
      expect(lastMs).toBeLessThan(tick.dueMs);
      expect(tick.dueMs - lastMs).toBeLessThanOrEqual(1024 / 48);
    }
  });

  it('puts keyframes at whole seconds plus the lead, and never drifts', () => {
    expect([0, 30, 240, 1500].map((picture) => Math.round(timelineTick(picture, 30, RATE_HZ).dueMs))).toEqual(
      [23, 1023, 8023, 50_023],
    );
    expect(audioTimeMs(375, RATE_HZ)).toBe(8000);
    expect([0, 1, 2, 3].map((index) => audioTimeMs(index, RATE_HZ))).toEqual([0, 21, 43, 64]);
  });
});
