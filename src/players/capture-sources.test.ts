import { describe, expect, it } from 'vitest';
import { annotatedBytes } from '../../test/support/annotated-bytes.js';
import { pushInPieces } from '../../test/support/captures.js';
import {
  AVC_CONFIG,
  annexB,
  avcBody,
  be,
  bytes,
  flvHeader,
  flvTag,
  pesPacket,
  slice,
  tables,
  tsPackets,
  VIDEO_PID,
} from '../../test/support/media-bytes.js';
import { FlvReader } from './flv-reader.js';
import { TsReader } from './ts-reader.js';

const CAPTURE_US = 1_795_325_919_105_024;
const CLOCK_DAY_MS = ((14 * 60 + 5) * 60 + 36) * 1000 + 400;
const SPS = annotatedBytes('sps-buffered.txt');
const PPS = bytes(0x68, 0xce, 0x3c, 0x80);
const OBS = annotatedBytes('obs-text.txt');
const STAMP = annotatedBytes('stamp.txt');
const TIMING = annotatedBytes('picture-timing.txt');
const PIECES = [[1_000_000], [1], [188, 7, 61]];

/** Decoder configuration of the fixtures' parameter set. */
const CONFIG = bytes(
  [0x17, 0, 0, 0, 0, 1, ...SPS.subarray(1, 4), 0xff, 0xe1],
  be(SPS.length, 2),
  SPS,
  1,
  be(PPS.length, 2),
  PPS,
);

interface Told {
  readonly source: string | undefined;
  readonly epochUs: number;
  readonly dayMs: number;
}

type Picture = readonly [key: boolean, ...nals: readonly Uint8Array[]];

function overFlv(pictures: readonly Picture[], pieces: readonly number[], config = CONFIG): Told[] {
  const tags = pictures.map(([key, ...nals], i) => flvTag(9, i * 33, avcBody(key, 0, ...nals)));
  const told: Told[] = [];
  const reader = new FlvReader({
    onHeader: () => {},
    onTag: (tag) => {
      if (tag.frame)
        told.push({ source: tag.captureSource, epochUs: tag.captureEpochUs, dayMs: tag.captureDayMs });
    },
    onError: (code) => expect.fail(code),
  });
  pushInPieces(bytes(flvHeader(1), flvTag(9, 0, config), ...tags), pieces, (piece) => reader.push(piece));
  return told;
}

function overTs(pictures: readonly Picture[], pieces: readonly number[]): Told[] {
  const packets = tables();
  let counter = 0;
  for (const [i, [key, ...nals]] of pictures.entries()) {
    const unit = annexB(...(key ? [SPS, PPS] : []), ...nals);
    const more = tsPackets(VIDEO_PID, counter, pesPacket('video', i * 3000, i * 3000, unit));
    counter += more.length;
    packets.push(...more);
  }
  const told: Told[] = [];
  const reader = new TsReader({
    onPes: (pes) =>
      told.push({ source: pes.captureSource, epochUs: pes.captureEpochUs, dayMs: pes.captureDayMs }),
    onError: (code) => expect.fail(code),
  });
  reader.resetForSegment(true);
  pushInPieces(bytes(...packets), pieces, (piece) => reader.push(piece));
  reader.flush();
  return told;
}

const UNKNOWN: Told = { source: undefined, epochUs: 0, dayMs: 0 };
const stampTold: Told = { source: 'stamp', epochUs: CAPTURE_US, dayMs: 0 };
const obsTold: Told = { source: 'obs', epochUs: CAPTURE_US - 24, dayMs: 0 };
const timingTold: Told = { source: 'pic_timing', epochUs: 0, dayMs: CLOCK_DAY_MS };

describe.each([
  ['FLV', overFlv],
  ['TS', overTs],
])('capture times over %s, in any cut', (_, over) => {
  const reads = (pictures: readonly Picture[], wanted: readonly Told[]): void => {
    for (const pieces of PIECES) expect(over(pictures, pieces)).toEqual(wanted);
  };

  it('OBS writes behind the slices of keyframes', () => {
    const session = annotatedBytes('obs-session.txt');
    reads(
      [
        [true, slice(5, 900), slice(5, 700), session, OBS, session],
        [false, slice(1, 300)],
        [true, slice(5, 20), OBS],
      ],
      [obsTold, UNKNOWN, obsTold],
    );
  });

  it('MISB time and stamps stand in front of the slice', () => {
    reads(
      [
        [true, annotatedBytes('misb-avc.txt'), slice(5)],
        [false, STAMP, slice(1)],
      ],
      [{ ...stampTold, source: 'misb' }, stampTold],
    );
  });

  it('picture timing is read with the parameter set of the stream', () => {
    reads(
      [
        [true, TIMING, slice(5)],
        [false, TIMING, slice(1)],
        [false, slice(1)],
      ],
      [timingTold, timingTold, UNKNOWN],
    );
  });

  it('a better source in the same picture wins, wherever it stands', () => {
    reads(
      [
        [true, TIMING, slice(5, 400), OBS],
        [true, TIMING, STAMP, slice(5, 400), OBS],
      ],
      [obsTold, stampTold],
    );
  });

  it('stamps that stay away give way to other sources, and take over when they come', () => {
    const unstamped = Array.from({ length: 32 }, (): Picture => [true, slice(5), OBS]);
    const told = over([[true, STAMP, slice(5)], ...unstamped, [true, STAMP, slice(5), OBS]], [1000]);
    expect(told.map(({ source }) => source)).toEqual([
      'stamp',
      ...Array(30).fill(undefined),
      ...Array(2).fill('obs'),
      'stamp',
    ]);
  });
});

describe('a parameter set of FLV', () => {
  it('may come anew in a picture', () => {
    const told = overFlv([[true, SPS, TIMING, slice(5)]], [50], AVC_CONFIG);
    expect(told).toEqual([timingTold]);
  });

  it('of another configuration makes old clocks unreadable', () => {
    expect(overFlv([[true, TIMING, slice(5)]], [50], AVC_CONFIG)).toEqual([UNKNOWN]);
  });
});
