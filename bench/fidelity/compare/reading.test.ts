import { expect, test } from 'vitest';
import { story } from '../../../test/support/fidelity-stories.js';
import type { LatencyPoint } from '../story.js';
import { BOUNDS } from './bounds.js';
import { readStory } from './reading.js';

const UNTIL_MS = 15_000;

/** Latency of a picture that stands for 8 s in the middle. */
function latencyAt(atMs: number): number {
  if (atMs < 4000) return 400;
  return atMs < 12_000 ? atMs - 3600 : 7000;
}

function medianOf(latency: readonly LatencyPoint[]): number {
  return readStory(story({ startedMs: 0, playingMs: 0, latency }), BOUNDS, UNTIL_MS).latencyMs as number;
}

test('the median of latency is over time: it does not hang on when somebody looked', () => {
  for (const firstMs of [10, 100, 250, 400, 490]) {
    const latency: LatencyPoint[] = [];
    for (let atMs = firstMs; atMs < UNTIL_MS; atMs += 500) latency.push({ atMs, latencyMs: latencyAt(atMs) });
    // Half of the time it is 3.9 s and less.
    expect(Math.abs(medianOf(latency) - 3900)).toBeLessThan(50);
  }
});

test('of a wait, in which there is no point, no latency is made up', () => {
  const latency = [0, 500, 1000, 12_000, 12_500].map((atMs) => ({
    atMs,
    latencyMs: atMs < 2000 ? 400 : 9000,
  }));
  expect(medianOf(latency)).toBe(400);
});
