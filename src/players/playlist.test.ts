import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureText } from '../../test/support/captures.js';
import { type MediaPlaylist, type ParsedPlaylist, PLAYLIST_MAX_CHARS, parsePlaylist } from './playlist.js';

const HEAD = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n';

function mediaOf(text: string): MediaPlaylist {
  const parsed = parsePlaylist(text);
  if (parsed.kind !== 'media') throw new Error(`not a media playlist: ${JSON.stringify(parsed)}`);
  return parsed.list;
}

function codeOf(text: string): string {
  const parsed = parsePlaylist(text);
  return parsed.kind === 'error' ? parsed.code : parsed.kind;
}

describe('parsePlaylist on recorded lists', () => {
  it('reads a master with its context', () => {
    expect(parsePlaylist(captureText('plain/master.m3u8'))).toEqual({
      kind: 'master',
      variants: [{ uri: '/live/plain.m3u8?hls_ctx=339166pp', bandwidthBitsPerS: 1 }],
    });
  });

  it('reads a live window', () => {
    expect(mediaOf(captureText('plain/media-05.m3u8'))).toEqual({
      targetDurationMs: 1000,
      mediaSequence: 5,
      endList: false,
      segments: [5, 6, 7, 8, 9].map((sequence) => ({
        sequence,
        uri: `plain-${sequence}.ts?hls_ctx=339166pp`,
        durationMs: 1000,
        discontinuity: false,
      })),
    });
  });

  it('reads a list that began anew', () => {
    expect(mediaOf(captureText('republish/media-11.m3u8'))).toMatchObject({
      targetDurationMs: 2000,
      mediaSequence: 0,
      segments: [{ sequence: 0, durationMs: 1023, discontinuity: true }],
    });
  });

  it('keeps the last segment of a list without a final line break, with or without carriage returns', () => {
    const text = captureText('plain/media-05.m3u8').trimEnd();
    const wanted = parsePlaylist(captureText('plain/media-05.m3u8'));
    expect(parsePlaylist(text)).toEqual(wanted);
    expect(parsePlaylist(text.replaceAll('\n', '\r\n'))).toEqual(wanted);
    expect(parsePlaylist(`\uFEFF${text}`)).toEqual(wanted);
  });
});

describe('parsePlaylist and what the parser would guess', () => {
  it('keeps a duration of 0', () => {
    expect(mediaOf(`${HEAD}#EXTINF:0,\na.ts`).segments[0]?.durationMs).toBe(0);
  });

  it('keeps durations to the microsecond', () => {
    expect(mediaOf(`${HEAD}#EXTINF:1.023,\na.ts`).segments[0]?.durationMs).toBe(1023);
    expect(mediaOf(`${HEAD}#EXTINF:.5\na.ts`).segments[0]?.durationMs).toBe(500);
  });

  it.each(['abc', '-1', '1.2.3', '1s', '', '9'.repeat(400)])('refuses EXTINF:%s', (duration) => {
    expect(codeOf(`${HEAD}#EXTINF:${duration},\na.ts`)).toBe('bad_segment');
  });

  it('refuses a URI without a duration', () => {
    expect(codeOf(`${HEAD}#EXTINF:1,\na.ts\nb.ts`)).toBe('bad_segment');
    expect(codeOf(`${HEAD}b.ts`)).toBe('bad_segment');
  });

  it.each([
    ['1.999', 1000],
    ['0', 1000],
    [' 3', 3000],
    ['2', 2000],
  ])('takes a target duration of %s as hls.js does', (written, wantedMs) => {
    const list = mediaOf(`#EXTM3U\n#EXT-X-TARGETDURATION:${written}\n#EXTINF:1,\na.ts`);
    expect(list.targetDurationMs).toBe(wantedMs);
  });

  it.each([
    ['#EXT-X-MEDIA-SEQUENCE: 17', 17],
    ['#EXT-X-MEDIA-SEQUENCE:x', 0],
    ['#EXT-X-MEDIA-SEQUENCE:-4', 0],
    ['#EXT-X-VERSION:3', 0],
  ])('numbers segments by %s', (line, sequence) => {
    expect(mediaOf(`${HEAD}${line}\n#EXTINF:1,\na.ts`).segments[0]?.sequence).toBe(sequence);
  });
});

describe('parsePlaylist and tags', () => {
  it('tells a discontinuity sequence that is there from one that is not', () => {
    expect(mediaOf(`${HEAD}#EXTINF:1,\na.ts`).discontinuitySequence).toBeUndefined();
    const told = mediaOf(`${HEAD}#EXT-X-DISCONTINUITY-SEQUENCE:4\n#EXTINF:1,\na.ts`);
    expect(told.discontinuitySequence).toBe(4);
  });

  it('reads gaps and the end of the list', () => {
    const list = mediaOf(`${HEAD}#EXT-X-GAP\n#EXTINF:1,\na.ts\n#EXTINF:1,\nb.ts\n#EXT-X-ENDLIST\n`);
    expect(list.endList).toBe(true);
    expect(list.segments.map((segment) => segment.gap)).toEqual([true, undefined]);
  });

  it('carries wall clocks to neighbours, but not over a discontinuity', () => {
    const list = mediaOf(
      `${HEAD}#EXTINF:1,\na.ts\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:10.000Z\n#EXTINF:1.5,\nb.ts\n#EXTINF:1,\nc.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\nd.ts\n`,
    );
    const at = Date.UTC(2026, 0, 1, 0, 0, 10);
    expect(list.segments.map((segment) => segment.programDateTimeEpochMs)).toEqual([
      at - 1000,
      at,
      at + 1500,
      undefined,
    ]);
    expect(list.programDateTime).toBe(true);
  });

  it('carries no wall clock back over a discontinuity', () => {
    const list = mediaOf(
      `${HEAD}#EXTINF:1,\na.ts\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:10.000Z\n#EXTINF:1,\nb.ts\n`,
    );
    expect(list.segments[0]?.programDateTimeEpochMs).toBeUndefined();
  });

  it('knows no wall clock from a date that is none', () => {
    const list = mediaOf(`${HEAD}#EXT-X-PROGRAM-DATE-TIME:yesterday\n#EXTINF:1,\na.ts`);
    expect([list.programDateTime, list.segments[0]?.programDateTimeEpochMs]).toEqual([undefined, undefined]);
  });

  it('reads several streams, with or without a bandwidth', () => {
    const text =
      '#EXTM3U\n#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9,CODECS="a,b",BANDWIDTH=2600000\na.m3u8\n#EXT-X-STREAM-INF:\nb.m3u8';
    expect(parsePlaylist(text)).toEqual({
      kind: 'master',
      variants: [
        { uri: 'a.m3u8', bandwidthBitsPerS: 2_600_000 },
        { uri: 'b.m3u8', bandwidthBitsPerS: 0 },
      ],
    });
  });

  it('ignores tags that make the parser throw', () => {
    const odd =
      '#EXT-X-MEDIA:TYPE=NONE,GROUP-ID="a",NAME="b"\n#EXT-X-SKIP\n#EXT-X-PART-INF\n#EXT-X-DEFINE:\n#EXT-X-KEY:X';
    expect(codeOf(`${HEAD}${odd}\n#EXTINF:1,\na.ts`)).toBe('media');
  });
});

describe('parsePlaylist and what is no playlist', () => {
  it.each([
    ['an HTML page', '<html><body>502 Bad Gateway</body></html>', 'not_m3u8'],
    ['nothing', '', 'not_m3u8'],
    ['a blank before the first tag', ' #EXTM3U', 'not_m3u8'],
    ['a list without target duration', '#EXTM3U\n#EXTINF:1,\na.ts', 'no_target_duration'],
    [
      'a target duration that is no number',
      '#EXTM3U\n#EXT-X-TARGETDURATION:x\n#EXTINF:1,\na.ts',
      'no_target_duration',
    ],
    ['a first line alone', '#EXTM3U', 'no_target_duration'],
    ['a list without segments', HEAD, 'empty'],
    ['a master without streams', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n', 'empty'],
    ['a text of more than a mebibyte', `${HEAD}${'x'.repeat(PLAYLIST_MAX_CHARS)}`, 'too_large'],
  ])('names %s', (_, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('bounds the detail', () => {
    const parsed = parsePlaylist('\u0000'.repeat(5000)) as Extract<ParsedPlaylist, { kind: 'error' }>;
    expect(parsed.detail.length).toBeLessThan(500);
  });

  it('never throws, whatever the text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '#EXTINF:1,',
        '#EXTINF:',
        '#EXT-X-STREAM-INF:',
        '#EXT-X-STREAM-INF:=,=,"',
        '#EXT-X-TARGETDURATION:2',
        '#EXT-X-PROGRAM-DATE-TIME:',
        '#EXT-X-DISCONTINUITY',
        '#EXT-X-GAP',
        '#EXT-X-DATERANGE:ID',
        'a.ts',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(line),
        (lines) => parsePlaylist(['#EXTM3U', ...lines].join('\n')).kind !== undefined,
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => parsePlaylist(text).kind !== undefined));
  });

  it('never throws on a damaged list, and numbers whatever segments it finds without gaps', () => {
    const text = captureText('republish/media-15.m3u8');
    const edit = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 5 }), (edits) => {
        const damaged = edits.reduce(
          (now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut),
          text,
        );
        const parsed = parsePlaylist(damaged);
        if (parsed.kind !== 'media') return;
        const { mediaSequence, segments, targetDurationMs } = parsed.list;
        expect(segments.map((segment) => segment.sequence - mediaSequence)).toEqual(
          segments.map((_, i) => i),
        );
        expect(segments.every((segment) => segment.durationMs >= 0 && segment.uri !== '')).toBe(true);
        expect(targetDurationMs).toBeGreaterThanOrEqual(1000);
      }),
    );
  });

  it('takes time in step with the length of hostile lines', () => {
    for (const hostile of [',', '=', '"', '#EXTINF:1', ' ']) {
      const line = hostile.repeat(Math.floor(900_000 / hostile.length));
      expect(
        codeOf(`#EXTM3U\n#EXT-X-STREAM-INF:${line}\n#EXTINF:${line}\n#EXT-X-TARGETDURATION:${line}\n${line}`),
      ).not.toBe('media');
    }
  });
});
