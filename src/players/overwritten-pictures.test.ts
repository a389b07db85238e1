import { describe, expect, it } from 'vitest';
import { OverwrittenPictures } from './overwritten-pictures.js';

/** Stretches of a second from 9.001 s to 13.733 s, as a browser was seen to hold them. */
function holding(): OverwrittenPictures {
  const pictures = new OverwrittenPictures();
  for (const from of [9001, 10_001, 11_001, 12_001]) pictures.write(from, from + 1000, [from], 0);
  pictures.write(13_001, 13_733, [13_001], 0);
  return pictures;
}

describe('pictures that are written over others', () => {
  it('are seen when the decoder has not come there yet', () => {
    const pictures = holding();
    expect(pictures.write(11_001, 12_001, [11_001], 10_500)).toEqual({
      seenFromMs: 11_001,
      lostFromMs: 11_001,
      lostToMs: 12_001,
      endMs: 13_733,
    });
  });

  it('are never seen where the decoder has begun to read the old ones', () => {
    expect(holding().write(9001, 10_000, [9001], 9130).seenFromMs).toBe(undefined);
  });

  it('are seen from the next keyframe on that lies in what is still to be read', () => {
    const written = holding().write(9001, 10_000, [9001, 9501], 9130);
    expect(written).toMatchObject({ seenFromMs: 9501, lostFromMs: 9501, lostToMs: 10_001 });
  });

  it('are seen by who seeks back to them when the decoder is past them', () => {
    expect(holding().write(9001, 10_000, [9001], 12_500).seenFromMs).toBe(9001);
  });

  it('1 ms over the old keyframes make old pictures, a freeze, old pictures, and only then new ones', () => {
    const pictures = holding();
    // A publisher came back; its segments are laid over the old ones just before the playhead comes there.
    const seen = [9001, 10_002, 11_002, 12_002].map((from) =>
      pictures.write(from, from + 1000 + (from === 9001 ? 1 : 0), [from], from + 110),
    );
    expect(seen.map(({ seenFromMs }) => seenFromMs)).toEqual([undefined, undefined, undefined, undefined]);
    // The second one took the stretch from 11.001 s, which was still to come.
    expect(seen.map(({ lostFromMs, lostToMs }) => Math.max(0, lostToMs - lostFromMs))).toEqual([
      0, 1000, 0, 732,
    ]);
    expect(seen[1]).toMatchObject({ lostFromMs: 11_001, lostToMs: 12_001 });
    expect(seen[3]?.endMs).toBe(13_002);
    expect(pictures.write(13_002, 14_002, [13_002], 13_100).seenFromMs).toBe(13_002);
  });

  it('on the old keyframes make old pictures only, up to their end', () => {
    const pictures = holding();
    for (const from of [9001, 10_001, 11_001, 12_001, 13_001]) {
      const { seenFromMs, lostFromMs, lostToMs } = pictures.write(from, from + 1000, [from], from + 110);
      expect(seenFromMs).toBe(undefined);
      expect(lostToMs - lostFromMs).toBeLessThanOrEqual(0);
    }
    expect(pictures.write(14_001, 15_001, [14_001], 14_110).seenFromMs).toBe(14_001);
  });

  it('are seen again after a seek, which drops what was kept', () => {
    const pictures = holding();
    pictures.write(9001, 10_000, [9001], 9130);
    pictures.seek();
    expect(pictures.write(10_001, 11_000, [10_001], 9130).seenFromMs).toBe(10_001);
  });

  it('that lie before old ones which stay are the next ones there are', () => {
    const pictures = holding();
    pictures.write(10_001, 11_001, [10_001], 9500);
    // What is taken away in front of them ends where they begin, not at the next of the old ones.
    expect(pictures.write(9001, 9601, [9001], 8500)).toMatchObject({ seenFromMs: 9001, lostToMs: 10_001 });
  });

  it('take away up to the next keyframe of the 256 newest: older ones are not remembered', () => {
    const long = (): OverwrittenPictures => {
      const pictures = new OverwrittenPictures();
      for (let at = 0; at < 300_000; at += 1000) pictures.write(at, at + 1000, [at], 0);
      return pictures;
    };
    expect(long().write(298_000, 298_500, [298_000], 297_500).lostToMs).toBe(299_000);
    expect(long().write(1000, 1500, [1000], 500).lostToMs).toBe(44_000);
  });
});
