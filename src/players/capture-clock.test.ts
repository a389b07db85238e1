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

  it('takes pictures in decoding order, and newer media at its place', () => {
    const clock = new CaptureClock();
    for (const m of [0, 133, 66, 33, 100, 266, 200]) clock.add(m, EPOCH + m, 'stamp');
    expect(clock.at(200)).toBe(EPOCH + 200);
    for (let m = 300; m <= 9000; m += 33) clock.add(m, EPOCH + m, 'stamp');
    clock.add(4000, EPOCH + 60_000, 'stamp');
    expect(clock.at(4010)).toBe(EPOCH + 60_010);
    expect(clock.at(5500)).toBe(EPOCH + 5500);
  });

  it('knows the old media behind what a new publisher has written over its beginning', () => {
    const clock = new CaptureClock();
    for (let m = 0; m <= 10_000; m += 33) clock.add(m, EPOCH + m, 'stamp');
    clock.cut(4000);
    for (let m = 4000; m <= 5000; m += 33) clock.add(m, EPOCH + m + 60_000, 'stamp');
    expect(clock.at(3900)).toBe(EPOCH + 3900);
    expect(clock.at(4500)).toBe(EPOCH + 64_500);
    // Not the new publisher's: it has written up to 5 s only.
    expect(clock.at(5100)).toBe(EPOCH + 5100);
    expect(clock.at(9000)).toBe(EPOCH + 9000);
    for (let m = 5000; m <= 12_000; m += 33) clock.add(m, EPOCH + m + 60_000, 'stamp');
    expect(clock.at(9000)).toBe(EPOCH + 69_000);
  });

  it('stays small however often publishers write over each other', () => {
    const clock = new CaptureClock();
    for (let round = 0; round < 50; round++)
      for (let m = 0; m <= 30_000; m += 33) clock.add(m, EPOCH + m + round * 100_000, 'stamp');
    expect(clock.anchors).toBeLessThan(200);
  });

  it('stays small over hours', () => {
    const clock = new CaptureClock();
    for (let m = 0; m < 3_600_000; m += 100) clock.add(m, EPOCH + m, 'stamp');
    expect(clock.anchors).toBeLessThanOrEqual(96);
    expect(clock.at(3_599_000)).toBe(EPOCH + 3_599_000);
  });

  it('hears a lesser source only where no better one speaks', () => {
    const clock = new CaptureClock();
    for (let m = 0; m <= 8000; m += 40) {
      if (m <= 3000 || m >= 6000) clock.add(m, EPOCH + m, 'stamp');
      clock.add(m, EPOCH + m - 300, 'pic_timing');
    }
    expect([clock.at(2000), clock.sourceAt(2000)]).toEqual([EPOCH + 2000, 'stamp']);
    expect([clock.at(5000), clock.sourceAt(5000)]).toEqual([EPOCH + 4700, 'pic_timing']);
    expect([clock.at(6010), clock.sourceAt(6010)]).toEqual([EPOCH + 6010, 'stamp']);
    expect([clock.at(8000), clock.sourceAt(8000)]).toEqual([EPOCH + 8000, 'stamp']);
  });

  it('lets a keyframe speak for its whole GOP, where only keyframes speak', () => {
    const clock = new CaptureClock();
    for (const m of [0, 4000, 8000]) clock.add(m, EPOCH + m, 'obs');
    expect(clock.at(3900)).toBe(EPOCH + 3900);
    expect(clock.at(17_000)).toBe(EPOCH + 17_000);
    expect(clock.at(18_100)).toBeUndefined();
  });

  it('says nothing of a GOP in which the encoder stood', () => {
    const clock = new CaptureClock();
    clock.add(0, EPOCH, 'obs');
    expect(clock.at(1500)).toBe(EPOCH + 1500);
    clock.add(2000, EPOCH + 5000, 'obs');
    expect(clock.at(1500)).toBeUndefined();
    expect(clock.at(2500)).toBe(EPOCH + 5500);
  });

  it('does not carry a time over a break of the media', () => {
    const clock = new CaptureClock();
    clock.add(0, EPOCH, 'obs');
    clock.cut(2000);
    expect([clock.at(1900), clock.sourceAt(1900)]).toEqual([EPOCH + 1900, 'obs']);
    expect([clock.at(2100), clock.sourceAt(2100)]).toEqual([undefined, undefined]);
    clock.add(2400, EPOCH + 9000, 'pdt');
    expect([clock.at(2300), clock.sourceAt(2300)]).toEqual([EPOCH + 8900, 'pdt']);
    expect(clock.at(1900)).toBe(EPOCH + 1900);
  });
});
