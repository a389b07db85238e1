import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotatedBytes } from '../../test/support/annotated-bytes.js';
import { bytes, slice } from '../../test/support/media-bytes.js';
import { AnnexBTail, TAIL_SEARCH_BYTES } from './avc-annexb-tail.js';
import { CaptureFinder } from './capture-finder.js';

const OBS = annotatedBytes('obs-kinds.txt');
const SESSION = annotatedBytes('obs-session.txt');
const CAPTURE_US = 1_795_325_919_105_000;

function walk(unit: Uint8Array, cuts: readonly number[] = []): CaptureFinder {
  const finder = new CaptureFinder();
  finder.begin('avc');
  const tail = new AnnexBTail(finder);
  tail.begin('avc');
  let at = 0;
  for (const cut of [...cuts.map((value) => value % (unit.length + 1)), unit.length].sort((a, b) => a - b)) {
    // Each piece in a buffer of its own, zeros around it.
    tail.feed(bytes(0, 0, unit.subarray(at, cut), 1), 2, 2 + cut - at);
    at = cut;
  }
  tail.end();
  return finder;
}

/** A slice full of what looks like the beginning of a start code. */
const SLICE = bytes(slice(5, 40), ...Array(9).fill([0, 0, 3, 1, 0, 0, 3, 0, 0, 2, 7]));

describe('the end of an access unit', () => {
  it.each([
    ['last', bytes(SLICE, [0, 0, 1], OBS)],
    ['behind a long start code and a second slice', bytes(SLICE, [0, 0, 1], SLICE, [0, 0, 0, 1], OBS)],
    ['in front of other metrics', bytes(SLICE, [0, 0, 1], OBS, [0, 0, 1], SESSION)],
    ['behind other metrics', bytes(SLICE, [0, 0, 1], SESSION, [0, 0, 0, 1], OBS, 0, 0)],
  ])('shows metrics that stand %s, however it is cut', (_, unit) => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 30 }), (cuts) => {
        expect(walk(unit, cuts).found).toMatchObject({ source: 'obs', captureEpochUs: CAPTURE_US });
      }),
    );
  });

  it('is walked no further than its bound', () => {
    const inside = bytes(new Uint8Array(TAIL_SEARCH_BYTES - 200).fill(0xab), [0, 0, 1], OBS);
    const beyond = new Uint8Array(TAIL_SEARCH_BYTES + 300).fill(0xab);
    beyond.set(bytes([0, 0, 1], OBS), TAIL_SEARCH_BYTES + 1);
    expect(walk(inside).found.source).toBe('obs');
    expect(walk(beyond).found.source).toBeUndefined();
  });

  it('holds nothing of the access unit before', () => {
    const finder = new CaptureFinder();
    finder.begin('avc');
    const tail = new AnnexBTail(finder);
    tail.begin('avc');
    const start = bytes(SLICE, [0, 0, 1], OBS.subarray(0, 30));
    tail.feed(start, 0, start.length);
    tail.begin('avc');
    tail.feed(OBS, 30, OBS.length);
    tail.end();
    expect(finder.found.source).toBeUndefined();
  });

  it('survives any bytes in any cut', () => {
    const zeroish = fc.array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 6, 5), fc.nat(255)), { maxLength: 400 });
    fc.assert(
      fc.property(zeroish, fc.array(fc.nat(400), { maxLength: 20 }), (raw, cuts) => {
        const unit = Uint8Array.from(raw);
        expect(walk(unit, cuts).found).toEqual(walk(unit).found);
      }),
    );
  });
});
