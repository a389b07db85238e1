import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CaptureStamp, readCaptureStamp } from '../media/capture-stamp.js';
import { FLV_FILE_HEADER } from '../media/flv-layout.js';
import { NAL_SEI, splitAvcc } from '../media/h264.js';
import { MediaError } from '../media/media-error.js';
import { FlvCutter, type TagStart } from './flv-cutter.js';
import { Gate } from './gate.js';
import { SourceClock } from './source-clock.js';
import { STAMP_SEI_BYTES } from './stamp-sei.js';
import { type HeaderKind, Stamper } from './stamper.js';

const FLV = new Uint8Array(readFileSync(new URL('../../test/fixtures/publish/encoder.flv', import.meta.url)));
const EPOCH_US = 1_795_330_000_000_000;

interface Tag extends Omit<TagStart, 'lead'> {
  readonly body: Uint8Array;
}

/** The tags of an FLV stream; the cutter checks every size before and behind them. */
function tagsOf(bytes: Uint8Array): Tag[] {
  const tags: Tag[] = [];
  let parts: Uint8Array[] = [];
  let start: Omit<TagStart, 'lead'> | undefined;
  const cutter = new FlvCutter({
    onTag({ lead, ...head }) {
      start = head;
      parts = [Uint8Array.from(lead)];
    },
    onBody: (piece) => parts.push(piece),
    onTagEnd: () => tags.push({ ...(start as Omit<TagStart, 'lead'>), body: Buffer.concat(parts) }),
  });
  cutter.push(bytes);
  return tags;
}

interface Stamped {
  readonly bytes: Uint8Array;
  readonly headers: Map<HeaderKind, Uint8Array>;
  readonly captures: readonly number[];
  readonly gate: Gate;
}

/** The fixture through a stamper, cut at `cuts`; source times begin at 0 = EPOCH_US. */
function stamped(cuts: readonly number[] = [], gate = openGate()): Stamped {
  const clock = new SourceClock();
  clock.note(0, EPOCH_US);
  const out: Uint8Array[] = [FLV_FILE_HEADER];
  const headers = new Map<HeaderKind, Uint8Array>();
  const captures: number[] = [];
  const stamper = new Stamper(clock, gate, {
    header: (kind, tag) => headers.set(kind, tag),
    media: (pieces) => out.push(...pieces),
    frame: (captureEpochUs) => captures.push(captureEpochUs),
  });
  const cutter = new FlvCutter(stamper);
  let from = 0;
  for (const cut of [...cuts, FLV.length]) {
    cutter.push(FLV.slice(from, cut));
    from = cut;
  }
  return { bytes: Buffer.concat(out), headers, captures, gate };
}

function openGate(startMs = 67): Gate {
  const gate = new Gate();
  // The first picture is decoded at 0 in the fixture.
  gate.reopen(startMs - 67);
  return gate;
}

const isPicture = ({ type, body }: Tag): boolean => type === 9 && body[1] === 1;
const ptsOf = ({ timeMs, body }: Tag): number => timeMs + Buffer.from(body).readIntBE(2, 3);

describe('Stamper', () => {
  const before = tagsOf(FLV);
  const whole = stamped();
  const after = tagsOf(whole.bytes);

  it('puts one stamp first into each access unit and leaves every other byte alone', () => {
    const frames = before.filter(({ type, body }) => type !== 18 && body[1] !== 0);
    expect(frames.length).toBeGreaterThan(100);
    expect(after.length).toBe(frames.length);
    after.forEach((tag, index) => {
      const was = frames[index] as Tag;
      expect({ type: tag.type, timeMs: tag.timeMs }).toEqual({ type: was.type, timeMs: was.timeMs });
      if (!isPicture(tag)) {
        expect(tag.body).toEqual(was.body);
        return;
      }
      expect(tag.bodyBytes).toBe(was.bodyBytes + STAMP_SEI_BYTES);
      expect(tag.body.subarray(0, 5)).toEqual(was.body.subarray(0, 5));
      expect(tag.body.subarray(5 + STAMP_SEI_BYTES)).toEqual(was.body.subarray(5));
      expect(splitAvcc(tag.body.subarray(5))[0]?.[0]).toBe(NAL_SEI);
    });
  });

  it('stamps each picture with the time at which it was shown to the encoder, and numbers them as they come', () => {
    const pictures = after.filter(isPicture);
    expect(pictures).toHaveLength(45);
    const stamp: CaptureStamp = { captureEpochUs: 0, frameNumber: 0 };
    pictures.forEach((tag, index) => {
      expect(readCaptureStamp(tag.body, 5 + 4 + 3, stamp)).toBe(true);
      // The muxer moved all times by 67 ms, so that the first, decoded before it is shown, is not negative.
      expect(stamp).toEqual({ captureEpochUs: EPOCH_US + (ptsOf(tag) - 67) * 1000, frameNumber: index });
    });
    const order = whole.captures.map((us) => us - EPOCH_US);
    expect(order[0]).toBe(0);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(45);
  });

  it('keeps the three headers as they came, at time 0', () => {
    const byKind = new Map(
      [...whole.headers].map(([kind, tag]) => [kind, tagsOf(Buffer.concat([FLV_FILE_HEADER, tag]))[0]]),
    );
    const first = before.slice(0, 3).map(({ body }) => body);
    expect([...byKind.keys()]).toEqual(['script', 'avc', 'aac']);
    expect([...byKind.values()].map((tag) => tag?.body)).toEqual(first);
    expect([...byKind.values()].map((tag) => tag?.timeMs)).toEqual([0, 0, 0]);
  });

  it('makes the same of a stream that is split at any byte', () => {
    for (let cut = 1; cut < 2500; cut++) {
      const { bytes } = stamped([cut]);
      if (!Buffer.from(whole.bytes).equals(bytes)) expect.unreachable(`split at ${cut}`);
    }
    const each = Array.from({ length: FLV.length - 1 }, (_, index) => index + 1);
    expect(Buffer.from(whole.bytes).equals(stamped(each).bytes)).toBe(true);
  });

  it('begins with a keyframe, at the time that was asked for, whatever came before', () => {
    const gate = new Gate();
    const clock = new SourceClock();
    clock.note(0, EPOCH_US);
    const out: Uint8Array[] = [FLV_FILE_HEADER];
    const stamper = new Stamper(clock, gate, {
      header: () => {},
      media: (pieces) => out.push(...pieces),
      frame: () => {},
    });
    const cutter = new FlvCutter(stamper);
    cutter.push(FLV.slice(0, 3000));
    gate.reopen(90_000);
    cutter.push(FLV.slice(3000));
    const [first, ...rest] = tagsOf(Buffer.concat(out));
    expect(first?.timeMs).toBe(90_000);
    expect((first?.body[0] as number) >> 4).toBe(1);
    expect(rest.every(({ timeMs }) => timeMs >= 90_000)).toBe(true);
    const stamp: CaptureStamp = { captureEpochUs: 0, frameNumber: 0 };
    readCaptureStamp(first?.body as Uint8Array, 5 + 4 + 3, stamp);
    // Frames that were not sent were counted, and their time passed.
    expect(stamp).toEqual({ captureEpochUs: EPOCH_US + 500_000, frameNumber: 15 });
  });

  it('sends nothing through a shut gate, but goes on counting', () => {
    const shut = stamped([], new Gate());
    expect(shut.bytes).toHaveLength(FLV_FILE_HEADER.length);
    expect(shut.captures).toHaveLength(45);
  });

  const scriptEnd = 13 + 11 + (before[0]?.bodyBytes ?? 0) + 4;

  it.each([
    ['no FLV', 0, 0x30, 'flv_header'],
    ['a size behind a tag that lies', scriptEnd - 1, 9, 'flv_previous_tag_size'],
    ['another codec', scriptEnd + 11, 0x12, 'video_codec'],
    ['lengths of two bytes', scriptEnd + 11 + 5 + 4, 0xfd, 'avc_config'],
  ])('refuses %s', (_name, at, byte, code) => {
    const out = { header: () => {}, media: () => {}, frame: () => {} };
    const cutter = new FlvCutter(new Stamper(new SourceClock(), openGate(), out));
    const bytes = Uint8Array.from(FLV);
    bytes[at] = byte;
    expect(() => cutter.push(bytes)).toThrow(MediaError);
    expect(() => new FlvCutter(new Stamper(new SourceClock(), openGate(), out)).push(bytes)).toThrow(code);
  });
});
