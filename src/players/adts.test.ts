import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adtsFrame, bytes } from '../../test/support/media-bytes.js';
import { AdtsCounter, aacFrameMs } from './adts.js';

describe('aacFrameMs', () => {
  const of = (...config: number[]): number => aacFrameMs(bytes(config), 0, config.length);

  it('is 1024 samples of the stream rate', () => {
    expect(of(0x12, 0x10)).toBeCloseTo(1_024_000 / 44_100, 9);
    expect(of(0x11, 0x90)).toBeCloseTo(1_024_000 / 48_000, 9);
  });

  it('reads an explicit rate, and frames of 960 samples', () => {
    // object type 2, index 15, 24 bits of 48000, two channels
    expect(of(0x17, 0x80, 0x5d, 0xc0, 0x10)).toBeCloseTo(1_024_000 / 48_000, 9);
    expect(of(0x11, 0x94)).toBe(20);
  });

  it('takes the core rate of HE-AAC', () => {
    expect(of(0x2b, 0x11, 0x88)).toBeCloseTo(1_024_000 / 24_000, 9);
  });

  it('is 0 when the configuration is cut short or its rate reserved', () => {
    expect(of(0x12)).toBe(0);
    expect(of(0x17, 0x80)).toBe(0);
    expect(of(0x16, 0x90)).toBe(0);
  });
});

describe('AdtsCounter', () => {
  it('counts frames where they begin, in any cut', () => {
    const stream = bytes(adtsFrame(100), adtsFrame(1), adtsFrame(2000), adtsFrame(133));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const counter = new AdtsCounter();
        let at = 0;
        for (const cut of [...cuts, stream.length].sort((a, b) => a - b)) {
          counter.feed(bytes(9, stream.subarray(at, cut)), 1, 1 + cut - at);
          at = cut;
        }
        expect([counter.frames, counter.sampleRateHz, counter.broken]).toEqual([4, 44_100, false]);
      }),
    );
  });

  it('says so when no header stands where one must be', () => {
    const counter = new AdtsCounter();
    counter.feed(bytes(adtsFrame(20), new Uint8Array(20)), 0, 47);
    expect([counter.frames, counter.broken]).toEqual([1, true]);
  });

  it('counts the blocks of a frame that holds several', () => {
    const frame = adtsFrame(50);
    frame[6] = 0xfc | 2;
    const counter = new AdtsCounter();
    counter.feed(frame, 0, frame.length);
    expect(counter.frames).toBe(3);
  });

  it('ends on a frame length that is shorter than its header', () => {
    const frame = adtsFrame(0);
    frame[4] = 0;
    const counter = new AdtsCounter();
    counter.feed(bytes(frame, frame, frame), 0, 21);
    expect(counter.broken).toBe(true);
  });
});
