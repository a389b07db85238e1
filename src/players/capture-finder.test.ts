import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotatedBytes, escaped } from '../../test/support/annotated-bytes.js';
import { bytes } from '../../test/support/media-bytes.js';
import type { NalCodec } from './avc.js';
import { CaptureFinder, UNSTAMPED_BEFORE_SEARCH } from './capture-finder.js';

/** The instant of all fixtures: 2026-11-22T05:38:39.105024Z. */
const CAPTURE_US = 1_795_325_919_105_024;
const CAPTURE_MS_US = 1_795_325_919_105_000;
/** 14:05:36 and 12 frames of 1/30 s. */
const CLOCK_DAY_MS = ((14 * 60 + 5) * 60 + 36) * 1000 + 400;

const STAMP = annotatedBytes('stamp.txt');
const MISB = annotatedBytes('misb-avc.txt');
const OBS = annotatedBytes('obs-text.txt');
const SESSION = annotatedBytes('obs-session.txt');
const SPS = annotatedBytes('sps-buffered.txt');
const TIMING = annotatedBytes('picture-timing.txt');

function show(finder: CaptureFinder, nals: readonly Uint8Array[], codec: NalCodec = 'avc') {
  finder.begin(codec);
  for (const nal of nals) {
    if (codec === 'avc' && ((nal[0] as number) & 31) === 7) finder.sps(nal, 1, nal.length);
    else finder.sei(nal, codec === 'avc' ? 1 : 2, nal.length);
  }
  return { ...finder.found };
}
const find = (...nals: readonly Uint8Array[]) => show(new CaptureFinder(), nals);

describe('the finder of capture times', () => {
  it.each([
    ['our stamp', 'stamp.txt', 'stamp', CAPTURE_US],
    ['MISB time', 'misb-avc.txt', 'misb', CAPTURE_US],
    ["OBS's metrics", 'obs-text.txt', 'obs', CAPTURE_MS_US],
    ["OBS's other kinds of time", 'obs-kinds.txt', 'obs', CAPTURE_MS_US],
  ])('reads %s byte by byte', (_, name, source, captureEpochUs) => {
    expect(find(annotatedBytes(name))).toMatchObject({ source, captureEpochUs, captureDayMs: 0 });
  });

  it('reads MISB nanoseconds of H.265', () => {
    const found = show(new CaptureFinder(), [annotatedBytes('misb-hevc-ns.txt')], 'hevc');
    expect(found).toMatchObject({ source: 'misb', captureEpochUs: CAPTURE_US });
  });

  it('reads the clock of picture timing with the parameter set that goes with it, and not without', () => {
    const timed = { source: 'pic_timing', captureEpochUs: 0, captureDayMs: CLOCK_DAY_MS };
    expect(find(SPS, TIMING)).toMatchObject(timed);
    expect(find(TIMING).source).toBeUndefined();
    const finder = new CaptureFinder();
    show(finder, [SPS, TIMING]);
    expect(show(finder, [TIMING])).toMatchObject(timed);
    finder.reset();
    expect(show(finder, [TIMING]).source).toBeUndefined();
  });

  it('takes picture timing of H.265 for nothing, whose fields are others', () => {
    expect(show(new CaptureFinder(), [bytes(0x4e, 1, TIMING.subarray(1))], 'hevc').source).toBeUndefined();
  });

  it("takes OBS's session metrics for no capture time", () => {
    expect(find(SESSION).source).toBeUndefined();
  });

  it('believes the sources in their order, in whatever order they stand', () => {
    const inOrder = [
      ['stamp', STAMP],
      ['misb', MISB],
      ['obs', OBS],
      ['pic_timing', TIMING],
    ] as const;
    for (let first = 0; first < inOrder.length; first++) {
      const nals = inOrder.slice(first).map(([, nal]) => nal);
      expect(find(SPS, ...nals).source).toBe(inOrder[first]?.[0]);
      expect(find(SPS, ...nals.toReversed()).source).toBe(inOrder[first]?.[0]);
    }
  });

  it('reads several messages that share a unit', () => {
    const body = (nal: Uint8Array): Uint8Array => nal.subarray(1, nal.length - 1);
    expect(find(bytes(6, body(SESSION), body(OBS), 0x80)).source).toBe('obs');
  });

  it('searches for nothing else while stamps come, and again when they stay away', () => {
    const finder = new CaptureFinder();
    show(finder, [STAMP]);
    for (let picture = 0; picture < UNSTAMPED_BEFORE_SEARCH - 1; picture++) {
      expect(show(finder, [OBS]).source).toBeUndefined();
    }
    expect(finder.searching).toBe(false);
    show(finder, []);
    expect(show(finder, [OBS]).source).toBe('obs');
    expect(show(finder, [STAMP]).source).toBe('stamp');
    expect(show(finder, [OBS]).source).toBeUndefined();
  });

  it('never keeps what the picture before told', () => {
    const finder = new CaptureFinder();
    show(finder, [OBS]);
    expect(show(finder, [])).toEqual({
      source: undefined,
      captureEpochUs: 0,
      captureDayMs: 0,
      frameNumber: 0,
    });
  });

  it('finds a source behind any other messages, escaped as the format asks', () => {
    const other = fc.record({
      type: fc.integer({ min: 6, max: 300 }),
      payload: fc.uint8Array({ maxLength: 90 }),
    });
    const coded = (value: number): number[] => [...Array(Math.floor(value / 255)).fill(255), value % 255];
    const plain = bytes(...OBS.subarray(1, OBS.length - 1));
    fc.assert(
      fc.property(fc.array(other, { maxLength: 3 }), (others) => {
        const before = others.flatMap(({ type, payload }) => [coded(type), coded(payload.length), payload]);
        expect(find(bytes(6, escaped(bytes(...before, plain, 0x80)))).source).toBe('obs');
      }),
    );
  });

  it('does not read behind the unit: no cut of a message tells a time that the whole does not', () => {
    for (const nal of [STAMP, MISB, TIMING, annotatedBytes('obs-kinds.txt')]) {
      for (let end = 1; end < nal.length - 1; end++) {
        // What lies behind the end would complete the message.
        const finder = new CaptureFinder();
        finder.begin('avc');
        finder.sps(SPS, 1, SPS.length);
        finder.sei(nal, 1, end);
        expect(finder.found.source, `${nal.length} cut to ${end}`).toBeUndefined();
      }
    }
  });

  it('survives any bytes, and any damage to real ones', () => {
    const damaged = fc
      .tuple(fc.constantFrom(SPS, TIMING, OBS, MISB, SESSION), fc.nat(200), fc.nat(255))
      .map(([nal, at, byte]) => {
        const copy = nal.slice();
        if (at > 0) copy[at % nal.length] = byte;
        return copy;
      });
    const garbage = fc.uint8Array({ minLength: 2, maxLength: 600 });
    fc.assert(
      fc.property(fc.array(fc.oneof(damaged, garbage), { maxLength: 6 }), (nals) => {
        const finder = new CaptureFinder();
        for (const nal of nals) {
          finder.begin('avc');
          finder.sps(nal, 1, nal.length);
          finder.sei(nal, 1, nal.length);
          const { source, captureEpochUs, captureDayMs } = finder.found;
          expect(Number.isSafeInteger(captureEpochUs)).toBe(true);
          expect(Number.isFinite(captureDayMs)).toBe(true);
          if (source === undefined) expect([captureEpochUs, captureDayMs]).toEqual([0, 0]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
