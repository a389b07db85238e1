import { describe, expect, it } from 'vitest';
import { SourceClock } from './source-clock.js';

const FRAME_US = 1e6 / 30;
const EPOCH_US = 1_795_330_000_000_000;

/** Notes `count` frames from frame `from` on, each `lateUs` after its time. */
function feed(clock: SourceClock, from: number, count: number, lateUs: (frame: number) => number): void {
  for (let n = from; n < from + count; n++) clock.note(n * FRAME_US, EPOCH_US + n * FRAME_US + lateUs(n));
}

/** What the clock says of a frame, against its true time, in microseconds. */
function errorUs(clock: SourceClock, frame: number): number {
  return Math.round((clock.captureEpochUs(frame * FRAME_US) ?? Number.NaN) - EPOCH_US - frame * FRAME_US);
}

describe('SourceClock', () => {
  it('knows nothing before the first note', () => {
    const clock = new SourceClock();
    expect(clock.firstSourceUs).toBeUndefined();
    expect(clock.captureEpochUs(0)).toBeUndefined();
  });

  it('takes the punctual notes for true when most of them are late', () => {
    const clock = new SourceClock();
    feed(clock, 0, 90, (n) => (n % 30 === 7 ? 300 : 9000 + (n % 5) * 4000));
    expect(errorUs(clock, 89)).toBe(300);
    expect(errorUs(clock, 60)).toBe(300);
  });

  it('corrects the first frames, whose notes were all late, by those that came after them', () => {
    const clock = new SourceClock();
    feed(clock, 0, 3, () => 40_000);
    feed(clock, 3, 20, () => 0);
    expect(errorUs(clock, 0)).toBe(0);
  });

  it('follows a pace that drifts from the wall clock by 100 ppm, for hours, to a third of a millisecond', () => {
    const clock = new SourceClock();
    const drift = (n: number): number => n * FRAME_US * 1e-4;
    feed(clock, 0, 4 * 3600 * 30, drift);
    const last = 4 * 3600 * 30 - 1;
    expect(Math.abs(errorUs(clock, last) - drift(last))).toBeLessThan(334);
  });

  it('follows a wall clock that is stepped forward within three seconds, and backward at once', () => {
    const clock = new SourceClock();
    feed(clock, 0, 300, () => 0);
    feed(clock, 300, 150, () => 700_000);
    expect(errorUs(clock, 449)).toBe(700_000);
    feed(clock, 450, 1, () => -200_000);
    expect(errorUs(clock, 450)).toBe(-200_000);
  });

  it('gives a frame that the encoder held back the offset of its own time when the source falls behind', () => {
    const clock = new SourceClock();
    // At a third of its pace: each second of source time takes three.
    const late = (n: number): number => n * FRAME_US * 2;
    feed(clock, 0, 300, late);
    for (const frame of [240, 270, 299]) {
      const held = errorUs(clock, frame) - late(frame);
      // No more than what it loses in the three seconds that the smallest is taken from.
      expect(held).toBeGreaterThan(-2_000_001);
      expect(held).toBeLessThanOrEqual(0);
    }
    expect(errorUs(clock, 299) - errorUs(clock, 240)).toBeGreaterThan(2_000_000);
  });

  it('begins again when source time goes back, and after a long silence', () => {
    const clock = new SourceClock();
    feed(clock, 3000, 30, () => 0);
    clock.note(0, EPOCH_US + 101e6);
    expect(clock.captureEpochUs(0)).toBe(EPOCH_US + 101e6);
    clock.note(1e6, EPOCH_US + 5000e6);
    expect(clock.captureEpochUs(1e6)).toBe(EPOCH_US + 5000e6);
  });
});
