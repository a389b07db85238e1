import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CaptureStamp, readCaptureStamp } from '../media/capture-stamp.js';
import { NAL_FILLER, NAL_IDR, NAL_SEI, nalType, splitAvcc } from '../media/h264.js';
import { MediaError } from '../media/media-error.js';
import { readClip } from './clip.js';
import { createEncoder } from './encoder.js';

const file = readFileSync(new URL('../../assets/clip-gop1.flv', import.meta.url));
const clip = readClip(file);
const at = { dtsMs: 1000, captureEpochMs: 1_800_000_000_123.25, frameNumber: 7, stamped: true };

function bitsPerS(encoder: ReturnType<typeof createEncoder>): number {
  let bytes = 0;
  for (let index = 0; index < clip.pictures.length; index++) {
    const unit = encoder.video(index, at);
    bytes += unit.flvHead.length + unit.flvRest.length;
  }
  for (let index = 0; index < clip.audioFrames.length; index++) {
    bytes += encoder.audio(index, 0, 0).flvRest.length;
  }
  return (bytes * 8) / 8;
}

describe('the clips', () => {
  it.each([
    ['clip-gop1.flv', 30],
    ['clip-gop2.flv', 60],
  ])('%s lasts exactly as long in pictures as in audio', (name, gop) => {
    const read = readClip(readFileSync(new URL(`../../assets/${name}`, import.meta.url)));
    expect(read.pictures.length / 30).toBe((read.audioFrames.length * 1024) / read.aac.sampleRateHz);
    expect(read.gopPictures).toBe(gop);
    expect(read.pictures.every(({ compositionMs }) => compositionMs === 0)).toBe(true);
  });

  it('are refused when they are cut short or are something else', () => {
    expect(() => readClip(file.subarray(0, 100))).toThrow(MediaError);
    expect(() => readClip(file.subarray(0, 150_000))).toThrow(MediaError);
    expect(() => readClip(Buffer.alloc(1000))).toThrow(MediaError);
  });
});

describe('the encoder', () => {
  it.each([600_000, 2_600_000, 8_000_000])('reaches %i bit/s within 1 %%', (wanted) => {
    const encoder = createEncoder(clip, wanted);
    expect(Math.abs(bitsPerS(encoder) / wanted - 1)).toBeLessThan(0.01);
    expect(encoder.bitsPerS).toBe(bitsPerS(encoder));
  });

  it("sends the clip's own bitrate when less is asked for, without filler", () => {
    const encoder = createEncoder(clip, 0);
    const types = splitAvcc(encoder.video(1, at).flvRest).map((nal) => nalType(nal[0] as number));
    expect(types).not.toContain(NAL_FILLER);
    expect(encoder.bitsPerS).toBeGreaterThan(100_000);
  });

  it('puts the stamp first and the filler last into each access unit', () => {
    const unit = createEncoder(clip, 2_600_000).video(30, at);
    const nals = splitAvcc(Buffer.concat([unit.flvHead.subarray(5), unit.flvRest]));
    const types = nals.map((nal) => nalType(nal[0] as number));
    expect(types).toEqual([NAL_SEI, NAL_IDR, NAL_FILLER]);
    const stamp: CaptureStamp = { captureEpochUs: 0, frameNumber: 0 };
    expect(readCaptureStamp(nals[0] as Uint8Array, 3, stamp)).toBe(true);
    expect(stamp).toEqual({ captureEpochUs: 1_800_000_000_123_250, frameNumber: 7 });
  });

  it('makes keyframes larger than other pictures', () => {
    const encoder = createEncoder(clip, 2_600_000);
    const size = (index: number): number => encoder.video(index, at).flvRest.length;
    expect(size(0) / size(1)).toBeGreaterThan(6);
  });

  it('never writes into a unit that has been handed out', () => {
    const encoder = createEncoder(clip, 2_600_000);
    const first = encoder.video(0, at);
    const before = Buffer.from(first.flvHead);
    encoder.video(0, { ...at, frameNumber: 8, captureEpochMs: 1 });
    expect(Buffer.from(first.flvHead).equals(before)).toBe(true);
  });

  it('fills the place of the stamp when it is to send none, at the same size', () => {
    const encoder = createEncoder(clip, 2_600_000);
    const without = encoder.video(0, { ...at, stamped: false });
    const stamp: CaptureStamp = { captureEpochUs: 0, frameNumber: 0 };
    expect(readCaptureStamp(without.flvHead, 5 + 4 + 3, stamp)).toBe(false);
    expect(without.flvHead).toHaveLength(encoder.video(0, at).flvHead.length);
  });
});
