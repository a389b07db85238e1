import { Concurrency } from './concurrency.js';
import { type GaugeName, METRICS } from './metrics.js';
import { SeqSet } from './seq-set.js';
import type { Tick } from './tick.js';
import { Timeline } from './timeline.js';
import { type DecodedPart, decodePart, Trend } from './trend.js';

/** What one worker of one box has sent. */
export interface WorkerTotals {
  readonly seqs: SeqSet;
  /** Latest value of each gauge, by sequence number. */
  readonly gauges: Map<string, { seq: number; value: number }>;
  lastToMs: number;
  ended: boolean;
}

/** What one box said of itself. */
export interface BoxTotals {
  ticks: number;
  /** CPU time of its process. */
  cpuMs: number;
  /** Highest resident memory; absent = it did not say. */
  rssBytes?: number;
  /** Longest delay of an event loop, of all its threads; absent = none was measured. */
  worstLoopDelayMs?: number;
}

/**
 * Everything measured so far. Grows with metrics, phases and workers, never with time. Read it through view.ts;
 * add to it only with `addTick`.
 */
export interface Totals {
  /** By tick key; whole stored units. */
  readonly counters: Map<string, number>;
  readonly trends: Map<string, Trend>;
  /** By `box/worker`. */
  readonly workers: Map<string, WorkerTotals>;
  /** By box. */
  readonly boxes: Map<string, BoxTotals>;
  readonly gaugeMax: Map<string, number>;
  readonly concurrency: Concurrency;
  /** What must not drift or dip, by time. */
  readonly timeline: Timeline;
  tickCount: number;
  duplicateCount: number;
  /** Viewers with a picture times time, from the gauge: what their own reports must add up to, about. */
  watchingMs: number;
  /** Viewers on the platform times time, from the gauge: with a picture or without. */
  activeMs: number;
  /** Latest end of any tick. */
  toMs: number;
}

/** Nothing measured yet. */
export function createTotals(): Totals {
  return {
    counters: new Map(),
    trends: new Map(),
    workers: new Map(),
    boxes: new Map(),
    gaugeMax: new Map(),
    concurrency: new Concurrency(),
    timeline: new Timeline(),
    tickCount: 0,
    duplicateCount: 0,
    watchingMs: 0,
    activeMs: 0,
    toMs: 0,
  };
}

/** A tick's histograms by key, unpacked. */
export type DecodedTick = readonly (readonly [string, DecodedPart])[];

/** @throws {ProtocolError} when one of its histograms is damaged */
export function decodeHistograms(tick: Tick): DecodedTick {
  return Object.entries(tick.histograms).map(([key, part]) => [key, decodePart(part)] as const);
}

/**
 * Adds one tick in place. Order does not matter, the same tick twice counts once (and gives false), and any split of
 * the same events over workers and ticks gives the same totals, to the last sample.
 * @throws {ProtocolError} when one of its histograms is damaged; nothing of the tick is added then
 */
export function addTick(totals: Totals, tick: Tick, decoded: DecodedTick = decodeHistograms(tick)): boolean {
  const name = `${tick.box}/${tick.worker}`;
  const worker = workerOf(totals, name);
  if (!worker.seqs.add(tick.seq)) {
    totals.duplicateCount += 1;
    return false;
  }
  totals.tickCount += 1;
  worker.lastToMs = Math.max(worker.lastToMs, tick.toMs);
  if (tick.last === true) worker.ended = true;
  addMeasured(totals, tick, decoded);
  totals.timeline.add(tick, decoded);
  addGauges(totals, worker, name, tick);
  addBox(totals, tick);
  return true;
}

/** Adds the counters and histograms of a tick, whoever it is from and however often it comes. */
export function addMeasured(totals: Totals, tick: Tick, decoded: DecodedTick): void {
  totals.toMs = Math.max(totals.toMs, tick.toMs);
  for (const [key, count] of Object.entries(tick.counters)) {
    totals.counters.set(key, (totals.counters.get(key) ?? 0) + count);
  }
  for (const [key, part] of decoded) {
    const trend = totals.trends.get(key) ?? new Trend();
    trend.addDecoded(part);
    totals.trends.set(key, trend);
  }
}

function workerOf(totals: Totals, name: string): WorkerTotals {
  const known = totals.workers.get(name);
  if (known) return known;
  const worker: WorkerTotals = { seqs: new SeqSet(), gauges: new Map(), lastToMs: 0, ended: false };
  totals.workers.set(name, worker);
  return worker;
}

function addBox(totals: Totals, tick: Tick): void {
  const box = totals.boxes.get(tick.box) ?? { ticks: 0, cpuMs: 0 };
  totals.boxes.set(tick.box, box);
  box.ticks += 1;
  for (const [key, count] of Object.entries(tick.counters)) {
    if (key.startsWith('generator_cpu_ms|')) box.cpuMs += count / 1000;
  }
  const { rss_bytes: rss } = tick.gauges;
  if (rss !== undefined) box.rssBytes = Math.max(rss, box.rssBytes ?? 0);
  for (const [key, part] of Object.entries(tick.histograms)) {
    if (key.startsWith('event_loop_delay_ms|'))
      box.worstLoopDelayMs = Math.max(part.max / 1000, box.worstLoopDelayMs ?? 0);
  }
}

function addGauges(totals: Totals, worker: WorkerTotals, name: string, tick: Tick): void {
  for (const [gauge, value] of Object.entries(tick.gauges)) {
    totals.gaugeMax.set(gauge, Math.max(value, totals.gaugeMax.get(gauge) ?? value));
    const latest = worker.gauges.get(gauge);
    if (latest === undefined || tick.seq > latest.seq) worker.gauges.set(gauge, { seq: tick.seq, value });
  }
  totals.activeMs += Math.round((tick.gauges.vus_active_count ?? 0) * (tick.toMs - tick.fromMs));
  const watching = tick.gauges.vus_watching_count;
  if (watching === undefined) return;
  totals.concurrency.add(name, tick.toMs, watching);
  totals.watchingMs += Math.round(watching * (tick.toMs - tick.fromMs));
}

/**
 * A gauge over all workers as it stands now: summed or the highest, as the metric table says.
 * @param without boxes whose last word is of now no more: nobody hears from them
 */
export function gaugeNow(totals: Totals, name: GaugeName, without?: ReadonlySet<string>): number | undefined {
  let value: number | undefined;
  for (const [key, worker] of totals.workers) {
    if (without?.has(key.slice(0, key.lastIndexOf('/')))) continue;
    const latest = worker.gauges.get(name)?.value;
    if (latest === undefined) continue;
    if (value === undefined) value = latest;
    else value = METRICS[name].across === 'sum' ? value + latest : Math.max(value, latest);
  }
  return value;
}
