import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureBytes, captureText, parseProbe, pushInPieces } from '../../test/support/captures.js';
import {
  AAC_CONFIG,
  AVC_CONFIG,
  aacBody,
  ascii,
  avcBody,
  bytes,
  flvHeader,
  flvTag,
  slice,
} from '../../test/support/media-bytes.js';
import { FlvReader, type FlvTag } from './flv-reader.js';

interface Seen {
  readonly tags: FlvTag[];
  readonly errors: string[];
  readonly headers: string[];
}

function read(stream: Uint8Array, sizes: readonly number[] = [stream.length]): Seen {
  const seen: Seen = { tags: [], errors: [], headers: [] };
  const reader = new FlvReader({
    onHeader: (hasAudio, hasVideo) => seen.headers.push(`audio ${hasAudio} video ${hasVideo}`),
    onTag: (tag) => seen.tags.push({ ...tag }),
    onError: (code, atByte) => seen.errors.push(`${code}@${atByte}`),
  });
  pushInPieces(stream, sizes, (piece) => reader.push(piece));
  reader.end();
  return seen;
}

/** Frames as ffprobe counts them: without the codec's own tag header, config tags left out. */
function asProbed(tags: readonly FlvTag[]): unknown[] {
  return tags
    .filter((tag) => tag.frame)
    .map((tag) => ({
      track: tag.kind,
      pts: tag.ptsMs,
      dts: tag.dtsMs,
      sizeBytes: tag.sizeBytes - (tag.kind === 'video' ? 5 : 2),
      key: tag.kind === 'audio' || tag.keyframe,
    }));
}

const video = (timeMs: number, key = false): Uint8Array =>
  flvTag(9, timeMs, avcBody(key, 0, slice(key ? 5 : 1)));
const audio = (timeMs: number): Uint8Array => flvTag(8, timeMs, aacBody());
const stream = (...tags: readonly Uint8Array[]): Uint8Array =>
  bytes(flvHeader(), flvTag(9, 0, AVC_CONFIG), flvTag(8, 0, AAC_CONFIG), ...tags);
const frames = (seen: Seen): FlvTag[] => seen.tags.filter((tag) => tag.frame);

const pieces = fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 6 });
const smallPieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 });

describe('FlvReader on recorded streams', () => {
  it.each(['plain/viewer.flv', 'bframes/viewer.flv'])('agrees with ffprobe on every packet of %s', (name) => {
    const seen = read(captureBytes(name));
    const probed = parseProbe(captureText(`${name}.packets.csv`)).map(({ pos: _, ...packet }) => packet);
    expect(probed.length).toBeGreaterThan(500);
    expect(asProbed(seen.tags)).toEqual(probed);
    expect(seen.errors).toEqual([]);
    expect(seen.headers).toEqual(['audio true video true']);
  });

  it.each(['plain/viewer.flv', 'bframes/viewer.flv', 'republish/viewer.flv'])(
    'reads the same from %s however its bytes are cut',
    (name) => {
      const whole = captureBytes(name);
      const wanted = read(whole);
      fc.assert(
        fc.property(fc.oneof(pieces, smallPieces), (sizes) => {
          expect(read(whole, sizes)).toEqual(wanted);
        }),
        { numRuns: 25 },
      );
      expect(read(whole, [1])).toEqual(wanted);
    },
  );

  it.each(['plain/viewer.flv', 'bframes/viewer.flv', 'republish/viewer.flv'])(
    'finds the capture stamp of every picture of %s, in an unbroken row',
    (name) => {
      const pictures = frames(read(captureBytes(name))).filter((tag) => tag.kind === 'video');
      expect(pictures.every((tag) => tag.stamped && tag.captureEpochUs > 1.7e15)).toBe(true);
      const numbers = pictures.map((tag) => tag.frameNumber);
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] as number) + i));
    },
  );

  it('names codecs, configurations and the duration of audio frames', () => {
    const { tags } = read(captureBytes('plain/viewer.flv'));
    expect(tags[0]).toMatchObject({ kind: 'script', frame: false, sizeBytes: 305 });
    expect(tags[1]).toMatchObject({ kind: 'audio', codec: 'aac', config: true, frame: false });
    expect(tags[2]).toMatchObject({
      kind: 'video',
      codec: 'avc',
      config: true,
      frame: false,
      keyframe: false,
    });
    expect(tags.find((tag) => tag.kind === 'audio' && tag.frame)?.audioFrameMs).toBeCloseTo(
      1_024_000 / 44_100,
      9,
    );
  });
});

describe('FlvReader and time', () => {
  it('goes on over 2^32, which is no break for a signed reader', () => {
    const seen = read(
      stream(video(0xffffffd0, true), audio(0xfffffff0), video(0x10), audio(0x20), video(0x30)),
    );
    expect(frames(seen).map((tag) => tag.dtsMs)).toEqual([-48, -16, 16, 32, 48]);
    expect(frames(seen).map((tag) => tag.wrapped)).toEqual([undefined, undefined, '32', '32', undefined]);
    expect(seen.errors).toEqual([]);
  });

  it('goes on where a writer masks time to 31 bits, and says so once per track', () => {
    const seen = read(
      stream(video(0x7fffffe0, true), audio(0x7ffffff0), audio(5), video(0x7ffffff8), video(10), audio(20)),
    );
    const first = 0x7fffffe0;
    expect(frames(seen).map((tag) => tag.dtsMs - first)).toEqual([0, 16, 37, 24, 42, 52]);
    expect(frames(seen).map((tag) => tag.wrapped)).toEqual([
      undefined,
      undefined,
      '31',
      undefined,
      '31',
      undefined,
    ]);
    expect(seen.errors).toEqual([]);
  });

  it('says that time ran into the sign bit', () => {
    const seen = read(stream(video(0x7ffffff0, true), video(0x80000010)));
    expect(frames(seen).map((tag) => [tag.dtsMs, tag.wrapped])).toEqual([
      [0x7ffffff0, undefined],
      [0x80000010, '31'],
    ]);
  });

  it('adds a signed composition time', () => {
    const seen = read(
      stream(flvTag(9, 100, avcBody(true, 67, slice(5))), flvTag(9, 133, avcBody(false, -33, slice(1)))),
    );
    expect(frames(seen).map((tag) => [tag.dtsMs, tag.ptsMs])).toEqual([
      [100, 167],
      [133, 100],
    ]);
  });

  it('is not moved by configurations and script tags, which carry 0 in mid-stream', () => {
    const far = 3_600_000;
    const seen = read(
      stream(
        video(far, true),
        flvTag(18, 0, bytes(2)),
        flvTag(9, 0, AVC_CONFIG),
        video(far + 33),
        audio(far + 40),
      ),
    );
    expect(frames(seen).map((tag) => tag.dtsMs)).toEqual([far, far + 33, far + 40]);
    expect(seen.errors).toEqual([]);
  });

  it('reports a jump of more than 10 s once for both tracks, and reads on', () => {
    const seen = read(
      stream(video(0, true), audio(5), audio(20_000), video(20_010), video(20_043), audio(20_050)),
    );
    expect(seen.errors.map((error) => error.split('@')[0])).toEqual(['flv_time_jump']);
    expect(frames(seen)).toHaveLength(6);
  });

  it('takes a step back for a jump as well', () => {
    const seen = read(stream(video(600_000, true), video(0, true)));
    expect(seen.errors).toHaveLength(1);
    expect(frames(seen).map((tag) => tag.dtsMs)).toEqual([600_000, 0]);
  });

  it('takes a track that comes back after a long silence for no jump', () => {
    const sound = Array.from({ length: 40 }, (_, i) => audio(1000 * i));
    const seen = read(stream(video(0, true), ...sound, video(39_010, true)));
    expect(seen.errors).toEqual([]);
  });

  it('bounds what a stream that jumps for ever reports', () => {
    const jumps = Array.from({ length: 100 }, (_, i) => video(i % 2 === 0 ? 0 : 1_000_000));
    expect(read(stream(...jumps)).errors).toHaveLength(16);
  });
});

describe('FlvReader and bodies', () => {
  it('counts no picture where an access unit holds no slice', () => {
    const delimiter = bytes(9, 0xf0);
    const seen = read(stream(flvTag(9, 0, avcBody(true, 0, delimiter)), video(33)));
    expect(frames(seen).map((tag) => tag.dtsMs)).toEqual([33]);
    expect(seen.tags.some((tag) => tag.keyframe)).toBe(false);
  });

  it('takes an IDR slice for a keyframe whatever the frame type says', () => {
    const seen = read(stream(flvTag(9, 0, avcBody(false, 0, slice(5)))));
    expect(frames(seen)[0]?.keyframe).toBe(true);
  });

  it('takes commands, ends of sequence and empty tags for no frames', () => {
    const seen = read(
      stream(
        flvTag(9, 0, bytes(0x57, 0)),
        flvTag(9, 0, bytes(0x57, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 1)),
        flvTag(9, 0, bytes(0x17, 2, 0, 0, 0)),
        flvTag(9, 0, bytes()),
        flvTag(8, 0, bytes()),
        flvTag(8, 0, bytes(0xaf, 1)),
      ),
    );
    expect(frames(seen)).toEqual([]);
    expect(seen.tags).toHaveLength(8);
    expect(seen.errors).toEqual([]);
  });

  it('reads what onMetaData says of the tracks', () => {
    const body = bytes([2, 0, 10], ascii('onMetaData'), 8, [0, 0, 0, 2], [0, 8], ascii('hasAudio'), [1, 0]);
    const seen = read(
      bytes(flvHeader(), flvTag(18, 0, bytes(body, [0, 8], ascii('hasVidehasVideo'), [1, 1], [0, 0, 9]))),
      [3],
    );
    expect(seen.tags[0]).toMatchObject({ metaHasAudio: false, metaHasVideo: true });
  });

  it('reads the FourCC forms of Enhanced RTMP', () => {
    const hvcC = bytes(1, new Uint8Array(20), 0xff, 0);
    const nal = bytes([0, 0, 0, 4], [19 << 1, 1, 0xaa, 0xbb]);
    const seen = read(
      bytes(
        flvHeader(),
        flvTag(9, 0, bytes(0x90, ascii('hvc1'), hvcC)),
        flvTag(9, 0, bytes(0x91, ascii('hvc1'), [0xff, 0xff, 0xf0], nal)),
        flvTag(9, 40, bytes(0xa3, ascii('hvc1'), [0, 0, 0, 3], [1 << 1, 1, 0xaa])),
        flvTag(9, 80, bytes(0x97, [2, 0, 0, 0, 0x03], ascii('hvc1'), nal)),
        flvTag(9, 120, bytes(0x96, 0x03, ascii('av01'), 0, [1, 2, 3])),
        flvTag(9, 160, bytes(0x94, ascii('hvc1'), [1, 2, 3])),
        flvTag(8, 160, bytes(0x91, ascii('Opus'), [1, 2, 3])),
      ),
    );
    expect(seen.errors).toEqual([]);
    expect(seen.tags[0]).toMatchObject({ codec: 'hevc', config: true, frame: false });
    expect(frames(seen).map((tag) => [tag.codec, tag.keyframe, tag.ptsMs])).toEqual([
      ['hevc', true, -16],
      ['hevc', false, 40],
      ['hevc', true, 80],
      ['av1', true, 120],
      ['opus', false, 160],
    ]);
  });

  it('reports a codec that no browser plays once, and shows nothing of it', () => {
    const seen = read(stream(flvTag(9, 0, bytes(0x12, 1, 2)), flvTag(9, 33, bytes(0x22, 1, 2)), audio(40)));
    expect(seen.errors.map((error) => error.split('@')[0])).toEqual(['unknown_codec']);
    expect(frames(seen).map((tag) => tag.kind)).toEqual(['audio']);
  });
});

describe('FlvReader and wrong bytes', () => {
  const good = stream(video(0, true));
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['an HTML page', bytes(ascii('<html>502 Bad Gateway</html>')), 'flv_header@0'],
    ['a short answer', bytes(ascii('oops')), 'flv_header@0'],
    ['a tag type that is none', bytes(good, flvTag(10, 0, bytes(1, 2))), `flv_tag_type@${good.length}`],
    ['an encrypted tag', bytes(good, flvTag(0x29, 0, bytes(1, 2))), `encrypted@${good.length}`],
    ['a size beyond 8 MB', bytes(good, [9, 0x90, 0, 0], new Uint8Array(7)), `flv_tag_size@${good.length}`],
    ['a stream id', bytes(good, [9, 0, 0, 1], [0, 0, 0, 0], [0, 0, 1], 0), `flv_stream_id@${good.length}`],
    ['a trailer that does not fit', bytes(good.subarray(0, -1), 0), `flv_trailer@${good.length - 4}`],
    [
      'a configuration that is none',
      bytes(flvHeader(), flvTag(9, 0, bytes(0x17, new Uint8Array(12)))),
      'flv_codec@24',
    ],
  ];

  it.each(cases)('reports %s once and is silent from then on', (_, wrong, error) => {
    for (const sizes of [[wrong.length + 1], [1], [7, 3]]) {
      const seen = read(bytes(wrong, video(33), video(66)), sizes);
      if (error !== 'flv_header@0' || wrong.length > 8) expect(seen.errors).toEqual([error]);
      expect(seen.tags.some((tag) => tag.dtsMs === 33)).toBe(false);
    }
  });

  it('reports a body that ended within the file header', () => {
    expect(read(bytes(ascii('FLV'))).errors).toEqual(['flv_header@0']);
    expect(read(bytes()).errors).toEqual([]);
  });

  it.each([
    ['too long', -1],
    ['too short', 1],
  ])('reports NAL lengths that are %s for the body', (_, slack) => {
    const body = avcBody(false, 0, slice(1), slice(1, 30 + slack));
    body[5 + 4 + 60 + 3] = 30;
    const seen = read(stream(flvTag(9, 33, body), video(66)));
    expect(seen.errors.map((error) => error.split('@')[0])).toEqual(['nal_length']);
    expect(frames(seen)).toEqual([]);
  });

  it('drops a tag whose last bytes never came, without blame', () => {
    const seen = read(stream(video(0, true), video(33)).subarray(0, -1));
    expect(frames(seen).map((tag) => tag.dtsMs)).toEqual([0]);
    expect(seen.errors).toEqual([]);
  });

  it('stops at once when its receiver ends it', () => {
    let tags = 0;
    const reader = new FlvReader({
      onHeader: () => {},
      onTag: () => {
        tags++;
        reader.end();
      },
      onError: () => {},
    });
    reader.push(good);
    expect(tags).toBe(1);
  });

  it('survives any damage to a real stream, with a bounded number of reports', () => {
    const whole = captureBytes('bframes/viewer.flv').subarray(0, 60_000);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(damage, fc.nat(whole.length), fc.oneof(pieces, smallPieces), (hits, cut, sizes) => {
        const broken = whole.slice(0, cut);
        for (const [at, value] of hits) if (at < cut) broken[at] = value;
        const seen = read(broken, sizes);
        expect(seen.errors.length).toBeLessThanOrEqual(18);
        expect(seen.tags.length).toBeLessThanOrEqual(cut / 15);
        expect(seen).toEqual(read(broken));
      }),
      { numRuns: 60 },
    );
  });

  it('survives garbage behind a good header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), smallPieces, (garbage, sizes) => {
        expect(read(bytes(stream(), garbage), sizes).errors.length).toBeLessThanOrEqual(18);
      }),
    );
  });
});
