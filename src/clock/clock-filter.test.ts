import { expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { bestProbe, ClockFilter, type ClockProbe, readingOf } from './clock-filter.js';
import { DRIFT_MS_PER_S, uncertaintyAt } from './clock-state.js';

const START_MS = 1_800_000_000_000;

/** A question at `atMs` whose ways there and back take so long, of a clock that is `offsetMs` ahead. */
function probe(atMs: number, there: number, back: number, offsetMs: number): ClockProbe {
  const askedEpochMs = START_MS + atMs;
  return {
    askedEpochMs,
    answeredEpochMs: askedEpochMs + there + back,
    publisherEpochMs: askedEpochMs + there + offsetMs,
  };
}

test('the middle of a round trip is exact when both ways take the same', () => {
  expect(readingOf(probe(0, 20, 20, 1234))).toEqual({
    offsetMs: 1234,
    uncertaintyMs: 21,
    atEpochMs: START_MS + 20,
  });
});

test('whatever part of a round trip one way takes, the true offset lies within the uncertainty', () => {
  const rng = createRng(7, 'round trips');
  for (let i = 0; i < 500; i++) {
    const offsetMs = (rng.next() - 0.5) * 100_000;
    const reading = readingOf(probe(0, rng.next() * 300, rng.next() * 300, offsetMs));
    expect(Math.abs(reading.offsetMs - offsetMs)).toBeLessThanOrEqual(reading.uncertaintyMs + 1e-3);
  }
});

test('the probe with the shortest round trip counts', () => {
  const short = probe(100, 4, 4, 500);
  expect(bestProbe([probe(0, 90, 5, 500), short, probe(200, 4, 200, 500)])).toBe(short);
  expect(bestProbe([])).toBeUndefined();
});

test('an offset that drifts is followed, and the truth stays within the uncertainty all the way', () => {
  const filter = new ClockFilter();
  const rng = createRng(3, 'drift');
  const trueOffsetMs = (atMs: number): number => 80 + (atMs / 1000) * 0.3;
  for (let atMs = 0; atMs < 3_600_000; atMs += 10_000) {
    const there = 1 + rng.next() * 20;
    expect(filter.add(readingOf(probe(atMs, there, 1 + rng.next() * 20, trueOffsetMs(atMs + there))))).toBe(
      0,
    );
    for (const laterMs of [50, 5000, 9900]) {
      const nowMs = START_MS + atMs + laterMs;
      const best = filter.best(nowMs);
      if (best === undefined) throw new Error('no reading');
      const errorMs = Math.abs(best.offsetMs - trueOffsetMs(atMs + laterMs));
      expect(errorMs).toBeLessThanOrEqual(uncertaintyAt(best, nowMs) + 1e-3);
      expect(uncertaintyAt(best, nowMs)).toBeLessThan(30);
    }
  }
});

test('a clock that was set is noticed by how much, and what was read before is forgotten', () => {
  const filter = new ClockFilter();
  filter.add(readingOf(probe(0, 2, 2, 100)));
  expect(filter.add(readingOf(probe(10_000, 2, 2, 101)))).toBe(0);
  expect(filter.add(readingOf(probe(20_000, 30, 30, 1100)))).toBeCloseTo(999, 0);
  expect(filter.best(START_MS + 20_000)?.offsetMs).toBe(1100);
  expect(filter.add(readingOf(probe(30_000, 2, 2, 1101)))).toBe(0);
});

test('a clock that shows whole milliseconds is never taken for one that was set', () => {
  const filter = new ClockFilter();
  for (let atMs = 0; atMs < 1_000_000; atMs += 9999.37) {
    const { publisherEpochMs, ...times } = probe(atMs, 0.05, 0.05, 40);
    expect(filter.add(readingOf({ ...times, publisherEpochMs: Math.floor(publisherEpochMs) }))).toBe(0);
  }
});

test('a reading grows uncertain with age by what clocks drift apart', () => {
  const reading = { offsetMs: 0, uncertaintyMs: 2, atEpochMs: START_MS };
  expect(uncertaintyAt(reading, START_MS + 60_000)).toBe(2 + 60 * DRIFT_MS_PER_S);
  expect(uncertaintyAt(reading, START_MS - 60_000)).toBe(2);
});
