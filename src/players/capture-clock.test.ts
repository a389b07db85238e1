import { describe, expect, it } from 'vitest';
import { CaptureClock } from './capture-clock.js';

const EPOCH = 1_800_000_000_000;

describe('the capture clock', () => {
  it('runs with the media between two stamps', () => {
    const clock = new CaptureClock();
    for (let m = 0; m <= 3000; m += 33) clock.add(m, EPOCH + m, 'stamp');
    expect(clock.at(1234)).toBe(EPOCH + 1234);
    expect(clock.sourceAt(1234)).toBe('stamp');
  });

  it('shows a publisher that paused from the very picture on', () => {
    const clock = new CaptureClock();
    for (let m = 0; m <= 4000; m += 33) clock.add(m, EPOCH + m + (m >= 1980 ? 2000 : 0), 'stamp');
    expect(clock.at(1975)).toBe(EPOCH + 1975);
    expect(clock.at(1985)).toBe(EPOCH + 3985);
  });

  it('does not go on guessing when the stamps stop', () => {
    const clock = new CaptureClock();
    for (let m = 0; m <= 2000; m += 33) clock.add(m, EPOCH + m, 'stamp');
    expect(clock.at(2500)).toBeDefined();
    expect(clock.at(3500)).toBeUndefined();
  });

  it('is unknown before anything was stamped, and close before the first stamp it is extrapolated', () => {
    const clock = new CaptureClock();
    expect(clock.at(0)).toBeUndefined();
    clock.add(1000, EPOCH, 'stamp');
    expect(clock.at(400)).toBe(EPOCH - 600);
    clock.clear();
    clock.add(5000, EPOCH, 'stamp');
    expect(clock.at(400)).toBeUndefined();
  });

  it('takes pictures in decoding order and forgets what newer media overwrote', () => {
    const clock = new CaptureClock();
    for (const m of [0, 133, 66, 33, 100, 266, 200]) clock.add(m, EPOCH + m, 'stamp');
    expect(clock.at(200)).toBe(EPOCH + 200);
    for (let m = 300; m <= 9000; m += 33) clock.add(m, EPOCH + m, 'stamp');
    clock.add(4000, EPOCH + 60_000, 'stamp');
    expect(clock.at(4010)).toBe(EPOCH + 60_010);
    expect(clock.at(5500)).toBeUndefined();
  });

  it('stays small over hours', () => {
    const clock = new CaptureClock();
    for (let m = 0; m < 3_600_000; m += 100) clock.add(m, EPOCH + m, 'stamp');
    expect(clock.anchors).toBeLessThanOrEqual(96);
    expect(clock.at(3_599_000)).toBe(EPOCH + 3_599_000);
  });
});
