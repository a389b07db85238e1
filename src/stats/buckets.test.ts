import fc from 'fast-check';
import hdr from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { bucketOf, highestOf, lowestOf } from './buckets.js';

const HOUR_US = 3_600_000_000;
const histogram = hdr.build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: HOUR_US,
  numberOfSignificantValueDigits: 3,
  useWebAssembly: false,
}) as hdr.JsHistogram;

test('buckets are those of the library, for any value', () => {
  const edges = [0, 1, 2047, 2048, 2049, 4095, 4096, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, HOUR_US];
  const agree = (us: number): void => {
    const bucket = bucketOf(us);
    expect(bucket).toBe(histogram.countsArrayIndex(us));
    expect(lowestOf(bucket)).toBe(histogram.valueFromIndex(bucket));
    expect(highestOf(bucket)).toBe(histogram.highestEquivalentValue(us));
  };
  for (const edge of edges) agree(edge);
  fc.assert(fc.property(fc.integer({ min: 0, max: HOUR_US }), agree), { numRuns: 2000 });
});
