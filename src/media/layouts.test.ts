import { describe, expect, it } from 'vitest';
import { parseAacConfig, writeAdtsHeader } from './aac.js';
import { CAPTURE_STAMP_BYTES, readCaptureStamp, writeCaptureStamp } from './capture-stamp.js';
import { onMetaDataBody, writeFlvTagHeader, writeFlvTrailer } from './flv-layout.js';
import { fillerNal, NAL_FILLER, nalType, parseAvcConfig, splitAvcc } from './h264.js';
import { MediaError } from './media-error.js';
import { patPacket, pmtPacket, writePcr, writePesTime } from './ts-layout.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('MPEG-TS layouts', () => {
  it('writes the program tables byte for byte as SRS 6.0.157 does', () => {
    expect(hex(patPacket(0x1001).subarray(0, 21))).toBe('474000100000b00d0001c100000001f0012e701905');
    expect(hex(pmtPacket(0x1001, 0x100, 0x101).subarray(0, 31))).toBe(
      '475001100002b0170001c10000e100f0000fe101f0001be100f000f2d91563',
    );
  });

  it('writes a presentation time and a clock reference as SRS 6.0.157 did for tick 452070', () => {
    const bytes = new Uint8Array(11);
    writePesTime(bytes, 0, 2, 452_070);
    writePcr(bytes, 5, 452_070);
    expect(hex(bytes)).toBe('21001bcbcd000372f37e00');
  });

  it('keeps all 33 bits of a time', () => {
    const bytes = new Uint8Array(5);
    writePesTime(bytes, 0, 2, 2 ** 33 - 1);
    expect(hex(bytes)).toBe('2fffffffff');
  });
});

describe('AAC layouts', () => {
  it('writes the ADTS header that SRS wrote for a frame of 153 bytes at 44.1 kHz mono', () => {
    const config = parseAacConfig(Uint8Array.of(0x12, 0x08));
    const bytes = new Uint8Array(7);
    writeAdtsHeader(bytes, 0, config, 153);
    expect(config.sampleRateHz).toBe(44_100);
    expect(hex(bytes)).toBe('fff95040141ffc');
  });

  it('refuses a configuration that is cut short', () => {
    expect(() => parseAacConfig(Uint8Array.of(0x12))).toThrow(MediaError);
  });
});

describe('FLV layouts', () => {
  it('splits the time of a tag into 24 low and 8 high bits and masks it to 31', () => {
    const bytes = new Uint8Array(15);
    writeFlvTagHeader(bytes, 0, 9, 0x012345, 0x89abcdef);
    writeFlvTrailer(bytes, 11, 0x012345);
    expect(hex(bytes)).toBe('09012345abcdef0900000000012350');
  });

  it('writes an onMetaData object whose end mark closes it', () => {
    const body = onMetaDataBody({ width: 480, stereo: true, server: 'SRS' });
    expect(hex(body)).toBe(
      `02000a${Buffer.from('onMetaData').toString('hex')}03` +
        `0005${Buffer.from('width').toString('hex')}00407e000000000000` +
        `0006${Buffer.from('stereo').toString('hex')}0101` +
        `0006${Buffer.from('server').toString('hex')}020003${Buffer.from('SRS').toString('hex')}000009`,
    );
  });
});

describe('H.264 layouts', () => {
  it('makes a filler unit of exactly the wanted size', () => {
    const nal = fillerNal(9);
    expect(nalType(nal[0] as number)).toBe(NAL_FILLER);
    expect(hex(nal)).toBe('0cffffffffffffff80');
  });

  it('splits length-prefixed units and refuses a length that runs over the end', () => {
    expect(splitAvcc(Uint8Array.of(0, 0, 0, 2, 1, 2, 0, 0, 0, 1, 3)).map(hex)).toEqual(['0102', '03']);
    expect(() => splitAvcc(Uint8Array.of(0, 0, 0, 9, 1))).toThrow(MediaError);
    expect(() => splitAvcc(Uint8Array.of(0, 0, 0, 0))).toThrow(MediaError);
  });

  it('finds both parameter sets in a decoder configuration and refuses a truncated one', () => {
    const record = Uint8Array.of(1, 100, 0, 31, 0xff, 0xe1, 0, 2, 0x67, 9, 1, 0, 1, 0x68);
    expect(parseAvcConfig(record)).toMatchObject({ profileIdc: 100, levelIdc: 31 });
    expect(hex(parseAvcConfig(record).pps)).toBe('68');
    expect(() => parseAvcConfig(record.subarray(0, 12))).toThrow(MediaError);
  });
});

describe('capture stamp', () => {
  it('reads back what it wrote and refuses every changed byte of the frame around the digits', () => {
    const bytes = new Uint8Array(CAPTURE_STAMP_BYTES);
    writeCaptureStamp(bytes, 0, { captureEpochUs: 1_795_330_014_765_634, frameNumber: 176 });
    const out = { captureEpochUs: 0, frameNumber: 0 };
    expect(readCaptureStamp(bytes, 0, out)).toBe(true);
    expect(out).toEqual({ captureEpochUs: 1_795_330_014_765_634, frameNumber: 176 });
    for (const at of [0, 15, 16, 21, 22, 38, 46]) {
      const broken = Uint8Array.from(bytes);
      broken[at] = 0x7a;
      expect(readCaptureStamp(broken, 0, out)).toBe(false);
    }
  });
});
