import { lowestOf } from './buckets.js';
import { CoarseSpread } from './coarse-spread.js';
import type { DecodedTick } from './merge.js';
import type { CounterName, HistogramName } from './metrics.js';
import type { Tick } from './tick.js';

/** The finest stretch of time that is kept apart, ms. */
export const FINEST_MS = 10_000;
/** When there are more stretches, each two become one: the memory is that of so many, however long the run. */
const MAX_BUCKETS = 256;

/** Figures of which the lowest at any time is kept: what must be there all the time. */
export type Level = 'vus_watching_count' | 'connections_open_count' | 'sessions_open_count';
const LEVELS: readonly Level[] = ['vus_watching_count', 'connections_open_count', 'sessions_open_count'];
/** Counters that are kept by time, all phases and labels of one protocol together. */
export type TimedCounter = Extract<
  CounterName,
  'rebuffer_count' | 'tainted_rebuffer_count' | 'played_ms' | 'stalled_ms'
>;
const COUNTERS: ReadonlySet<string> = new Set<TimedCounter>([
  'rebuffer_count',
  'tainted_rebuffer_count',
  'played_ms',
  'stalled_ms',
]);
/** Spans that are kept by time, coarsely. */
export type TimedSpan = Extract<HistogramName, 'latency_ms' | 'api_read_since_due_ms'>;
const SPANS: ReadonlySet<string> = new Set<TimedSpan>(['latency_ms', 'api_read_since_due_ms']);

/** One stretch of a run, `[fromMs, toMs)`. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** Sum over the workers of the lowest of each; undefined where a worker said nothing. Of `gone` boxes silence is 0. */
  lowest(level: Level, gone?: ReadonlySet<string>): number | undefined;
  /** In whole stored units. */
  count(counter: TimedCounter): number;
  /** `-` is the protocol of what has none. */
  spread(span: TimedSpan, protocol: 'hls' | 'flv' | '-'): CoarseSpread | undefined;
  /** Highest resident memory of the generator; undefined where it was not measured. */
  readonly rssBytes: number | undefined;
}

interface Bucket {
  readonly lowest: Map<string, number>;
  readonly counters: Map<string, number>;
  readonly spreads: Map<string, CoarseSpread>;
  rssBytes: number | undefined;
}

/**
 * A few figures of a run by time, for what must not drift or dip: a bounded number of stretches of equal length, twice
 * as long whenever there would be too many. Ticks may come in any order; the same ticks give the same stretches.
 */
export class Timeline {
  #everyMs = FINEST_MS;
  #buckets = new Map<number, Bucket>();
  readonly #workers = new Set<string>();

  /** `decoded` = the tick's histograms by key. */
  add(tick: Tick, decoded: DecodedTick): void {
    const bucket = this.#at((tick.fromMs + tick.toMs) / 2);
    const worker = `${tick.box}/${tick.worker}`;
    for (const level of LEVELS) {
      const value = tick.gauges[level];
      if (value === undefined) continue;
      this.#workers.add(worker);
      const place = `${level}|${worker}`;
      bucket.lowest.set(place, Math.min(value, bucket.lowest.get(place) ?? value));
    }
    const rss = tick.gauges.rss_bytes;
    if (rss !== undefined) bucket.rssBytes = Math.max(rss, bucket.rssBytes ?? rss);
    for (const [key, count] of Object.entries(tick.counters)) {
      const name = key.slice(0, key.indexOf('|'));
      if (COUNTERS.has(name)) bucket.counters.set(name, (bucket.counters.get(name) ?? 0) + count);
    }
    for (const [key, part] of decoded) {
      const [name = '', , protocol = ''] = key.split('|', 3);
      if (!SPANS.has(name)) continue;
      const place = `${name}|${protocol}`;
      const spread = bucket.spreads.get(place) ?? new CoarseSpread();
      bucket.spreads.set(place, spread);
      part.buckets.forEach((number, i) => {
        spread.add(lowestOf(number), part.counts[i] ?? 0);
      });
    }
  }

  /** All stretches in which anything was measured, oldest first. */
  stretches(): Stretch[] {
    return [...this.#buckets]
      .sort(([a], [b]) => a - b)
      .map(([number, bucket]) => this.#stretch(number, bucket));
  }

  #stretch(number: number, bucket: Bucket): Stretch {
    return {
      fromMs: number * this.#everyMs,
      toMs: (number + 1) * this.#everyMs,
      rssBytes: bucket.rssBytes,
      lowest: (level, gone) => {
        let sum = 0;
        for (const worker of this.#workers) {
          const value = bucket.lowest.get(`${level}|${worker}`);
          if (value === undefined && gone?.has(worker.slice(0, worker.lastIndexOf('/')))) continue;
          if (value === undefined) return undefined;
          sum += value;
        }
        return this.#workers.size === 0 ? undefined : sum;
      },
      count: (counter) => bucket.counters.get(counter) ?? 0,
      spread: (span, protocol) => bucket.spreads.get(`${span}|${protocol}`),
    };
  }

  #at(atMs: number): Bucket {
    const number = Math.max(0, Math.floor(atMs / this.#everyMs));
    const known = this.#buckets.get(number);
    if (known !== undefined) return known;
    const bucket = emptyBucket();
    this.#buckets.set(number, bucket);
    if (this.#buckets.size <= MAX_BUCKETS) return bucket;
    this.#halve();
    return this.#at(atMs);
  }

  /** Each two neighbours become one. */
  #halve(): void {
    const merged = new Map<number, Bucket>();
    for (const [number, bucket] of this.#buckets) {
      const half = Math.floor(number / 2);
      const into = merged.get(half);
      if (into === undefined) merged.set(half, bucket);
      else mergeInto(into, bucket);
    }
    this.#buckets = merged;
    this.#everyMs *= 2;
  }
}

function emptyBucket(): Bucket {
  return { lowest: new Map(), counters: new Map(), spreads: new Map(), rssBytes: undefined };
}

function mergeInto(into: Bucket, from: Bucket): void {
  for (const [place, value] of from.lowest)
    into.lowest.set(place, Math.min(value, into.lowest.get(place) ?? value));
  for (const [name, count] of from.counters) into.counters.set(name, (into.counters.get(name) ?? 0) + count);
  for (const [place, spread] of from.spreads) {
    const known = into.spreads.get(place);
    if (known === undefined) into.spreads.set(place, spread);
    else known.addAll(spread);
  }
  if (from.rssBytes !== undefined) into.rssBytes = Math.max(from.rssBytes, into.rssBytes ?? 0);
}
