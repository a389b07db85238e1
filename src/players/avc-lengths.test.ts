import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { be, bytes, lengthPrefixed, slice } from '../../test/support/media-bytes.js';
import { CAPTURE_STAMP_BYTES, writeCaptureStamp } from '../media/capture-stamp.js';
import { NalLengthWalker } from './avc-lengths.js';

function stampSei(prefix: readonly number[] = []): Uint8Array {
  const payload = new Uint8Array(CAPTURE_STAMP_BYTES);
  writeCaptureStamp(payload, 0, { captureEpochUs: 1_700_000_000_000_000, frameNumber: 42 });
  return bytes(6, prefix, 5, CAPTURE_STAMP_BYTES, payload, 0x80);
}

/** x264's settings text: the long SEI in front of its first keyframe. */
const LONG_SEI = bytes(6, [5, 255, 255, 146], new Uint8Array(656).fill(0x61), 0x80);

function walk(unit: Uint8Array, cuts: readonly number[]): NalLengthWalker {
  const walker = new NalLengthWalker();
  walker.begin('avc', 4, unit.length);
  let at = 0;
  for (const cut of [...cuts.map((value) => value % (unit.length + 1)), unit.length].sort((a, b) => a - b)) {
    // Each piece in a buffer of its own, as chunks come.
    walker.feed(bytes(0xee, unit.subarray(at, cut)), 1, 1 + cut - at);
    at = cut;
  }
  return walker;
}

const cuts = fc.array(fc.nat(5000), { maxLength: 12 });

describe('NalLengthWalker', () => {
  it.each([
    ['first', [stampSei(), slice(1, 300)]],
    [
      'behind parameter sets and another SEI',
      [bytes(7, 1, 2), bytes(8, 3), LONG_SEI, stampSei(), slice(5, 300)],
    ],
    ['as the second message of its SEI', [stampSei([1, 3, 9, 9, 9]), slice(1, 300)]],
    ['behind the slice', [slice(1, 300), stampSei()]],
  ])('finds a stamp that stands %s, however the unit is cut', (_, nals) => {
    const unit = bytes(...nals.map(lengthPrefixed));
    fc.assert(
      fc.property(cuts, (at) => {
        const walker = walk(unit, at);
        expect([walker.sumsUp, walker.picture]).toEqual([true, true]);
        expect(walker.finder.found).toMatchObject({
          source: 'stamp',
          captureEpochUs: 1_700_000_000_000_000,
          frameNumber: 42,
        });
      }),
    );
  });

  it('does not sum up when a length points behind the unit, however it is cut', () => {
    const unit = bytes(lengthPrefixed(slice(1)), be(50, 4), new Uint8Array(49));
    fc.assert(fc.property(cuts, (at) => !walk(unit, at).sumsUp));
  });

  it('does not sum up when bytes are left over', () => {
    expect(walk(bytes(lengthPrefixed(slice(1)), 0, 0), []).sumsUp).toBe(false);
  });

  it('takes a length of 2^32 - 1 for broken, not for negative', () => {
    expect(walk(bytes(be(0xffffffff, 4), new Uint8Array(40)), []).sumsUp).toBe(false);
    expect(walk(bytes(be(0xfffffffc, 4), lengthPrefixed(slice(1))), []).sumsUp).toBe(false);
  });

  it('steps over empty units', () => {
    const walker = walk(bytes(be(0, 4), lengthPrefixed(slice(5)), be(0, 4)), []);
    expect([walker.sumsUp, walker.randomAccess]).toEqual([true, true]);
  });

  it('forgets the unit before', () => {
    const walker = walk(bytes(lengthPrefixed(stampSei()), lengthPrefixed(slice(5))), []);
    walker.begin('avc', 4, 6);
    walker.feed(bytes(lengthPrefixed(bytes(9, 0xf0))), 0, 6);
    expect([walker.sumsUp, walker.picture, walker.randomAccess]).toEqual([true, false, false]);
    expect(walker.finder.found.source).toBeUndefined();
  });
});
