import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotatedBytes, escaped } from '../../test/support/annotated-bytes.js';
import { ascii, bytes } from '../../test/support/media-bytes.js';
import { BitReader } from './bit-reader.js';
import { readMisbTimeUs } from './misb-time.js';
import { readObsTimingMs } from './obs-metrics.js';
import { blankPictureClock, type PictureClock, readPictureTiming } from './picture-timing.js';
import { copyRbsp } from './rbsp.js';
import { readRfc3339Ms } from './rfc3339.js';
import { blankSpsTiming, readSpsTiming, type SpsTiming } from './sps-timing.js';

function bitsOf(text: string): BitReader {
  const digits = text.replaceAll(' ', '');
  const padded = digits.padEnd(Math.ceil(digits.length / 8) * 8, '0');
  const reader = new BitReader();
  const packed = Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  reader.open(packed, 0, packed.length);
  return reader;
}
const fixed = (value: number, width: number): string => value.toString(2).padStart(width, '0');
const golomb = (value: number): string => {
  const code = (value + 1).toString(2);
  return code.padStart(2 * code.length - 1, '0');
};

describe('bits', () => {
  it('reads fixed and Exp-Golomb fields of any width', () => {
    const field = fc.oneof(
      fc
        .integer({ min: 1, max: 32 })
        .chain((width) =>
          fc
            .integer({ min: 0, max: 2 ** Math.min(width, 31) - 1 })
            .map((value) => ({ text: fixed(value, width), value, read: (b: BitReader) => b.bits(width) })),
        ),
      fc.nat(2 ** 31 - 2).map((value) => ({
        text: golomb(value),
        value,
        read: (b: BitReader) => b.unsignedGolomb(),
      })),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => ({
        text: golomb(value > 0 ? 2 * value - 1 : -2 * value),
        value,
        read: (b: BitReader) => b.signedGolomb(),
      })),
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 20 }), (fields) => {
        const reader = bitsOf(fields.map(({ text }) => text).join(''));
        expect(fields.map(({ read }) => read(reader) + 0)).toEqual(fields.map(({ value }) => value + 0));
        expect(reader.overrun).toBe(false);
      }),
    );
  });

  it('reads 0 behind the end and says so', () => {
    const reader = bitsOf('11111111');
    expect([reader.bits(9), reader.overrun]).toEqual([0, true]);
    const endless = bitsOf('0'.repeat(80));
    expect([endless.unsignedGolomb(), endless.overrun]).toEqual([0, true]);
  });

  it("reads two's complement", () => {
    expect(bitsOf('11111111').signedBits(5)).toBe(-1);
    expect(bitsOf('01111111').signedBits(5)).toBe(15);
    expect(bitsOf('').signedBits(0)).toBe(0);
  });
});

describe('emulation prevention', () => {
  it('is taken out of what put it in, and no byte more', () => {
    const zeroish = fc.array(fc.oneof(fc.constantFrom(0, 0, 1, 2, 3), fc.nat(255)), { maxLength: 60 });
    fc.assert(
      fc.property(zeroish, (raw) => {
        const coded = escaped(Uint8Array.from(raw));
        const into = new Uint8Array(64);
        expect([...into.subarray(0, copyRbsp(coded, 0, coded.length, into))]).toEqual(raw);
      }),
    );
  });

  it('stops where there is no more room, and where the bytes end', () => {
    expect(copyRbsp(new Uint8Array(90).fill(9), 0, 90, new Uint8Array(16))).toBe(16);
    expect(copyRbsp(new Uint8Array(4), 0, 900, new Uint8Array(16))).toBe(4);
  });
});

describe('RFC 3339', () => {
  const read = (text: string): number => {
    const all = bytes(0x2d, ascii(text), 0x30);
    return readRfc3339Ms(all, 1, all.length - 1);
  };

  it('reads what the runtime writes, for any instant', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        expect(read(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it('knows zones, fractions of any length and small letters', () => {
    const utc = Date.UTC(2026, 10, 22, 5, 38, 39, 105);
    expect(read('2026-11-22T14:38:39.105+09:00')).toBe(utc);
    expect(read('2026-11-22t02:08:39.105-03:30')).toBe(utc);
    expect(read('2026-11-22T05:38:39.105024z')).toBeCloseTo(utc + 0.024, 3);
    expect(read('2026-11-22T05:38:39Z')).toBe(utc - 105);
  });

  it.each([
    '',
    '2026-11-22T05:38:39',
    '2026-11-22 05:38:39Z',
    '2026-13-22T05:38:39Z',
    '2026-11-22T25:38:39Z',
    '2026-11-22T05:38:39.Zx',
    '2026-11-22T05:38:39+0900',
    '20a6-11-22T05:38:39Z',
  ])('refuses %j', (text) => {
    expect(read(text)).toBeNaN();
  });
});

describe("OBS's timing message", () => {
  const UUID = annotatedBytes('obs-text.txt').subarray(3, 19);
  const text = (kind: number, event: number, at: string) => bytes(kind, event, ascii(at), 0);
  const read = (...parts: readonly Uint8Array[]): number => {
    const all = bytes(UUID, parts.length - 1, ...parts);
    return readObsTimingMs(all, 0, all.length);
  };

  it('prefers when the picture was composed, then when it was handed to the encoder', () => {
    const composed = text(1, 1, '1970-01-01T00:00:01.000Z');
    const requested = text(1, 2, '1970-01-01T00:00:02.000Z');
    expect(read(composed, requested)).toBe(1000);
    expect(read(requested, composed)).toBe(1000);
    expect(read(requested)).toBe(2000);
  });

  it('takes no time from behind the encoder: it would hide what the encoder adds', () => {
    expect(read(text(1, 3, '1970-01-01T00:00:03.000Z'), text(1, 4, '1970-01-01T00:00:04.000Z'))).toBeNaN();
  });

  it('stops at a kind that nobody knows, and at text without an end', () => {
    expect(read(bytes(9, 1, 0, 0, 0, 0, 0, 0, 0, 1))).toBeNaN();
    expect(read(bytes(1, 1, new Uint8Array(200).fill(0x32)))).toBeNaN();
    expect(read(bytes(2, 1, new Uint8Array(8).fill(0xff)))).toBeNaN();
  });
});

describe('MISB time', () => {
  const payload = annotatedBytes('misb-avc.txt').subarray(3, 31);
  const with_ = (at: number, byte: number): Uint8Array => payload.with(at, byte);

  it('is not taken from a clock that says that it is not locked', () => {
    expect(readMisbTimeUs(payload, 0, 28)).toBe(1_795_325_919_105_024);
    expect(readMisbTimeUs(with_(16, 0x9f), 0, 28)).toBeNaN();
  });

  it('needs its guards and its length', () => {
    for (const at of [19, 22, 25]) expect(readMisbTimeUs(with_(at, 0xfe), 0, 28)).toBeNaN();
    expect(readMisbTimeUs(payload, 0, 27)).toBeNaN();
    expect(readMisbTimeUs(with_(17, 0xff), 0, 28)).toBeNaN();
  });
});

describe('picture timing', () => {
  const SPS: SpsTiming = {
    ...blankSpsTiming(),
    pictureStructure: true,
    unitsInTick: 1,
    timeScale: 50,
    timeOffsetBits: 0,
  };
  /** pic_struct 0, a clock: nuit_field_based, full or parts. */
  const clockBits = (frames: number, rest: string): string =>
    `0000 1 01 1 00000 ${rest.split('|')[0]} 0 0 ${fixed(frames, 8)} ${rest.split('|')[1]}`;
  const full = (h: number, m: number, s: number): string => `1|${fixed(s, 6)}${fixed(m, 6)}${fixed(h, 5)}`;
  const read = (text: string, clock: PictureClock = blankPictureClock(), sps = SPS): number | undefined =>
    readPictureTiming(bitsOf(text), sps, clock) ? clock.dayMs : undefined;

  it('counts frames in ticks: of two fields, or of one', () => {
    expect(read(clockBits(10, full(0, 0, 1)))).toBe(1400);
    expect(read(clockBits(10, full(0, 0, 1)).replace('01 1', '01 0'))).toBe(1200);
  });

  it('infers what is left out from the clock before, and nothing from none', () => {
    const clock = blankPictureClock();
    const onlyFrames = clockBits(5, '0|0');
    expect(read(onlyFrames, clock)).toBeUndefined();
    read(clockBits(0, full(1, 2, 3)), clock);
    expect(read(onlyFrames, clock)).toBe(3_723_200);
    expect(read(clockBits(0, `0|1${fixed(4, 6)}0`), clock)).toBe(3_724_000);
    expect(read(clockBits(0, `0|1${fixed(5, 6)}1${fixed(6, 6)}0`), clock)).toBe(3_965_000);
    expect(read(clockBits(0, `0|1${fixed(5, 6)}1${fixed(6, 6)}1${fixed(2, 5)}`), clock)).toBe(7_565_000);
  });

  it('adds the offset of the stream', () => {
    const sps = { ...SPS, timeOffsetBits: 8 };
    expect(read(clockBits(0, `${full(0, 0, 1)}${fixed(256 - 5, 8)}`), blankPictureClock(), sps)).toBe(900);
  });

  it('tells nothing without a clock, a structure or a tick', () => {
    expect(read('0000 0')).toBeUndefined();
    expect(read('1111 1')).toBeUndefined();
    for (const none of [{ pictureStructure: false }, { timeScale: 0 }, { unitsInTick: 0 }]) {
      expect(read(clockBits(0, full(0, 0, 1)), blankPictureClock(), { ...SPS, ...none })).toBeUndefined();
    }
  });

  it.each([
    ['a 61st second', 0, full(0, 0, 60)],
    ['a 61st minute', 0, full(0, 61, 0)],
    ['a 25th hour', 0, full(24, 0, 0)],
    ['more frames than a second has', 25, full(0, 0, 0)],
  ])('takes %s for garbage and keeps the clock before', (_, frames, rest) => {
    const clock = blankPictureClock();
    read(clockBits(0, full(1, 0, 0)), clock);
    expect(read(clockBits(frames, rest), clock)).toBeUndefined();
    expect(read(clockBits(0, '0|0'), clock)).toBe(3_600_000);
  });
});

describe('a sequence parameter set', () => {
  const read = (nal: Uint8Array): SpsTiming | undefined => {
    const plain = new Uint8Array(300);
    const reader = new BitReader();
    reader.open(plain, 0, copyRbsp(nal, 1, nal.length, plain));
    const out = blankSpsTiming();
    return readSpsTiming(reader, out) ? out : undefined;
  };
  const SPS = annotatedBytes('sps-buffered.txt');

  it('tells tick, delays and picture structures', () => {
    expect(read(SPS)).toEqual({
      pictureStructure: true,
      removalDelayBits: 8,
      outputDelayBits: 5,
      timeOffsetBits: 0,
      unitsInTick: 1,
      timeScale: 60,
    });
  });

  it('is refused where it is cut before its last field', () => {
    const needed = 29; // bit 233 is the last that is read
    for (let end = 1; end < needed; end++) expect(read(SPS.subarray(0, end)), `${end}`).toBeUndefined();
  });

  it('is read in bounded time, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (garbage) => {
        read(bytes(0x67, garbage));
      }),
      { numRuns: 1000 },
    );
    for (const byte of [0, 0xff, 0x55, 0x80]) read(new Uint8Array(256).fill(byte));
  });
});
