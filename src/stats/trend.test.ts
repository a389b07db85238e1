import fc from 'fast-check';
import hdr from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../errors.js';
import { decodePart, Trend } from './trend.js';

const samplesMs = fc.array(
  fc.integer({ min: 0, max: 3_600_000_000 }).map((us) => us / 1000),
  {
    minLength: 1,
    maxLength: 200,
  },
);

function trendOf(values: readonly number[]): Trend {
  const trend = new Trend();
  for (const value of values) trend.record(value);
  return trend;
}

/** Nearest rank, the plain definition. */
function nearestRank(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percentile / 100) * sorted.length) - 1] as number;
}

function facts(trend: Trend): unknown {
  return {
    count: trend.count,
    sumUs: trend.sumUs,
    minMs: trend.minMs,
    maxMs: trend.maxMs,
    percentiles: [1, 25, 50, 75, 90, 95, 99, 99.9, 100].map((p) => trend.percentileMs(p)),
  };
}

describe('Trend', () => {
  test('an empty trend has no percentiles, no extremes and no mean', () => {
    expect(facts(new Trend())).toEqual({
      count: 0,
      sumUs: 0,
      minMs: undefined,
      maxMs: undefined,
      percentiles: Array(9).fill(undefined),
    });
    expect(new Trend().meanMs).toBeUndefined();
  });

  test.each([Number.NaN, -0.001, Number.POSITIVE_INFINITY, undefined, null, '5'])(
    '%s is refused and moves nothing',
    (bad) => {
      const trend = trendOf(Array.from({ length: 99 }, (_, i) => i * 10 + 10));
      const before = facts(trend);
      expect(trend.record(bad as number)).toBe('refused');
      expect(facts(trend)).toEqual(before);
      expect(trend.percentileMs(99)).toBeGreaterThan(900);
    },
  );

  test('a sample above an hour is held as an hour and said', () => {
    const trend = new Trend();
    expect(trend.record(1e300)).toBe('clamped');
    expect(trend.record(3_600_000)).toBe('recorded');
    expect(trend.percentileMs(100)).toBe(3_600_000);
  });

  test('a bound that every sample meets exactly is met by the percentile', () => {
    expect(trendOf([3000, 3000, 3000]).percentileMs(95)).toBe(3000);
  });

  test('percentiles are those of a sorted array, at most 0.1 % above', () => {
    fc.assert(
      fc.property(samplesMs, fc.constantFrom(50, 95, 99, 100), (values, percentile) => {
        const truth = nearestRank(values, percentile);
        const seen = trendOf(values).percentileMs(percentile) as number;
        expect(seen).toBeGreaterThanOrEqual(truth);
        expect(seen).toBeLessThanOrEqual(truth * 1.001 + 0.001);
      }),
    );
  });

  test('count, sum and extremes are exact', () => {
    fc.assert(
      fc.property(samplesMs, (values) => {
        const trend = trendOf(values);
        const us = values.map((ms) => Math.round(ms * 1000));
        expect(trend.count).toBe(values.length);
        expect(trend.sumUs).toBe(us.reduce((a, b) => a + b, 0));
        expect([trend.minMs, trend.maxMs]).toEqual([Math.min(...us) / 1000, Math.max(...us) / 1000]);
      }),
    );
  });

  test('encoding, decoding and adding anywhere equals recording in one place', () => {
    fc.assert(
      fc.property(fc.array(samplesMs, { minLength: 1, maxLength: 5 }), (groups) => {
        const merged = new Trend();
        for (const group of groups) merged.addDecoded(decodePart(trendOf(group).encode()));
        expect(facts(merged)).toEqual(facts(trendOf(groups.flat())));
      }),
    );
  });

  test('a trend cut into parts that fit merges to exactly the trend', () => {
    fc.assert(
      fc.property(samplesMs, fc.integer({ min: 80, max: 300 }), (values, maxChars) => {
        const trend = trendOf(values);
        const merged = new Trend();
        for (let part = trend.takePrefix(maxChars); part; part = trend.takePrefix(maxChars)) {
          expect(part.v2.length).toBeLessThanOrEqual(maxChars);
          merged.addDecoded(decodePart(part));
          if (trend.count === 0) break;
        }
        expect(trend.count).toBe(0);
        expect(facts(merged)).toEqual(facts(trendOf(values)));
      }),
    );
  });

  test('a part for which there is no room stays in the trend', () => {
    const trend = trendOf([1, 2, 3]);
    expect(trend.takePrefix(10)).toBeUndefined();
    expect(trend.count).toBe(3);
  });

  test('an emptied trend is as good as new', () => {
    const trend = trendOf([9, 9000]);
    trend.reset();
    trend.record(5);
    expect(facts(trend)).toEqual(facts(trendOf([5])));
  });

  test.each([
    ['not base64', '!!!'],
    ['something else', Buffer.from('hello hello hello').toString('base64')],
    ['nothing', ''],
  ])('a part that is %s is refused', (_, v2) => {
    expect(() => decodePart({ v2, count: 1, min: 1, max: 1, sum: 1 })).toThrow(ProtocolError);
  });

  test('a part whose count is not what it holds is refused', () => {
    const part = trendOf([1, 2]).encode();
    expect(() => decodePart({ ...part, count: 3 })).toThrow(/holds 2 samples/);
  });

  test('a histogram of another configuration is refused: merging it would lose digits', () => {
    const other = hdr.build({ numberOfSignificantValueDigits: 2, highestTrackableValue: 3_600_000_000 });
    other.recordValue(1000);
    const v2 = hdr.encodeIntoCompressedBase64(other);
    expect(() => decodePart({ v2, count: 1, min: 1000, max: 1000, sum: 1000 })).toThrow(/configuration/);
  });
});
