import { describe, expect, test } from 'vitest';
import { player, recorderOf, reported } from '../../test/support/measured.js';
import { ProtocolError } from '../errors.js';
import type { Tick } from './tick.js';
import { checkTick, decodeTick, encodeTick, MAX_TICK_BYTES } from './tick-codec.js';

function goodTick(): Tick {
  const recorder = recorderOf(3);
  recorder.gauge('rss_bytes', 1e8);
  recorder.on(reported(player('flv', { kind: 'first_frame', sinceStartMs: 312 }, 500)));
  return recorder.takeTick(1000)[0] as Tick;
}

const KEY = 'first_frame_ms|ramp|flv';

function withPart(change: object): object {
  const tick = goodTick();
  return { ...tick, histograms: { [KEY]: { ...tick.histograms[KEY], ...change } } };
}

describe('a tick on the wire', () => {
  test('reads back as it was', () => {
    expect(decodeTick(encodeTick(goodTick()))).toEqual(goodTick());
  });

  test.each<[string, object]>([
    ['no version', { v: 2 }],
    ['no box', { box: '' }],
    ['a box of a thousand letters', { box: 'x'.repeat(1000) }],
    ['half a worker', { worker: 0.5 }],
    ['a negative sequence number', { seq: -1 }],
    ['an infinite time', { toMs: Number.POSITIVE_INFINITY }],
    ['a time that runs backwards', { fromMs: 2000 }],
    ['last: false', { last: false }],
    ['counters that are a list', { counters: [] }],
    ['a counter that nobody knows', { counters: { 'x|hold|-': 1 } }],
    ['a negative counter', { counters: { 'vu_started_count|hold|-': -1 } }],
    ['a fractional counter', { counters: { 'vu_started_count|hold|-': 1.5 } }],
    ['a counter among the histograms', { histograms: { 'vu_started_count|hold|-': {} } }],
    ['a histogram among the counters', { counters: { [KEY]: 1 } }],
    ['a gauge that nobody knows', { gauges: { x: 1 } }],
    ['a gauge that is text', { gauges: { rss_bytes: '1' } }],
    ['no histograms', { histograms: undefined }],
  ])('with %s is refused', (_, change) => {
    expect(() => checkTick({ ...goodTick(), ...change })).toThrow(ProtocolError);
  });

  test.each([
    { v2: 'not base64!' },
    { v2: '' },
    { v2: 'A'.repeat(MAX_TICK_BYTES + 4) },
    { count: 0 },
    { count: Number.NaN },
    { min: 9, max: 1 },
    { sum: -1 },
    { sum: undefined },
  ])('with a histogram part of %j is refused', (change) => {
    expect(() => checkTick(withPart(change))).toThrow(ProtocolError);
  });

  test.each(['', 'null', '[]', '7', '{"v":1', '"x"'])('the line %j is refused', (line) => {
    expect(() => decodeTick(line)).toThrow(ProtocolError);
  });

  test('a line above the limit is refused before it is parsed', () => {
    expect(() => decodeTick(`${encodeTick(goodTick())}${' '.repeat(MAX_TICK_BYTES)}`)).toThrow(
      /more than 8192/,
    );
  });

  test('a line torn anywhere is refused', () => {
    const line = encodeTick(goodTick());
    for (let length = 0; length < line.length; length += 7) {
      expect(() => decodeTick(line.slice(0, length))).toThrow(ProtocolError);
    }
  });
});
