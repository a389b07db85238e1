import { addTick, createTotals, type DecodedTick, decodeHistograms, type Totals } from './merge.js';
import type { MetricName } from './metrics.js';
import type { Tick } from './tick.js';

/** A worker that sends this much later than the others still counts where it belongs. */
const SLACK_MS = 20_000;

export interface SeriesOptions<P> {
  readonly everyMs: number;
  /** Only these are kept of a tick: a long run must not take the memory of all. */
  readonly metrics: readonly MetricName[];
  /** Called once per interval in which any worker ran, oldest first. Run milliseconds. */
  point(totals: Totals, fromMs: number): P;
}

/**
 * What was measured in each interval of a run, from its ticks in the order in which they came. Holds the totals of a
 * few intervals at a time; what is kept of an interval is its point.
 */
export class Series<P> {
  readonly #options: SeriesOptions<P>;
  readonly #metrics: ReadonlySet<string>;
  readonly #open = new Map<number, Totals>();
  readonly #points: P[] = [];
  #settled = -1;
  #newestMs = 0;

  constructor(options: SeriesOptions<P>) {
    this.#options = options;
    this.#metrics = new Set(options.metrics);
  }

  /**
   * `decoded` = the tick's histograms, when somebody has unpacked them already.
   * @throws {ProtocolError} when one of the tick's histograms is damaged
   */
  add(tick: Tick, decoded?: DecodedTick): void {
    const { everyMs } = this.#options;
    const middleMs = (tick.fromMs + tick.toMs) / 2;
    // What comes too late for its own interval counts in the oldest that is open: it is not lost.
    const number = Math.max(this.#settled + 1, Math.floor(middleMs / everyMs));
    const totals = this.#open.get(number) ?? createTotals();
    this.#open.set(number, totals);
    const wanted = {
      ...tick,
      counters: this.#only(tick.counters),
      histograms: this.#only(tick.histograms),
    };
    addTick(totals, wanted, decoded?.filter(([key]) => this.#isWanted(key)) ?? decodeHistograms(wanted));
    this.#newestMs = Math.max(this.#newestMs, tick.toMs);
    this.#settle((this.#newestMs - SLACK_MS) / everyMs - 1);
  }

  /** All points, the intervals that are still open included. */
  finish(): readonly P[] {
    this.#settle(Number.POSITIVE_INFINITY);
    return this.#points;
  }

  #settle(upTo: number): void {
    const done = [...this.#open.keys()].filter((number) => number <= upTo).sort((a, b) => a - b);
    for (const number of done) {
      const totals = this.#open.get(number);
      this.#open.delete(number);
      this.#settled = number;
      if (totals) this.#points.push(this.#options.point(totals, number * this.#options.everyMs));
    }
  }

  #only<T>(values: Readonly<Record<string, T>>): Record<string, T> {
    const kept: Record<string, T> = {};
    for (const [key, value] of Object.entries(values)) {
      if (this.#isWanted(key)) kept[key] = value;
    }
    return kept;
  }

  #isWanted(key: string): boolean {
    return this.#metrics.has(key.slice(0, key.indexOf('|')));
  }
}
