import type { Protocol, ReportedEvent, ViewerEvent } from '../events.js';
import { type FeedSink, feed } from './feeds.js';
import { FirstListings } from './first-listings.js';
import { type LagLog, taintOf } from './lag.js';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRICS,
  type OwnCounterName,
  type OwnGaugeName,
  type OwnHistogramName,
  storedPerUnit,
} from './metrics.js';
import { isPhaseName, OTHER_PHASE, slotOf } from './slots.js';
import type { Tick } from './tick.js';
import { createPhaseStore, type PhaseStore, packTick } from './tick-packer.js';
import { Trend } from './trend.js';

export interface RecorderOptions {
  /** Phase name for an instant in run ms; from the plan. */
  readonly phaseAt: (atMs: number) => string;
  readonly lag: LagLog;
  /** Name of the load box, `local` for one machine. */
  readonly box: string;
  readonly worker: number;
}

/** Turns the events of one worker's viewers into counters and histograms; one per worker. Never throws. */
export interface Recorder {
  on(reported: ReportedEvent): void;
  /** A value of this worker as it stands now; repeated in every tick until set anew. */
  gauge(name: OwnGaugeName, value: number): void;
  /** Adds to a counter of the generator itself, in the unit of its name. CPU is the whole process's: one worker reports it. */
  count(name: OwnCounterName, value: number, atMs: number): void;
  /** Adds a sample (ms) to a histogram of the generator itself, e.g. event-loop delay. */
  observe(name: OwnHistogramName, valueMs: number, atMs: number): void;
  /**
   * Ends the interval at `nowMs`. One tick normally; with `last`, as many as it takes to flush everything, the
   * final one marked `last`. Each is at most 8192 bytes as JSON.
   */
  takeTick(nowMs: number, last?: boolean): Tick[];
}

/** Phases of one run that are kept apart; a plan has fewer, and so has an escalation that finds its steps as it goes. */
const MAX_PHASES = 128;
/** Our own lag is known only after it; a rebuffer waits this long for its verdict. */
const TAINT_DELAY_MS = 250;
const MAX_PENDING = 10_000;
/** A flush that needs more ticks than this is a fault of ours. */
const MAX_FLUSH_TICKS = 10_000;

interface PendingRebuffer {
  readonly phase: PhaseStore;
  readonly protocol: Protocol | undefined;
  readonly startedAtMs: number;
  readonly durationMs: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  return new EventRecorder(options);
}

class EventRecorder implements Recorder, FeedSink {
  readonly #options: RecorderOptions;
  readonly #stores = new Map<string, PhaseStore>();
  readonly #gauges: Record<string, number> = {};
  readonly #pool: Trend[] = [];
  readonly #loopDelay = new Trend();
  #pending: PendingRebuffer[] = [];
  readonly #listings = new FirstListings<PhaseStore>();
  #seq = 0;
  #fromMs = 0;
  /** Of the event that is being fed. */
  #phase: PhaseStore;
  #protocol: Protocol | undefined;
  #joinProtocol: Protocol | undefined;
  #atMs = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#phase = this.#storeAt(0);
  }

  on({ event, joinProtocol }: ReportedEvent): void {
    this.#phase = this.#storeAt(phaseInstant(event));
    this.#atMs = event.atMs;
    this.#protocol = 'protocol' in event ? event.protocol : undefined;
    this.#joinProtocol = joinProtocol;
    if (!feed(event, this)) this.add('unknown_event_count', 1);
  }

  add(metric: CounterName, value: number, label?: string): void {
    const stored = Math.round(value * storedPerUnit(METRICS[metric].unit));
    if (!Number.isSafeInteger(stored) || stored < 0) {
      this.#broken('refused_sample_count', metric);
      return;
    }
    this.#bump(metric, stored, label);
  }

  sample(metric: HistogramName, valueMs: number, label?: string): void {
    const slot = this.#slot(metric, label);
    if (slot < 0) return;
    let trend = this.#phase.trends[slot];
    if (trend === undefined) {
      trend = this.#pool.pop() ?? new Trend();
      this.#phase.trends[slot] = trend;
    }
    const fate = trend.record(valueMs);
    if (fate === 'refused') this.#broken('refused_sample_count', metric);
    else if (fate === 'clamped') this.#broken('clamped_sample_count', metric);
  }

  gauge(name: GaugeName, value: number): void {
    if (Number.isFinite(value)) this.#gauges[name] = value;
    else this.#broken('refused_sample_count', name);
  }

  listed(captureEpochMs: number, afterMs: number): void {
    const protocol = this.#protocol;
    if (protocol === undefined) return;
    this.#listings.add({ captureEpochMs, afterMs, phase: this.#phase, protocol, atMs: this.#atMs });
  }

  rebufferEnded(startedAtMs: number, durationMs: number): void {
    this.#pending.push({ phase: this.#phase, protocol: this.#protocol, startedAtMs, durationMs });
    if (this.#pending.length > MAX_PENDING) this.#settleTaint(Number.POSITIVE_INFINITY);
  }

  count(name: OwnCounterName, value: number, atMs: number): void {
    this.#phase = this.#storeAt(atMs);
    this.add(name, value);
  }

  observe(name: OwnHistogramName, valueMs: number, atMs: number): void {
    this.#phase = this.#storeAt(atMs);
    this.sample(name, valueMs);
    if (name === 'event_loop_delay_ms') this.#loopDelay.record(valueMs);
  }

  takeTick(nowMs: number, last = false): Tick[] {
    this.#settleTaint(last ? Number.POSITIVE_INFINITY : nowMs - TAINT_DELAY_MS);
    this.#settleListings(nowMs, last);
    const delayMs = this.#loopDelay.percentileMs(99);
    this.#loopDelay.reset();
    const gauges = {
      ...this.#gauges,
      ...(delayMs === undefined ? {} : { event_loop_delay_p99_ms: delayMs }),
    };
    const ticks: Tick[] = [];
    let fromMs = Math.min(this.#fromMs, nowMs);
    for (let left = MAX_FLUSH_TICKS; left > 0; left--) {
      const { box, worker } = this.#options;
      const head = { v: 1, box, worker, seq: this.#seq++, fromMs, toMs: nowMs } as const;
      const own = ticks.length === 0 ? gauges : {};
      const packed = packTick([...this.#stores.values()], { ...head, gauges: own }, last, this.#pool);
      const final = last && packed.emptied;
      ticks.push(final ? { ...packed.tick, last: true } : packed.tick);
      fromMs = nowMs;
      if (!last || final) break;
    }
    this.#fromMs = nowMs;
    return ticks;
  }

  #broken(metric: 'refused_sample_count' | 'clamped_sample_count', of: string): void {
    this.#bump(metric, 1, of);
  }

  #bump(metric: CounterName, stored: number, label?: string): void {
    const slot = this.#slot(metric, label);
    if (slot >= 0) this.#phase.counters[slot] = (this.#phase.counters[slot] ?? 0) + stored;
  }

  /** -1 when the event names no protocol for a metric that needs one: our own fault, counted. */
  #slot(metric: CounterName | HistogramName, label?: string): number {
    const protocol = METRICS[metric].by === 'join' ? this.#joinProtocol : this.#protocol;
    const slot = slotOf(metric, protocol, label);
    if (slot < 0) this.#bump('unknown_event_count', 1);
    return slot;
  }

  #settleListings(nowMs: number, last: boolean): void {
    for (const { phase, protocol, afterMs } of this.#listings.take(nowMs, last)) {
      this.#phase = phase;
      this.#protocol = protocol;
      this.sample('segment_listing_ms', afterMs);
    }
  }

  /** Rebuffers that ended before `beforeMs` are judged against the lag that is known by now. */
  #settleTaint(beforeMs: number): void {
    const waiting: PendingRebuffer[] = [];
    for (const rebuffer of this.#pending) {
      if (rebuffer.startedAtMs + rebuffer.durationMs >= beforeMs) {
        waiting.push(rebuffer);
        continue;
      }
      const { doubtful, doubtMs } = taintOf(this.#options.lag, rebuffer.startedAtMs, rebuffer.durationMs);
      this.#phase = rebuffer.phase;
      this.#protocol = rebuffer.protocol;
      if (doubtful) this.add('tainted_rebuffer_count', 1);
      if (doubtMs > 0) this.add('tainted_viewer_ms', doubtMs);
    }
    this.#pending = waiting;
  }

  #storeAt(atMs: number): PhaseStore {
    const name = this.#options.phaseAt(atMs);
    const known = this.#stores.get(name);
    if (known) return known;
    const usable = isPhaseName(name) && this.#stores.size < MAX_PHASES - 1 ? name : OTHER_PHASE;
    const store = this.#stores.get(usable) ?? createPhaseStore(usable);
    this.#stores.set(usable, store);
    return store;
  }
}

/** Something with a start counts where it started, so that its begin and its end meet in one phase. */
function phaseInstant(event: ViewerEvent): number {
  if (event.phaseAtMs !== undefined) return event.phaseAtMs;
  if ('sinceStartMs' in event) return event.atMs - event.sinceStartMs;
  return 'startedAtMs' in event ? event.startedAtMs : event.atMs;
}
