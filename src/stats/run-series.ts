import { addTick, createTotals, type DecodedTick, type Totals } from './merge.js';
import { type GaugeName, METRIC_NAMES, METRICS, type MetricName } from './metrics.js';
import { Series } from './series.js';
import { StretchShelf } from './stretch-shelf.js';
import type { Tick } from './tick.js';

/** Stretches that are held at most; beyond it two become one. */
const MAX_STRETCHES = 480;
/** What a run of the planned length has about. */
const WANTED_STRETCHES = 240;
/** Widths that a reader can count in, s: below the first the ticks of two workers would not meet. */
const WIDTHS_S = [2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];

/** A worker that says nothing for longer is not counted with what it said last. */
const HELD_LEVEL_MS = 5000;

/** Gauges that a stretch has: levels as they stand at its end, the others as they were at worst. */
const GAUGES: readonly GaugeName[] = METRIC_NAMES.filter(
  (name): name is GaugeName => METRICS[name].kind === 'gauge',
);

/** How wide the stretches of a run are that is to last `plannedMs`, ms. */
export function stretchMs(plannedMs: number): number {
  const wantedS = plannedMs / 1000 / WANTED_STRETCHES;
  const widest = WIDTHS_S.at(-1) ?? 1;
  const widthS = WIDTHS_S.find((width) => width >= wantedS) ?? Math.ceil(wantedS / widest) * widest;
  return widthS * 1000;
}

/**
 * A run over time in memory that does not grow with it: one tick per stretch, of all workers together, with the
 * histograms of a stretch merged to one. Fed with the run's ticks in the order in which they came. A run that lasts
 * longer than it was planned for has wider stretches.
 */
export class RunSeries {
  readonly #series: Series<undefined>;
  readonly #levels = new Map<string, Level>();
  readonly #stretches: StretchShelf;
  #lastFromMs: number | undefined;
  #spanMs: number;
  readonly #everyMs: number;
  #seq = 0;
  #toMs = 0;

  /** Only `metrics` are kept: a histogram takes the more memory the more there are. */
  constructor(plannedMs: number, metrics: readonly MetricName[]) {
    this.#everyMs = stretchMs(plannedMs);
    this.#spanMs = this.#everyMs;
    this.#stretches = new StretchShelf(Math.min(MAX_STRETCHES, Math.ceil(plannedMs / this.#everyMs) + 1));
    this.#series = new Series({
      everyMs: this.#everyMs,
      metrics,
      point: (totals, fromMs) => this.#take(totals, fromMs),
    });
  }

  /**
   * `decoded` = the tick's histograms, when somebody has unpacked them already.
   * @throws {ProtocolError} when one of the tick's histograms is damaged
   */
  add(tick: Tick, decoded?: DecodedTick): void {
    this.#toMs = Math.max(this.#toMs, tick.toMs);
    this.#series.add(tick, decoded);
  }

  /** Oldest first; nothing may be added after it. */
  finish(): readonly Tick[] {
    this.#series.finish();
    return this.#stretches.all().map((stretch) => ({
      ...stretch,
      toMs: Math.max(stretch.fromMs, Math.min(stretch.toMs, this.#toMs)),
    }));
  }

  #take(totals: Totals, fromMs: number): undefined {
    const stretch = this.#packed(totals, fromMs, fromMs + this.#everyMs, this.#levelsAt(totals, fromMs));
    // After a thinning a stretch is wider than what the ticks come in.
    const joins = this.#lastFromMs !== undefined && fromMs < this.#lastFromMs + this.#spanMs;
    const last = joins ? this.#stretches.pop() : undefined;
    this.#put(last === undefined ? stretch : this.#joined([last, stretch], last.fromMs));
    if (this.#stretches.length > MAX_STRETCHES) this.#thin();
  }

  #put(stretch: Tick): void {
    this.#stretches.push(stretch);
    this.#lastFromMs = stretch.fromMs;
  }

  /** Two neighbours become one stretch. */
  #thin(): void {
    this.#spanMs *= 2;
    const groups = new Map<number, Tick[]>();
    for (const stretch of this.#stretches.all()) {
      const fromMs = Math.floor(stretch.fromMs / this.#spanMs) * this.#spanMs;
      groups.set(fromMs, [...(groups.get(fromMs) ?? []), stretch]);
    }
    this.#stretches.clear();
    for (const [fromMs, stretches] of groups) this.#put(this.#joined(stretches, fromMs));
  }

  #joined(stretches: readonly Tick[], fromMs: number): Tick {
    const last = stretches.at(-1);
    if (stretches.length === 1 && last !== undefined) return last;
    return this.#packed(totalsOfStretches(stretches), fromMs, last?.toMs ?? fromMs, last?.gauges ?? {});
  }

  #packed(totals: Totals, fromMs: number, toMs: number, levels: Readonly<Record<string, number>>): Tick {
    const gauges: Record<string, number> = {};
    for (const name of GAUGES) {
      const value = METRICS[name].across === 'sum' ? levels[name] : totals.gaugeMax.get(name);
      if (value !== undefined) gauges[name] = value;
    }
    return {
      ...{ v: 1, box: 'series', worker: 0, seq: this.#seq++, fromMs, toMs, gauges },
      counters: Object.fromEntries(totals.counters),
      histograms: Object.fromEntries([...totals.trends].map(([key, trend]) => [key, trend.encode()])),
    };
  }

  /** Sums over workers as they stand at the end of a stretch; one that has just no tick in it counts as it was. */
  #levelsAt(totals: Totals, fromMs: number): Record<string, number> {
    for (const [name, worker] of totals.workers) {
      const gauges = Object.fromEntries([...worker.gauges].map(([gauge, { value }]) => [gauge, value]));
      this.#levels.set(name, { atMs: worker.lastToMs, gauges, ended: worker.ended });
    }
    const sums: Record<string, number> = {};
    for (const [name, level] of this.#levels) {
      if (fromMs - level.atMs > HELD_LEVEL_MS) this.#levels.delete(name);
      else
        for (const [gauge, value] of Object.entries(level.gauges)) sums[gauge] = (sums[gauge] ?? 0) + value;
      if (level.ended) this.#levels.delete(name);
    }
    return sums;
  }
}

interface Level {
  readonly atMs: number;
  readonly gauges: Readonly<Record<string, number>>;
  readonly ended: boolean;
}

/** One or more stretches as totals, to be read like those of a run. */
export function totalsOfStretches(stretches: readonly Tick[]): Totals {
  const totals = createTotals();
  for (const stretch of stretches) addTick(totals, stretch);
  return totals;
}
