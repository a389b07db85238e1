import { describe, expect, it } from 'vitest';
import { FrameCount } from './frame-count.js';

interface Picture {
  readonly dtsMs: number;
  readonly number?: number;
}

function counted(pictures: readonly Picture[]) {
  const count = new FrameCount();
  for (const { dtsMs, number } of pictures) count.picture(dtsMs, number);
  const { frames, missing, missingByNumber, missingByTime } = count.take();
  return { frames, missing, missingByNumber, missingByTime };
}

/** `frames` at `fps` with timestamps of whole milliseconds, numbered; `without` are not sent. */
function stream(frames: number, fps: number, without: readonly number[] = []): Picture[] {
  return Array.from({ length: frames }, (_, number) => ({
    dtsMs: Math.round((number * 1000) / fps),
    number,
  })).filter(({ number }) => !without.includes(number));
}

const bare = (pictures: readonly Picture[]): Picture[] => pictures.map(({ dtsMs }) => ({ dtsMs }));

describe('FrameCount', () => {
  it.each([5, 10, 15, 24, 25, 29.97, 30, 50, 60])('misses nothing in %d pictures a second', (fps) => {
    expect(counted(stream(300, fps))).toMatchObject({ frames: 300, missing: 0, missingByNumber: 0 });
    expect(counted(bare(stream(300, fps))).missing).toBe(0);
  });

  it.each([
    [33, 33, 50],
    [33, 50],
    [20, 30, 40],
  ])('misses nothing where pictures come unevenly by themselves: %j', (...stepsMs) => {
    let dtsMs = 0;
    const pictures = Array.from({ length: 300 }, (_, index) => {
      dtsMs += stepsMs[index % stepsMs.length] ?? 0;
      return { dtsMs };
    });
    expect(counted(pictures).missing).toBe(0);
  });

  it('finds lost pictures in the numbers and in the timestamps', () => {
    expect(counted(stream(100, 30, [40, 41, 70]))).toEqual({
      frames: 97,
      missing: 3,
      missingByNumber: 3,
      missingByTime: 3,
    });
  });

  it('has the timestamps alone in a stream without stamps', () => {
    const seen = counted(bare(stream(100, 30, [40, 41, 70])));
    expect(seen).toMatchObject({ missing: 3, missingByTime: 3, missingByNumber: undefined });
  });

  it('judges the numbers where a server closed the gap of the timestamps', () => {
    const closed = stream(100, 30, [40, 41]).map(({ number }, index) => ({
      dtsMs: Math.round((index * 1000) / 30),
      ...(number === undefined ? {} : { number }),
    }));
    expect(counted(closed)).toMatchObject({ missing: 2, missingByNumber: 2, missingByTime: 0 });
  });

  it('judges the timestamps where pictures were lost before they were numbered', () => {
    const late = stream(100, 30, [40, 41]).map(({ dtsMs }, number) => ({ dtsMs, number }));
    expect(counted(late)).toMatchObject({ missing: 2, missingByNumber: 0, missingByTime: 2 });
  });

  it('sees one lost picture of three, again and again', () => {
    const lost = Array.from({ length: 100 }, (_, index) => 3 * index + 20).filter((number) => number < 300);
    expect(counted(bare(stream(300, 30, lost))).missing).toBeGreaterThan(80);
  });

  it('takes times that go back, or leap by more than a minute, for a new publisher', () => {
    const pictures = [...stream(60, 30), ...stream(60, 30)];
    expect(counted(pictures).missing).toBe(0);
    const later = stream(60, 30).map(({ dtsMs }) => ({ dtsMs: dtsMs + 100_000, number: 9000 }));
    expect(counted([...stream(60, 30), ...later]).missing).toBe(0);
  });

  it('does not blame anyone for what lies between two places of the player', () => {
    const count = new FrameCount();
    for (const { dtsMs, number } of stream(60, 30)) count.picture(dtsMs, number);
    count.restart();
    count.picture(5000, 150);
    expect(count.take().missing).toBe(0);
  });

  it('starts again from zero when it is asked, and knows still how long a picture lasts', () => {
    const count = new FrameCount();
    for (const { dtsMs, number } of stream(60, 30, [50])) count.picture(dtsMs, number);
    expect(count.take().missing).toBe(1);
    expect(count.take()).toEqual({
      frames: 0,
      missing: 0,
      missingByNumber: undefined,
      missingByTime: 0,
      bySource: {},
    });
    count.picture(2067, 62);
    expect(count.take()).toMatchObject({ missing: 2, missingByNumber: 2, missingByTime: 2 });
  });
});
