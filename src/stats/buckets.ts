/**
 * The bucket scale of HdrHistogram for three digits from 1 µs on: 2048 buckets of 1 µs, then for each doubling 1024
 * buckets twice as wide. A bucket's number is its index in the counts of the V2 encoding.
 */

const HALF = 1024;
const HALF_BITS = 10;

/** The bucket of a whole number of microseconds >= 0. */
export function bucketOf(us: number): number {
  if (us < 2 * HALF) return us;
  const doublings = us < 2 ** 31 ? 31 - Math.clz32(us) - HALF_BITS : Math.floor(Math.log2(us)) - HALF_BITS;
  return doublings * HALF + Math.floor(us / 2 ** doublings);
}

/** The lowest value that falls into a bucket, µs. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * HALF) return bucket;
  const doublings = (bucket >> HALF_BITS) - 1;
  return ((bucket & (HALF - 1)) + HALF) * 2 ** doublings;
}

/** The highest value that falls into a bucket, µs. */
export function highestOf(bucket: number): number {
  return lowestOf(bucket + 1) - 1;
}
