import { formatClock } from '../report/figures.js';
import {
  changePlan,
  MAX_PAUSE_MS,
  type PlanChange,
  paused,
  resumed,
  type Segment,
  scaled,
} from '../scenarios/live-plan.js';
import { type Plan, phaseAt } from '../scenarios/plan.js';
import type { LifecycleEvent } from './lifecycle.js';
import type { ChangedPlan, PlanChanged } from './plan-changed.js';

/** From an order to the instant at which it holds: every thread has it by then. */
const LEAD_MS = 300;
/** What is ordered this close to the end comes too late for all threads to hear it. */
const TOO_LATE_MS = 1000;
/** Each change costs every thread a little memory. */
const MAX_CHANGES = 500;
/** Viewers that come or go in a second when the number is changed, unless the profile says. */
const CHANGES_PER_S = 20;

export interface RunPlanDeps {
  readonly plan: Plan;
  /** Viewers that this run has threads and accounts for. */
  readonly maxVus: number;
  /** Limit of the profile. */
  readonly changesPerS?: number | undefined;
  /** Run time. */
  nowMs(): number;
  /** Tells all threads. */
  send(change: PlanChange): void;
  note(event: LifecycleEvent): void;
  /** What of a changed plan a verdict needs. */
  describe(plan: Plan): ChangedPlan;
}

/** Where a running plan stands. */
export interface PlanState {
  /** Empty before and after the plan. */
  readonly phase: string;
  /** When it will be over; while it is paused, if it were resumed now. */
  readonly totalMs: number;
  /** Viewers that are to be there. */
  readonly wanted: number;
  readonly isPaused: boolean;
}

/** What became of an order: done, in words, or why not. */
export type Ordered = { readonly done: string } | { readonly refused: string };

/** The plan of a running run, and how it is changed: one change at a time, the same on all threads. */
export class RunPlan {
  readonly #deps: RunPlanDeps;
  #plan: Plan;
  #pauseEndMs: number | undefined;
  #changes = 0;

  constructor(deps: RunPlanDeps) {
    this.#deps = deps;
    this.#plan = deps.plan;
  }

  get plan(): Plan {
    return this.#plan;
  }

  get isPaused(): boolean {
    return this.#pauseEndMs !== undefined && this.#deps.nowMs() < this.#pauseEndMs;
  }

  /** Where the run stands at an instant. */
  at(nowMs: number): PlanState {
    const isPaused = this.#pauseEndMs !== undefined && nowMs < this.#pauseEndMs;
    const stillMs = isPaused && this.#pauseEndMs !== undefined ? this.#pauseEndMs - nowMs : 0;
    const phase = phaseAt(this.#plan.phases, nowMs)?.name ?? '';
    const totalMs = this.#plan.totalMs - Math.min(stillMs, MAX_PAUSE_MS);
    return { phase, totalMs, wanted: this.#plan.vusAt(nowMs), isPaused };
  }

  /** The number of viewers stands still, and the plan's time with it. */
  pause(): Ordered {
    const refused = this.#refusal();
    if (refused !== undefined) return { refused };
    if (this.isPaused) return { refused: 'paused already' };
    const atMs = this.#nextMs();
    const change = paused(this.#plan, atMs);
    this.#apply(change);
    this.#pauseEndMs = atMs + MAX_PAUSE_MS;
    const words = `paused at ${formatClock(atMs)} with ${this.#plan.vusAt(atMs)} viewers`;
    this.#note(atMs, { what: 'pause', words });
    return { done: words };
  }

  /** The plan goes on where it was paused. */
  resume(): Ordered {
    if (!this.isPaused || this.#pauseEndMs === undefined) return { refused: 'not paused' };
    const refused = this.#refusal();
    if (refused !== undefined) return { refused };
    const atMs = this.#nextMs();
    this.#apply(resumed(this.#plan, atMs, this.#pauseEndMs));
    this.#pauseEndMs = undefined;
    const words = `resumed at ${formatClock(atMs)}`;
    this.#note(atMs, { what: 'resume', words, plan: this.#deps.describe(this.#plan) });
    return { done: words };
  }

  /** `vus` viewers from now on, until the profile's last drain. */
  scale(vus: number): Ordered {
    const { maxVus, changesPerS = CHANGES_PER_S } = this.#deps;
    const refused = this.#refusal();
    if (refused !== undefined) return { refused };
    if (vus > maxVus) return { refused: `this run has no more than ${maxVus} viewers (--max-vus)` };
    const atMs = this.#nextMs();
    const before = this.#plan.vusAt(atMs);
    const change = scaled(this.#plan, atMs, vus, changesPerS);
    if (change === undefined) return { refused: 'all viewers are leaving already' };
    this.#apply(change);
    const words = `scaled at ${formatClock(atMs)} from ${before} to ${vus} viewers`;
    const plan = this.isPaused ? {} : { plan: this.#deps.describe(this.#plan) };
    this.#note(atMs, { what: 'scale', words, ...plan });
    return { done: words };
  }

  /** Puts `segments` in place of all that was to come; returns the instant from which they hold. */
  replace(segments: readonly Segment[]): number {
    const atMs = this.#nextMs();
    this.#apply({ atMs, segments });
    this.#note(atMs, { what: 'step', words: '', plan: this.#deps.describe(this.#plan) });
    return atMs;
  }

  #refusal(): string | undefined {
    const { nowMs } = this.#deps;
    if (this.#changes >= MAX_CHANGES) return `a run is changed ${MAX_CHANGES} times at most`;
    return nowMs() > this.#plan.totalMs - TOO_LATE_MS ? 'the run is at its end' : undefined;
  }

  /** Never before what was ordered last. */
  #nextMs(): number {
    return Math.max(0, Math.round(this.#deps.nowMs())) + LEAD_MS;
  }

  #apply(change: PlanChange): void {
    this.#changes++;
    this.#plan = changePlan(this.#plan, change);
    this.#deps.send(change);
  }

  #note(atMs: number, changed: PlanChanged): void {
    this.#deps.note({ kind: 'plan_changed', atMs, ...changed, line: this.#plan.line });
  }
}
