import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureBytes, captureText, parseProbe, pushInPieces } from '../../test/support/captures.js';
import {
  AUDIO_PID,
  adtsFrame,
  annexB,
  bytes,
  patPacket,
  pesPacket,
  pmtPacket,
  slice,
  tables,
  tsPacket,
  tsPackets,
  VIDEO_PID,
} from '../../test/support/media-bytes.js';
import { FlvReader } from './flv-reader.js';
import { type TsPes, TsReader } from './ts-reader.js';

interface Seen {
  readonly pes: TsPes[];
  readonly errors: string[];
}

/** Reads segments with one reader, each in pieces of these sizes. */
function read(
  segments: readonly Uint8Array[],
  sizes: readonly number[] = [188 * 7],
  discontinuity = false,
): Seen {
  const seen: Seen = { pes: [], errors: [] };
  const reader = new TsReader({
    onPes: (pes) => seen.pes.push({ ...pes }),
    onError: (code, atByte) => seen.errors.push(`${code}@${atByte}`),
  });
  for (const segment of segments) {
    reader.resetForSegment(discontinuity);
    pushInPieces(segment, sizes, (piece) => reader.push(piece));
    reader.flush();
  }
  return seen;
}

const codes = (seen: Seen): string[] => seen.errors.map((error) => error.split('@')[0] as string);

/** `ticks` is both PTS and DTS. */
const picture = (ticks: number, counter: number, key = false, size = 60): Uint8Array[] =>
  tsPackets(VIDEO_PID, counter, pesPacket('video', ticks, ticks, annexB(slice(key ? 5 : 1, size))));
const sound = (ticks: number, counter: number, frames = 1): Uint8Array[] =>
  tsPackets(
    AUDIO_PID,
    counter,
    pesPacket('audio', ticks, ticks, bytes(...Array.from({ length: frames }, () => adtsFrame(30)))),
  );

const pieces = fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 6 });
const smallPieces = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });

const PROBED = ['plain/plain-5.ts', 'plain/plain-6.ts', 'bframes/bframes-15.ts', 'bframes/bframes-16.ts'];
const SEGMENTS = [
  ...PROBED,
  'plain/plain-7.ts',
  'republish/drop-8.ts',
  'republish/drop-9.ts',
  'republish/drop-0.ts',
];

describe('TsReader on recorded segments', () => {
  it.each(PROBED)('agrees with ffprobe on every packet of %s', (name) => {
    const { pes, errors } = read([captureBytes(name)]);
    const probed = parseProbe(captureText(`${name}.packets.csv`));
    const pictures = pes.filter((unit) => unit.track === 'video');
    expect(
      pictures.map((unit) => [
        unit.ptsTicks90k,
        unit.dtsTicks90k,
        unit.sizeBytes,
        unit.keyframe,
        unit.firstByte,
      ]),
    ).toEqual(
      probed
        .filter(({ track }) => track === 'video')
        .map((row) => [row.pts, row.dts, row.sizeBytes, row.key, row.pos]),
    );
    // ffprobe splits audio into ADTS frames; here one PES packet holds one.
    const sounds = pes.filter((unit) => unit.track === 'audio');
    expect(
      sounds.map((unit) => [unit.ptsTicks90k, unit.dtsTicks90k, unit.sizeBytes, unit.firstByte]),
    ).toEqual(
      probed
        .filter(({ track }) => track === 'audio')
        .map((row) => [row.pts, row.dts, row.sizeBytes, row.pos]),
    );
    expect(sounds.every((unit) => unit.audioFrames === 1 && unit.audioSampleRate === 44_100)).toBe(true);
    expect(pictures.length).toBeGreaterThanOrEqual(29);
    expect(errors).toEqual([]);
  });

  it.each(SEGMENTS)('reads the same from %s however its bytes are cut', (name) => {
    const whole = captureBytes(name);
    const wanted = read([whole]);
    expect(wanted.errors).toEqual([]);
    fc.assert(
      fc.property(fc.oneof(pieces, smallPieces), (sizes) => {
        expect(read([whole], sizes)).toEqual(wanted);
      }),
      { numRuns: 25 },
    );
    expect(read([whole], [1])).toEqual(wanted);
  });

  it.each(SEGMENTS)('finds a keyframe first and a stamp on every picture of %s', (name) => {
    const pictures = read([captureBytes(name)]).pes.filter((unit) => unit.track === 'video');
    expect(pictures[0]?.keyframe).toBe(true);
    expect(pictures.filter((unit) => unit.keyframe)).toHaveLength(1);
    expect(pictures.every((unit) => unit.stamped)).toBe(true);
  });

  it.each([
    ['plain/viewer.flv', ['plain/plain-6.ts', 'plain/plain-7.ts']],
    ['bframes/viewer.flv', ['bframes/bframes-15.ts', 'bframes/bframes-16.ts']],
  ])('agrees with the FLV reader of %s on when each picture was captured', (flv, segments) => {
    const capturedAt = new Map<number, number>();
    const reader = new FlvReader({
      onHeader: () => {},
      onTag: (tag) => tag.stamped && capturedAt.set(tag.frameNumber, tag.captureEpochUs),
      onError: () => {},
    });
    reader.push(captureBytes(flv));
    const shared = read(segments.map(captureBytes)).pes.filter((unit) => capturedAt.has(unit.frameNumber));
    expect(shared.length).toBeGreaterThan(25);
    for (const unit of shared) expect(unit.captureEpochUs).toBe(capturedAt.get(unit.frameNumber));
  });
});

describe('TsReader and time', () => {
  const segment = (ticks: number): Uint8Array =>
    bytes(...tables(), ...picture(ticks, 0, true), ...sound(ticks + 500, 0));

  it('goes on over the 33-bit wrap, within a segment and between two', () => {
    const last = 2 ** 33;
    const within = bytes(
      ...tables(),
      ...picture(last - 3000, 0, true),
      ...picture(0, 1),
      ...sound(last - 100, 0),
    );
    const seen = read([within, segment(3000)]);
    expect(seen.pes.map((unit) => unit.ptsTicks90k - last)).toEqual([-3000, 0, -100, 3000, 3500]);
  });

  it('begins a new line after a discontinuity', () => {
    const seen = read([segment(2 ** 33 - 10_000), segment(3000)], [188], true);
    expect(seen.pes.map((unit) => unit.ptsTicks90k)).toEqual([2 ** 33 - 10_000, 2 ** 33 - 9500, 3000, 3500]);
  });

  it('unwraps a PTS that has wrapped behind its DTS', () => {
    const unit = pesPacket('video', 10, 2 ** 33 - 20, annexB(slice(5)));
    const seen = read([bytes(...tables(), ...tsPackets(VIDEO_PID, 0, unit))]);
    expect(seen.pes[0]).toMatchObject({ dtsTicks90k: 2 ** 33 - 20, ptsTicks90k: 2 ** 33 + 10 });
  });
});

describe('TsReader and what is in the packets', () => {
  it('counts the ADTS frames of a PES packet', () => {
    const seen = read([bytes(...tables(), ...sound(0, 0, 31))]);
    expect(seen.pes[0]).toMatchObject({
      track: 'audio',
      audioFrames: 31,
      sizeBytes: 31 * 37,
      keyframe: false,
    });
    expect(seen.errors).toEqual([]);
  });

  it('reads a PES header that is spread over packets', () => {
    const unit = pesPacket('video', 9000, 6000, annexB(slice(5, 300)));
    for (const cut of [1, 5, 9, 14, 18, 19, 30]) {
      const seen = read([
        bytes(
          ...tables(),
          tsPacket({ pid: VIDEO_PID, counter: 0, start: true }, unit.subarray(0, cut)),
          tsPacket({ pid: VIDEO_PID, counter: 1 }, unit.subarray(cut, cut + 184)),
          tsPacket({ pid: VIDEO_PID, counter: 2 }, unit.subarray(cut + 184)),
        ),
      ]);
      expect(seen.pes[0], `cut at ${cut}`).toMatchObject({
        ptsTicks90k: 9000,
        dtsTicks90k: 6000,
        keyframe: true,
      });
      expect(seen.pes[0]?.sizeBytes).toBe(unit.length - 19);
      expect(seen.errors).toEqual([]);
    }
  });

  it('reads a long stuffed PES header and the payload behind it in the same packet', () => {
    const plain = pesPacket('video', 9000, 6000, annexB(slice(5, 150)));
    const unit = bytes(
      plain.subarray(0, 8),
      210,
      plain.subarray(9, 19),
      Array(200).fill(0xff),
      plain.subarray(19),
    );
    const seen = read([
      bytes(
        ...tables(),
        tsPacket({ pid: VIDEO_PID, counter: 0, start: true }, unit.subarray(0, 150)),
        tsPacket({ pid: VIDEO_PID, counter: 1 }, unit.subarray(150, 334)),
        tsPacket({ pid: VIDEO_PID, counter: 2 }, unit.subarray(334)),
      ),
    ]);
    expect(seen.pes[0]).toMatchObject({ ptsTicks90k: 9000, keyframe: true, sizeBytes: plain.length - 19 });
  });

  it('hands out what is pending at the end in the order in which it began', () => {
    const videoLast = bytes(...tables(), ...sound(0, 0), ...picture(0, 0, true));
    const soundLast = bytes(...tables(), ...picture(0, 0, true), ...sound(0, 0));
    expect(read([videoLast]).pes.map((unit) => unit.track)).toEqual(['audio', 'video']);
    expect(read([soundLast]).pes.map((unit) => unit.track)).toEqual(['video', 'audio']);
  });

  it('counts audio frames on after a loss', () => {
    const cut = sound(0, 0, 12).slice(0, -1);
    const seen = read([bytes(...tables(), ...cut, ...sound(9000, cut.length + 1, 3))]);
    expect(seen.pes.map((unit) => unit.audioFrames)).toEqual([Math.ceil((cut.length * 184 - 14) / 37), 3]);
    expect(codes(seen)).toEqual(['ts_continuity', 'ts_pes']);
  });

  it('finds a slice that begins some packets later', () => {
    const text = bytes(6, [5, 255, 255, 146], new Uint8Array(656).fill(0x61), 0x80);
    const unit = pesPacket('video', 0, 0, annexB(text, slice(5, 400)));
    const seen = read([bytes(...tables(), ...tsPackets(VIDEO_PID, 0, unit))]);
    expect(seen.pes[0]?.keyframe).toBe(true);
  });

  it('takes an access unit without a slice for no picture', () => {
    const delimiter = pesPacket('video', 3000, 3000, annexB());
    const seen = read([bytes(...tables(), ...picture(0, 0, true), ...tsPackets(VIDEO_PID, 1, delimiter))]);
    expect(seen.pes.map((unit) => unit.ptsTicks90k)).toEqual([0]);
    expect(seen.errors).toEqual([]);
  });

  it('reads H.265', () => {
    const unit = pesPacket('video', 0, 0, bytes([0, 0, 1], [19 << 1, 1, 0xaa, 0xbb]));
    const seen = read([bytes(patPacket(), pmtPacket([[0x24, VIDEO_PID]]), ...tsPackets(VIDEO_PID, 0, unit))]);
    expect(seen.pes[0]?.keyframe).toBe(true);
    expect(seen.errors).toEqual([]);
  });

  it('keeps the last map for a segment that has none, but says so', () => {
    const bare = bytes(...picture(3000, 5, true));
    const seen = read([bytes(...tables(), ...picture(0, 0, true)), bare]);
    expect(seen.pes).toHaveLength(2);
    expect(codes(seen)).toEqual(['ts_no_pat']);
  });
});

describe('TsReader and continuity', () => {
  const video = (counters: readonly number[], discontinuityAt = -1): Uint8Array =>
    bytes(
      ...tables(),
      ...counters.map((counter, i) =>
        tsPacket(
          { pid: VIDEO_PID, counter, start: i === 0, discontinuity: i === discontinuityAt },
          i === 0 ? pesPacket('video', 0, 0, annexB(slice(5, 100))) : new Uint8Array(100).fill(0xab),
        ),
      ),
    );
  const sizeOf = (seen: Seen): number | undefined => seen.pes[0]?.sizeBytes;

  it('counts on modulo 16', () => {
    const seen = read([video([14, 15, 0, 1])]);
    expect([codes(seen), sizeOf(seen)]).toEqual([[], 109 + 300]);
  });

  it('drops one repetition of a packet without a word', () => {
    const seen = read([video([3, 4, 4, 5])]);
    expect([codes(seen), sizeOf(seen)]).toEqual([[], 109 + 200]);
  });

  it('reports a second repetition, and a loss', () => {
    expect(codes(read([video([3, 4, 4, 4, 5])]))).toEqual(['ts_continuity']);
    expect(codes(read([video([3, 4, 6, 7])]))).toEqual(['ts_continuity']);
  });

  it('does not take a payload for an announcement', () => {
    const stuffed = (counter: number): Uint8Array =>
      tsPacket({ pid: VIDEO_PID, counter }, new Uint8Array(183).fill(0xab));
    expect(codes(read([bytes(video([0]), stuffed(1), stuffed(9))]))).toEqual(['ts_continuity']);
  });

  it('excuses a break that is announced', () => {
    expect(codes(read([video([3, 4, 9, 10], 2)]))).toEqual([]);
  });

  it('begins anew with each segment, since a player may leave segments out', () => {
    expect(codes(read([video([3, 4]), video([9, 10])]))).toEqual([]);
  });
});

describe('TsReader and wrong bytes', () => {
  const good = bytes(...tables(), ...picture(0, 0, true), ...sound(0, 0), ...picture(3000, 1));

  it.each<readonly [string, Uint8Array, readonly string[]]>([
    ['an HTML page', bytes(Array(500).fill(0x3c)), ['ts_sync', 'ts_length', 'ts_no_pat']],
    ['an empty body', bytes(), ['ts_no_pat']],
    ['a body cut within a packet', good.subarray(0, good.length - 20), ['ts_length']],
    ['no program map', bytes(patPacket(), ...picture(0, 0, true)), ['ts_no_pmt']],
    ['a first picture that is no keyframe', bytes(...tables(), ...picture(0, 0)), ['ts_no_keyframe']],
    ['streams that no browser plays', bytes(patPacket(), pmtPacket([[0x02, VIDEO_PID]])), ['unknown_codec']],
    ['SAMPLE-AES', bytes(patPacket(), pmtPacket([[0xdb, VIDEO_PID]])), ['encrypted']],
    [
      'scrambled packets',
      bytes(...tables(), tsPacket({ pid: VIDEO_PID, counter: 0, scrambling: 2 }, new Uint8Array(184))),
      ['encrypted'],
    ],
    [
      'a PES packet without start code',
      bytes(...tables(), ...tsPackets(VIDEO_PID, 0, new Uint8Array(40).fill(1))),
      ['ts_pes'],
    ],
    ['a PES packet shorter than announced', bytes(...tables(), ...sound(0, 0, 12).slice(0, -1)), ['ts_pes']],
    [
      'audio that is no ADTS',
      bytes(...tables(), ...tsPackets(AUDIO_PID, 0, pesPacket('audio', 0, 0, new Uint8Array(60)))),
      ['ts_pes'],
    ],
  ])('names %s', (_, segment, wanted) => {
    expect(codes(read([segment]))).toEqual(wanted);
  });

  it('reads past a packet without sync byte', () => {
    const broken = good.slice();
    broken[188 * 3] = 0;
    const seen = read([broken]);
    expect(codes(seen)).toEqual(['ts_sync']);
    expect(seen.pes.map((unit) => unit.track)).toEqual(['video', 'video']);
  });

  it('reports each code once per segment, and again in the next', () => {
    const wrong = bytes(
      ...tables(),
      ...picture(0, 0, true),
      ...picture(1, 5),
      ...picture(2, 9),
      ...picture(3, 1),
    );
    expect(codes(read([wrong, wrong]))).toEqual(['ts_continuity', 'ts_continuity']);
  });

  it('survives any damage to a real segment, with a bounded number of reports', () => {
    const whole = captureBytes('bframes/bframes-15.ts');
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(damage, fc.nat(whole.length), fc.oneof(pieces, smallPieces), (hits, cut, sizes) => {
        const broken = whole.slice(0, cut);
        for (const [at, value] of hits) if (at < cut) broken[at] = value;
        const seen = read([broken], sizes);
        expect(new Set(codes(seen)).size).toBe(seen.errors.length);
        expect(seen.pes.length).toBeLessThanOrEqual(cut / 188);
        expect(seen).toEqual(read([broken]));
      }),
      { numRuns: 60 },
    );
  });

  it('survives garbage in packets of every kind', () => {
    const header = fc.tuple(fc.constantFrom(0, 0x1001, VIDEO_PID, AUDIO_PID), fc.boolean(), fc.nat(255));
    const packet = fc.tuple(header, fc.uint8Array({ minLength: 184, maxLength: 184 }));
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 30 }), (packets) => {
        const garbage = packets.map(([[pid, start, control], payload]) =>
          bytes(0x47, (start ? 0x40 : 0) | (pid >> 8), pid & 0xff, control, payload),
        );
        const seen = read([bytes(...tables(), ...garbage)]);
        expect(seen.pes.length).toBeLessThanOrEqual(packets.length);
        expect(new Set(codes(seen)).size).toBe(seen.errors.length);
      }),
    );
  });
});
