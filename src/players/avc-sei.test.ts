import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { be, bytes } from '../../test/support/media-bytes.js';
import { CAPTURE_STAMP_BYTES, type CaptureStamp, writeCaptureStamp } from '../media/capture-stamp.js';
import { findStampInSei } from './avc-sei.js';

const STAMP: CaptureStamp = { captureEpochUs: 1_795_330_014_765_396, frameNumber: 176 };

function stampPayload(): Uint8Array {
  const payload = new Uint8Array(CAPTURE_STAMP_BYTES);
  writeCaptureStamp(payload, 0, STAMP);
  return payload;
}

/** A message: type and size with their 0xFF bytes, then the payload. */
function message(type: number, payload: Uint8Array): Uint8Array {
  const coded = (value: number): number[] => [...Array(Math.floor(value / 255)).fill(255), value % 255];
  return bytes(coded(type), coded(payload.length), payload);
}

/** Emulation prevention, ISO 14496-10 7.4.1. */
function escaped(rbsp: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of rbsp) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
}

function find(sei: Uint8Array): CaptureStamp | undefined {
  const out: CaptureStamp = { captureEpochUs: 0, frameNumber: 0 };
  return findStampInSei(sei, 0, sei.length, out) ? out : undefined;
}

describe('findStampInSei', () => {
  it('reads a stamp that stands alone', () => {
    expect(find(bytes(message(5, stampPayload()), 0x80))).toEqual(STAMP);
  });

  it('reads a stamp behind any other messages, escaped as the format asks', () => {
    const other = fc.record({
      type: fc.integer({ min: 0, max: 700 }),
      payload: fc.array(fc.oneof(fc.constantFrom(0, 1, 3), fc.nat(255)), { maxLength: 600 }),
    });
    fc.assert(
      fc.property(fc.array(other, { maxLength: 3 }), (others) => {
        const before = others.map(({ type, payload }) => message(type, Uint8Array.from(payload)));
        expect(find(escaped(bytes(...before, message(5, stampPayload()), 0x80)))).toEqual(STAMP);
      }),
    );
  });

  it('finds none in user data of another kind', () => {
    const foreign = stampPayload();
    foreign[0] = 0;
    expect(find(bytes(message(5, foreign), 0x80))).toBeUndefined();
    expect(find(bytes(message(4, stampPayload()), 0x80))).toBeUndefined();
  });

  it('finds none where a size is larger than the unit', () => {
    const cut = bytes(message(5, stampPayload())).subarray(0, 40);
    expect(find(cut)).toBeUndefined();
    expect(find(bytes(1, 255, 255, 255, 255, 10, 1, 2))).toBeUndefined();
  });

  it('never throws and never reads a stamp into garbage', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => find(garbage) === undefined));
    fc.assert(
      fc.property(
        fc.nat(3000),
        (count) => find(bytes(be(0, count % 7), Array(count).fill(255))) === undefined,
      ),
    );
  });
});
