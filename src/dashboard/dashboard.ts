import type { SystemLine } from '../collect/line.js';
import { MIN_RATE_SPAN_MS } from '../collect/reading.js';
import { createView } from '../stats/view.js';
import { AlertList } from './alert-log.js';
import { boxesState } from './box-rows.js';
import { trendValues } from './charts.js';
import { GateSoFar } from './gate-so-far.js';
import type { Glance } from './glance.js';
import { panelsOf, whyNoLine } from './panels.js';
import { RateWindow } from './rates.js';
import type { AlertEntry, Containers, DashboardState } from './state.js';
import { containersOf, gapsOf } from './system-values.js';
import { Tones } from './tones.js';
import { type TrendColumns, type TrendPoint, TrendRing } from './trends.js';

/** Everything that a page needs to begin. */
export interface Snapshot {
  readonly state: DashboardState;
  readonly trends: TrendColumns;
  readonly trendSpanMs: number;
}

/** What has come since. */
export interface Update {
  readonly state: DashboardState;
  /** Absent = too soon for another point. */
  readonly point?: TrendPoint;
}

/** The last five minutes, a point every two seconds (strategy 3.8). */
export const LIVE_TRENDS = { spanMs: 300_000, everyMs: 2000 } as const;
/** Gauges that are shown; the page would be of containers alone. */
const MAX_CONTAINERS = 24;
/** A line older than so many intervals tells nothing of now. */
const STALE_INTERVALS = 2.5;
const USUAL_INTERVAL_MS = 5000;

export interface DashboardOptions {
  readonly trends?: { readonly spanMs: number; readonly everyMs: number };
  /** Any clock, ms: for what judging costs. */
  nowMs(): number;
  /** As the alerts of this run are watched; absent = as the strategy has them. */
  readonly tones?: Tones;
}

/** Makes what the page shows out of looks at a run, lines of the platform and alerts. Nothing in it grows with time. */
export class Dashboard {
  readonly #trends: TrendRing;
  readonly #rates = new RateWindow();
  readonly #gate: GateSoFar;
  readonly #alerts = new AlertList();
  readonly #tones: Tones;
  #line: { readonly line: SystemLine; readonly atMs: number } | undefined;
  #glance: Glance | undefined;
  #state: DashboardState | undefined;

  constructor({ trends = LIVE_TRENDS, nowMs, tones = new Tones() }: DashboardOptions) {
    this.#tones = tones;
    this.#trends = new TrendRing(trends);
    this.#gate = new GateSoFar(nowMs);
  }

  /** A line of the platform; `atMs` is the run time it came at. */
  takeLine(line: SystemLine, atMs: number): void {
    // The last line of a run may come a moment after the one before: it has no rates, and would take them away.
    if (this.#line !== undefined && (line.interval_ms ?? Infinity) < MIN_RATE_SPAN_MS) return;
    this.#line = { line, atMs };
  }

  takeAlert(entry: AlertEntry): void {
    this.#alerts.put(entry);
  }

  /** The newest look; absent before the first one. */
  get glance(): Glance | undefined {
    return this.#glance;
  }

  look(glance: Glance): Update {
    this.#glance = glance;
    const { live, totals, recent } = glance;
    const atMs = live.elapsedMs;
    const rates = this.#rates.look(atMs, createView(totals));
    const isOver = glance.status.kind === 'ended';
    const boxes = boxesState(live.boxes);
    const line = this.#freshLine(atMs, isOver);
    const lastAgoMs = this.#line && atMs - this.#line.atMs;
    this.#state = {
      v: 1,
      run: glance.run,
      status: glance.status,
      ...{ atMs, totalMs: live.totalMs, phase: live.phase },
      phases: glance.phases,
      marks: glance.marks,
      containers: containersState(line, whyNoLine(lastAgoMs), this.#tones),
      panels: panelsOf({
        ...{ live, totals, recent, rates, line, isOver },
        ...{ whyNoLine: whyNoLine(lastAgoMs), tones: this.#tones },
      }),
      ...(boxes === undefined ? {} : { boxes }),
      gaps: gapsOf(line),
      alerts: this.#alerts.state(this.#line !== undefined),
      gate: this.#gate.at(atMs, () => glance.judge(), isOver),
    };
    const apiP95Ms = recent.p95Ms('api_read_since_due_ms', '-');
    const values = trendValues({ live, totals, callsPerS: rates?.callsPerS, apiP95Ms, line });
    const point = this.#trends.add(atMs, values);
    return { state: this.#state, ...(point === undefined ? {} : { point }) };
  }

  /** Absent before the first look. */
  snapshot(): Snapshot | undefined {
    if (this.#state === undefined) return undefined;
    return { state: this.#state, trends: this.#trends.columns(), trendSpanMs: this.#trends.spanMs };
  }

  /** What is older than it may be is not shown as of now; of a run that ended the last one stands. */
  #freshLine(atMs: number, isOver: boolean): SystemLine | undefined {
    if (this.#line === undefined) return undefined;
    const { line, atMs: fromMs } = this.#line;
    const mostMs = STALE_INTERVALS * Math.max(line.interval_ms ?? USUAL_INTERVAL_MS, 1000);
    return isOver || atMs - fromMs <= mostMs ? line : undefined;
  }
}

function containersState(line: SystemLine | undefined, why: string, tones: Tones): Containers {
  const all = containersOf(line);
  const note =
    line === undefined ? why : all.length === 0 ? 'The collector names no container or process.' : undefined;
  return {
    list: all.slice(0, MAX_CONTAINERS),
    cpuLimitPct: tones.bound('container-cpu') ?? null,
    memLimitPct: tones.bound('container-memory') ?? null,
    more: Math.max(0, all.length - MAX_CONTAINERS),
    ...(note === undefined ? {} : { note }),
  };
}
