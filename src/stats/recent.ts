import type { Protocol } from '../events.js';
import type { DecodedTick } from './merge.js';
import { type CounterName, METRICS, storedPerUnit } from './metrics.js';
import { parseKey } from './slots.js';
import type { Tick } from './tick.js';
import { decodePart, Trend } from './trend.js';

/** Half of the window: what is shown is at least this old at its old end, and at most twice as old. */
const HALF_MS = 5000;

/** Spans whose percentiles are wanted over the last seconds. */
export type RecentSpan =
  | 'latency_ms'
  | 'latency_uncertainty_ms'
  | 'chat_delivery_since_due_ms'
  | 'api_read_since_due_ms'
  | 'api_write_since_due_ms';
const SPANS: ReadonlySet<string> = new Set<RecentSpan>([
  'latency_ms',
  'latency_uncertainty_ms',
  'chat_delivery_since_due_ms',
  'api_read_since_due_ms',
  'api_write_since_due_ms',
]);
const COUNTERS: ReadonlySet<string> = new Set<RecentCounter>([
  'generator_cpu_ms',
  'lagged_viewer_ms',
  'latency_unknown_clock_count',
]);
export type RecentCounter = Extract<
  CounterName,
  'generator_cpu_ms' | 'lagged_viewer_ms' | 'latency_unknown_clock_count'
>;

/** What was measured in 5 s of run time, of the few metrics that are wanted. */
class Half {
  number = -1;
  readonly trends = new Map<string, Trend>();
  readonly counters = new Map<string, number>();
  /** Of processes, by box: what they used, and the time in which they did. */
  readonly cpu = new Map<string, { usedMs: number; spanMs: number }>();
  watchingMs = 0;
  activeMs = 0;

  /** One worker of a process speaks for all of it. */
  addCpu({ box, fromMs, toMs, counters }: Tick): void {
    for (const [key, stored] of Object.entries(counters)) {
      if (nameOf(key) !== 'generator_cpu_ms') continue;
      const { usedMs, spanMs } = this.cpu.get(box) ?? { usedMs: 0, spanMs: 0 };
      const more = stored / storedPerUnit(METRICS.generator_cpu_ms.unit);
      this.cpu.set(box, { usedMs: usedMs + more, spanMs: spanMs + toMs - fromMs });
    }
  }

  restart(number: number): void {
    this.number = number;
    for (const trend of this.trends.values()) trend.reset();
    this.counters.clear();
    this.cpu.clear();
    this.watchingMs = 0;
    this.activeMs = 0;
  }
}

/**
 * The last 5 to 10 s of a run, for those who look on while it goes: two halves that take turns, so that the memory
 * is that of a few histograms whatever the load and length of the run.
 */
export class RecentWindow {
  #now = new Half();
  #before = new Half();

  /**
   * `decoded` = the tick's histograms, when somebody has unpacked them already.
   * @throws {ProtocolError} when one of the tick's histograms is damaged
   */
  add(tick: Tick, decoded: DecodedTick = decodedSpans(tick)): void {
    const half = this.#halfOf(Math.floor(tick.toMs / HALF_MS));
    if (half === undefined) return;
    for (const [key, part] of decoded) {
      if (!SPANS.has(nameOf(key))) continue;
      const slot = parseKey(key);
      if (slot === undefined) continue;
      const place = `${slot.metric}|${slot.protocol}`;
      const trend = half.trends.get(place) ?? new Trend();
      trend.addDecoded(part);
      half.trends.set(place, trend);
    }
    for (const [key, count] of Object.entries(tick.counters)) {
      const name = nameOf(key);
      if (COUNTERS.has(name)) half.counters.set(name, (half.counters.get(name) ?? 0) + count);
    }
    half.addCpu(tick);
    half.watchingMs += (tick.gauges.vus_watching_count ?? 0) * (tick.toMs - tick.fromMs);
    half.activeMs += (tick.gauges.vus_active_count ?? 0) * (tick.toMs - tick.fromMs);
  }

  /** 95th percentile in ms; undefined when there was nothing. `-` is the protocol of what has none. */
  p95Ms(span: RecentSpan, protocol: Protocol | '-'): number | undefined {
    return this.#spread(span, protocol).percentileMs(95);
  }

  /** The longest in ms; undefined when there was nothing. */
  maxMs(span: RecentSpan, protocol: Protocol | '-'): number | undefined {
    return this.#spread(span, protocol).maxMs;
  }

  #spread(span: RecentSpan, protocol: Protocol | '-'): Trend {
    const merged = new Trend();
    for (const half of [this.#before, this.#now]) {
      const trend = half.trends.get(`${span}|${protocol}`);
      if (trend) merged.add(trend);
    }
    return merged;
  }

  /** Sum of a counter, in the unit of its name. */
  count(name: RecentCounter): number {
    const stored = (this.#before.counters.get(name) ?? 0) + (this.#now.counters.get(name) ?? 0);
    return stored / storedPerUnit(METRICS[name].unit);
  }

  /** Cores that a box's process kept busy; undefined = it did not say. */
  cpuCores(box: string): number | undefined {
    const parts = [this.#before, this.#now].flatMap((half) => half.cpu.get(box) ?? []);
    const spanMs = parts.reduce((sum, part) => sum + part.spanMs, 0);
    return spanMs > 0 ? parts.reduce((sum, part) => sum + part.usedMs, 0) / spanMs : undefined;
  }

  /** Viewers with a picture times time, ms. */
  get watchingMs(): number {
    return this.#before.watchingMs + this.#now.watchingMs;
  }

  /** Viewers on the platform times time, ms. */
  get activeMs(): number {
    return this.#before.activeMs + this.#now.activeMs;
  }

  /** The half that a tick belongs to; undefined for a tick that came too late for both. */
  #halfOf(number: number): Half | undefined {
    if (number > this.#now.number) {
      [this.#before, this.#now] = [this.#now, this.#before];
      if (this.#before.number !== number - 1) this.#before.restart(number - 1);
      this.#now.restart(number);
    }
    if (number === this.#now.number) return this.#now;
    return number === this.#before.number ? this.#before : undefined;
  }
}

function nameOf(key: string): string {
  return key.slice(0, key.indexOf('|'));
}

/** Those that are wanted alone: to unpack one is most of the work. */
function decodedSpans({ histograms }: Tick): DecodedTick {
  return Object.entries(histograms).flatMap(([key, part]) =>
    SPANS.has(nameOf(key)) ? [[key, decodePart(part)] as const] : [],
  );
}
