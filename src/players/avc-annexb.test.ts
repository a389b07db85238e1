import { describe, expect, it } from 'vitest';
import { annexB, bytes, slice } from '../../test/support/media-bytes.js';
import { CAPTURE_STAMP_BYTES, writeCaptureStamp } from '../media/capture-stamp.js';
import type { NalCodec } from './avc.js';
import { type AccessUnitStart, blankAccessUnitStart, scanAccessUnitStart } from './avc-annexb.js';
import { CaptureFinder, type CaptureSighting } from './capture-finder.js';

function scan(
  unit: Uint8Array,
  codec: NalCodec = 'avc',
): AccessUnitStart & { readonly found: CaptureSighting } {
  const start = blankAccessUnitStart();
  const finder = new CaptureFinder();
  finder.begin(codec);
  scanAccessUnitStart(codec, unit, 0, unit.length, start, finder);
  return { ...start, found: finder.found };
}

const SPS = bytes(0x67, 0x64, 0, 0x15);

/** A non-IDR slice: first_mb_in_slice 0 ("1"), then slice_type in Exp-Golomb. */
const nonIdr = (sliceTypeBits: string): Uint8Array => {
  const bits = `1${sliceTypeBits}`.padEnd(16, '1');
  return bytes(0x41, Number.parseInt(bits.slice(0, 8), 2), Number.parseInt(bits.slice(8, 16), 2), 0xff);
};

describe('scanAccessUnitStart', () => {
  it('tells an IDR slice from others', () => {
    expect(scan(annexB(slice(5)))).toMatchObject({ decided: true, randomAccess: true, parameters: false });
    expect(scan(annexB(slice(1)))).toMatchObject({ decided: true, randomAccess: false });
  });

  it('takes an I slice behind parameter sets for a place to begin, as hls.js does', () => {
    expect(scan(annexB(SPS, nonIdr('011'))).randomAccess).toBe(true); // 2 = I
    expect(scan(annexB(SPS, nonIdr('0001000'))).randomAccess).toBe(true); // 7 = I only
    expect(scan(annexB(SPS, nonIdr('1'))).randomAccess).toBe(false); // 0 = P
    expect(scan(annexB(SPS, nonIdr('00110'))).randomAccess).toBe(false); // 5 = P only
    expect(scan(annexB(nonIdr('011'))).randomAccess).toBe(false);
  });

  it('is undecided until the slice has begun, at every cut', () => {
    const unit = annexB(SPS, slice(5));
    const sliceAt = unit.length - 60;
    for (let end = 0; end <= unit.length; end++) {
      expect(scan(unit.subarray(0, end)).decided, `cut at ${end}`).toBe(end > sliceAt);
    }
  });

  it('finds the stamp in front of the slice', () => {
    const payload = new Uint8Array(CAPTURE_STAMP_BYTES);
    writeCaptureStamp(payload, 0, { captureEpochUs: 7, frameNumber: 9 });
    const sei = bytes(6, 5, CAPTURE_STAMP_BYTES, payload, 0x80);
    expect(scan(annexB(SPS, sei, slice(5)))).toMatchObject({
      found: { source: 'stamp', captureEpochUs: 7, frameNumber: 9 },
    });
    expect(scan(annexB(SPS, slice(5), sei)).found.source).toBeUndefined();
  });

  it('knows the unit types of H.265', () => {
    const key = bytes(20 << 1, 1, 0xaa);
    const other = bytes(1 << 1, 1, 0xaa);
    const vps = bytes(32 << 1, 1, 0xaa);
    expect(scan(bytes([0, 0, 1], vps, [0, 0, 1], key), 'hevc')).toMatchObject({
      parameters: true,
      randomAccess: true,
    });
    expect(scan(bytes([0, 0, 1], other), 'hevc')).toMatchObject({ decided: true, randomAccess: false });
  });
});
