import hdr from 'hdr-histogram-js';
import { ProtocolError } from '../errors.js';
import { msToUs } from '../units.js';
import { bucketOf, highestOf, lowestOf } from './buckets.js';
import { type Buckets, readV2 } from './hdr-v2.js';
import { HISTOGRAM_MAX_MS } from './metrics.js';
import type { HistogramPart } from './tick.js';

const { build, encodeIntoCompressedBase64 } = hdr;

const MAX_US = HISTOGRAM_MAX_MS * 1000;
const DIGITS = 3;
const LOWEST_US = 1;
/** Buckets up to the longest span. */
const BUCKETS = bucketOf(MAX_US) + 1;

/** One configuration for every histogram of the project: others would merge silently with loss. */
function buildHistogram(): hdr.JsHistogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: LOWEST_US,
    highestTrackableValue: MAX_US,
    numberOfSignificantValueDigits: DIGITS,
    useWebAssembly: false,
  }) as hdr.JsHistogram;
}

/** What became of one sample. `refused` is a broken probe and must be counted; so must `clamped`. */
export type SampleFate = 'recorded' | 'clamped' | 'refused';

/** Room for samples up to 4 ms; of one that is read only, or holds nothing, there is none. */
const FIRST_ROOM = 4096;
const NO_ROOM = new Uint32Array(0);

/**
 * A distribution of spans: whole microseconds, 0 to one hour, three digits, with exact count, min, max and sum
 * beside. Empty means *no* percentiles: `undefined`, never 0.
 *
 * The counts are kept here and not in the library's histogram, which goes through all of its 24,000 buckets to add
 * two, records NaN and negatives without a word (p99 of 99 good samples falls to 0), and answers 0 for an empty one.
 */
export class Trend {
  #counts: Uint32Array<ArrayBuffer> = NO_ROOM;
  #count = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;
  #sumUs = 0;

  get count(): number {
    return this.#count;
  }

  get minMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#minUs / 1000;
  }

  get maxMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#maxUs / 1000;
  }

  get meanMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#sumUs / this.#count / 1000;
  }

  /** Exact sum of all samples, whole microseconds. */
  get sumUs(): number {
    return this.#sumUs;
  }

  /** Adds a sample in ms. Refuses what is no finite number >= 0; holds what is above an hour as an hour. */
  record(valueMs: number): SampleFate {
    if (typeof valueMs !== 'number' || !Number.isFinite(valueMs) || valueMs < 0) return 'refused';
    const clamped = valueMs > HISTOGRAM_MAX_MS;
    const us = clamped ? MAX_US : msToUs(valueMs);
    this.#put(bucketOf(us), 1);
    this.#merge(1, us, us, us);
    return clamped ? 'clamped' : 'recorded';
  }

  /**
   * Nearest-rank percentile in ms, `percentile` in (0, 100]: at most 0.1 % above the true sample, and never
   * outside the exact extremes. Undefined when empty.
   */
  percentileMs(percentile: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil((percentile / 100) * this.#count));
    const last = bucketOf(this.#maxUs);
    let seen = 0;
    for (let bucket = bucketOf(this.#minUs); bucket < last; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.min(Math.max(highestOf(bucket), this.#minUs), this.#maxUs) / 1000;
    }
    return this.#maxUs / 1000;
  }

  /** How many samples are at most so long, for each of `boundsMs` in rising order; exact to a bucket, 0.1 %. */
  countsUpTo(boundsMs: readonly number[]): number[] {
    const last = this.#count === 0 ? -1 : bucketOf(this.#maxUs);
    let bucket = this.#count === 0 ? 0 : bucketOf(this.#minUs);
    let seen = 0;
    return boundsMs.map((boundMs) => {
      const end = Math.min(last, bucketOf(Math.min(MAX_US, msToUs(boundMs))));
      for (; bucket <= end; bucket++) seen += this.#counts[bucket] as number;
      return seen;
    });
  }

  /** Adds another trend's samples. */
  add(other: Trend): void {
    if (other.#count === 0) return;
    const last = bucketOf(other.#maxUs);
    this.#reserve(last);
    for (let bucket = bucketOf(other.#minUs); bucket <= last; bucket++) {
      const count = other.#counts[bucket] as number;
      if (count > 0) this.#put(bucket, count);
    }
    this.#merge(other.#count, other.#minUs, other.#maxUs, other.#sumUs);
  }

  /** Adds a part that `decodePart` has checked. */
  addDecoded({ part, buckets, counts }: DecodedPart): void {
    this.#reserve(buckets.at(-1) ?? 0);
    for (let i = 0; i < buckets.length; i++) this.#put(buckets[i] as number, counts[i] as number);
    this.#merge(part.count, part.min, part.max, part.sum);
  }

  /** All samples as one part; the trend keeps them. */
  encode(): HistogramPart {
    return {
      v2: encoded(this.#buckets()),
      count: this.#count,
      min: this.#count === 0 ? 0 : this.#minUs,
      max: this.#maxUs,
      sum: this.#sumUs,
    };
  }

  /**
   * Moves as many samples as fit into `maxChars` of base64 out of the trend, lowest values first; undefined when
   * not even one bucket fits. Parts of one trend merge to exactly the trend.
   */
  takePrefix(maxChars: number): HistogramPart | undefined {
    const whole = this.encode();
    if (whole.v2.length <= maxChars) {
      this.reset();
      return whole;
    }
    const buckets = this.#buckets();
    let taken = 0;
    let prefix: string | undefined;
    for (let low = 1, high = buckets.length - 1; low <= high; ) {
      const middle = (low + high) >> 1;
      const v2 = encoded(buckets.slice(0, middle));
      if (v2.length <= maxChars) {
        taken = middle;
        prefix = v2;
        low = middle + 1;
      } else high = middle - 1;
    }
    return prefix === undefined ? undefined : this.#split(buckets, taken, prefix);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
    this.#sumUs = 0;
  }

  /** Room up to this bucket, once for all that follow. */
  #reserve(bucket: number): void {
    if (bucket < this.#counts.length) return;
    let room = Math.max(FIRST_ROOM, this.#counts.length);
    while (room <= bucket) room *= 2;
    const counts = new Uint32Array(Math.min(room, BUCKETS));
    counts.set(this.#counts);
    this.#counts = counts;
  }

  #put(bucket: number, count: number): void {
    this.#reserve(bucket);
    this.#counts[bucket] = (this.#counts[bucket] as number) + count;
  }

  #merge(count: number, minUs: number, maxUs: number, sumUs: number): void {
    this.#count += count;
    this.#sumUs += sumUs;
    if (minUs < this.#minUs) this.#minUs = minUs;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
  }

  /** Filled buckets, lowest first. */
  #buckets(): Bucket[] {
    const buckets: Bucket[] = [];
    for (let bucket = 0, left = this.#count; left > 0 && bucket < this.#counts.length; bucket++) {
      const count = this.#counts[bucket] as number;
      if (count === 0) continue;
      buckets.push({ us: lowestOf(bucket), count });
      left -= count;
    }
    return buckets;
  }

  /** The exact sum stays exact over the parts: the first takes its buckets' lower ends, the rest keeps what is left. */
  #split(buckets: readonly Bucket[], taken: number, v2: string): HistogramPart {
    const first = buckets.slice(0, taken);
    const count = first.reduce((sum, bucket) => sum + bucket.count, 0);
    const lowerSumUs = first.reduce((sum, bucket) => sum + bucket.us * bucket.count, 0);
    const lastUs = first.at(-1)?.us ?? 0;
    const part = { v2, count, min: this.#minUs, max: Math.max(lastUs, this.#minUs), sum: lowerSumUs };
    const rest = { count: this.#count - count, maxUs: this.#maxUs, sumUs: this.#sumUs - lowerSumUs };
    const tail = buckets.slice(taken);
    this.reset();
    for (const { us, count: each } of tail) this.#put(bucketOf(us), each);
    this.#merge(rest.count, tail[0]?.us ?? 0, rest.maxUs, rest.sumUs);
    return part;
  }
}

interface Bucket {
  /** Lower end. */
  readonly us: number;
  readonly count: number;
}

/** What is encoded next; an array of all buckets for each histogram of a tick would be most of the work. */
const SCRATCH = buildHistogram();

function encoded(buckets: readonly Bucket[]): string {
  SCRATCH.reset();
  for (const { us, count } of buckets) SCRATCH.recordValueWithCount(us, count);
  return encodeIntoCompressedBase64(SCRATCH);
}

/** A part whose samples are checked and ready to be added. */
export interface DecodedPart {
  readonly part: HistogramPart;
  /** Numbers of the filled buckets, lowest first; see buckets.ts. */
  readonly buckets: readonly number[];
  /** How many samples each has. */
  readonly counts: readonly number[];
}

/**
 * Decodes and checks a part of a tick.
 * @throws {ProtocolError} when it is damaged or made with another configuration
 */
export function decodePart(part: HistogramPart): DecodedPart {
  const { indices, counts, total } = decode(part.v2);
  if (total !== part.count || part.count === 0) {
    throw new ProtocolError(`histogram holds ${total} samples, its part says ${part.count}`);
  }
  if (lowestOf(indices[0] as number) > part.max || highestOf(indices.at(-1) as number) < part.min) {
    throw new ProtocolError('a histogram whose extremes are not its own');
  }
  return { part, buckets: indices, counts };
}

function decode(v2: string): Buckets {
  let decoded: Buckets;
  try {
    decoded = readV2(v2);
  } catch (cause) {
    throw new ProtocolError('a histogram that cannot be decoded', { cause });
  }
  const { digits, highest, lowest, indices } = decoded;
  if (digits !== DIGITS || highest !== MAX_US || lowest !== LOWEST_US) {
    throw new ProtocolError(`a histogram of another configuration: ${digits} digits up to ${highest}`);
  }
  if ((indices.at(-1) ?? 0) >= BUCKETS) {
    throw new ProtocolError('a histogram with samples beyond its end');
  }
  return decoded;
}
