import { keyOf, SLOTS } from './slots.js';
import type { HistogramPart, Tick } from './tick.js';
import { encodeTick, MAX_TICK_BYTES } from './tick-codec.js';
import type { Trend } from './trend.js';

/** What one phase has gathered and not yet sent; arrays are indexed by slot. */
export interface PhaseStore {
  readonly phase: string;
  /** Whole stored units. */
  readonly counters: Float64Array;
  readonly trends: (Trend | undefined)[];
  /** Ticks that a trend had to wait for room. */
  readonly waited: Uint16Array;
}

export function createPhaseStore(phase: string): PhaseStore {
  return {
    phase,
    counters: new Float64Array(SLOTS.length),
    trends: new Array<Trend | undefined>(SLOTS.length).fill(undefined),
    waited: new Uint16Array(SLOTS.length),
  };
}

export type TickHead = Pick<Tick, 'v' | 'box' | 'worker' | 'seq' | 'fromMs' | 'toMs' | 'gauges'>;

export interface Packed {
  readonly tick: Tick;
  /** Nothing is left to send. */
  readonly emptied: boolean;
}

/** Room that counters may take; the rest is for histograms. */
const COUNTERS_BYTES = 5000;
/** Numbers and names around the base64 of one histogram, at most. */
const PART_OVERHEAD_BYTES = 130;
/** A trend that waited this long is cut in pieces rather than kept waiting. */
const PATIENCE_TICKS = 2;
const SMALLEST_PART_CHARS = 120;

/**
 * Moves what was gathered into one tick of at most `MAX_TICK_BYTES`. What finds no room stays where it is and
 * goes on gathering: merged later, it is the same to the last sample. Emptied trends go to `pool`.
 */
export function packTick(
  stores: readonly PhaseStore[],
  head: TickHead,
  flush: boolean,
  pool: Trend[],
): Packed {
  const histograms: Record<string, HistogramPart> = {};
  const bare = Buffer.byteLength(encodeTick({ ...head, counters: {}, histograms: {}, last: true }));
  const counted = packCounters(stores, head.seq);
  let room = MAX_TICK_BYTES - bare - counted.bytes;
  let emptied = counted.emptied;
  for (const waiting of waitingTrends(stores)) {
    const { store, slot, trend } = waiting;
    const key = keyOf(waiting.spec, store.phase);
    const chars = room - key.length - PART_OVERHEAD_BYTES;
    const part =
      chars < SMALLEST_PART_CHARS
        ? undefined
        : takePart(trend, chars, flush || waiting.ticks >= PATIENCE_TICKS);
    if (part !== undefined) {
      histograms[key] = part;
      room -= part.v2.length + key.length + PART_OVERHEAD_BYTES;
    }
    if (trend.count > 0) {
      store.waited[slot] = waiting.ticks + 1;
      emptied = false;
      continue;
    }
    store.waited[slot] = 0;
    store.trends[slot] = undefined;
    pool.push(trend);
  }
  return { tick: { ...head, counters: counted.counters, histograms }, emptied };
}

function takePart(trend: Trend, maxChars: number, mayCut: boolean): HistogramPart | undefined {
  if (mayCut) return trend.takePrefix(maxChars);
  const whole = trend.encode();
  if (whole.v2.length > maxChars) return undefined;
  trend.reset();
  return whole;
}

interface WaitingTrend {
  readonly store: PhaseStore;
  readonly slot: number;
  readonly spec: (typeof SLOTS)[number];
  readonly trend: Trend;
  readonly ticks: number;
}

/** Filled trends: those that waited longest first, then the smallest. */
function waitingTrends(stores: readonly PhaseStore[]): WaitingTrend[] {
  const waiting: WaitingTrend[] = [];
  for (const store of stores) {
    SLOTS.forEach((spec, slot) => {
      const trend = store.trends[slot];
      if (trend && trend.count > 0)
        waiting.push({ store, slot, spec, trend, ticks: store.waited[slot] ?? 0 });
    });
  }
  return waiting.sort((a, b) => b.ticks - a.ticks || a.trend.count - b.trend.count);
}

interface PackedCounters {
  readonly counters: Record<string, number>;
  readonly bytes: number;
  readonly emptied: boolean;
}

/** How far one tick's first counter lies behind the last one's: about half of all in a run of three phases. */
const STRIDE = 997;

/** Begins at another counter in each tick, so that with too little room none is left out for good. */
function packCounters(stores: readonly PhaseStore[], seq: number): PackedCounters {
  const counters: Record<string, number> = {};
  let bytes = 0;
  let emptied = true;
  const all = stores.length * SLOTS.length;
  for (let step = 0; step < all; step++) {
    const place = (seq * STRIDE + step) % all;
    const slot = place % SLOTS.length;
    const store = stores[Math.floor(place / SLOTS.length)];
    const value = store?.counters[slot] ?? 0;
    const spec = SLOTS[slot];
    if (store === undefined || spec === undefined || value === 0) continue;
    const key = keyOf(spec, store.phase);
    const entryBytes = key.length + String(value).length + 4;
    if (bytes + entryBytes > COUNTERS_BYTES) {
      emptied = false;
      continue;
    }
    bytes += entryBytes;
    counters[key] = value;
    store.counters[slot] = 0;
  }
  return { counters, bytes, emptied };
}
