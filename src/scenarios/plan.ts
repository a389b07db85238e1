import type { Protocol } from '../events.js';
import { createRng } from '../rng.js';
import { type Visits, visitsOf } from './arrivals.js';
import type { Mix, Profile, StageRole } from './profile.js';

/** One named stretch of a run, `[fromMs, toMs)` in run milliseconds. */
export interface Phase {
  readonly name: string;
  readonly role: StageRole;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One stay of a VU on the platform, in run milliseconds. */
export interface Stay {
  readonly joinAtMs: number;
  readonly leaveAtMs: number;
}

/** A profile with its numbers filled in. Pure data and arithmetic: any thread that makes it gets the same. */
export interface Plan {
  readonly vus: number;
  readonly totalMs: number;
  readonly phases: readonly Phase[];
  /** Of an open load: how many come in all, and the most that are there at a time; `vus` are the places they take. */
  readonly visits?: { readonly count: number; readonly most: number };
  /** The line of levels that `vusAt` and `staysOf` are read from. */
  readonly line: readonly Corner[];
  /** How many VUs are to be there at `atMs`. */
  vusAt(atMs: number): number;
  /**
   * When VU `vu` (0 to vus - 1) comes and goes: one stay, or several when the level falls and rises again.
   * Computed on demand, O(stages).
   */
  staysOf(vu: number): readonly Stay[];
  /** The protocol VU `vu` starts with: over every prefix of VUs the mix is exact within one viewer. */
  protocolOf(vu: number): Protocol;
}

export interface PlanOptions {
  readonly vus: number;
  readonly seed: number;
  readonly mix: Mix;
}

/** A corner of the line of levels: the level at `atMs`, in VUs. Two corners at one instant are a step. */
export interface Corner {
  readonly atMs: number;
  readonly level: number;
}

/**
 * Fills in a profile whose stages are as long as they are to be (see `timed`).
 *
 * VU `i` is there whenever the level stands above `i`; those who came last leave first:
 * ```
 * level 4 |     ____            VU 3      [==]
 *       3 |   _/    \_          VU 2    [======]
 *       2 |  /        \         VU 1   [========]
 *       1 | /          \        VU 0  [==========]
 *         +--ramp-hold-drain         0  1  2 ... s
 * ```
 * (plan.test.ts repeats the drawing)
 */
export function createPlan(profile: Profile, options: PlanOptions): Plan {
  const { vus } = options;
  const phases: Phase[] = [];
  const corners: Corner[] = [];
  let atMs = 0;
  for (const stage of profile.stages) {
    const toMs = atMs + stage.durationMs;
    phases.push({ name: stage.name, role: stage.role, fromMs: atMs, toMs });
    corners.push({ atMs, level: stage.fromShare * vus }, { atMs: toMs, level: stage.toShare * vus });
    atMs = toMs;
  }
  const totalMs = atMs;
  const mixOffset = createRng(options.seed, 'mix').next();
  const { arrivals } = profile;
  return {
    vus,
    totalMs,
    phases,
    line: corners,
    ...(arrivals === undefined
      ? lineOf(corners, totalMs)
      : openLoad(visitsOf(arrivals, options.seed), totalMs)),
    protocolOf: (vu) => protocolOf(options.mix, vu, mixOffset),
  };
}

/** Who is there when in an open load: a VU is a place that viewers take one after the other. */
function openLoad(visits: Visits, totalMs: number): Pick<Plan, 'vusAt' | 'staysOf' | 'visits'> {
  return {
    visits: { count: visits.count, most: visits.most },
    vusAt: (atMs) => (atMs < totalMs ? visits.countAt(atMs) : 0),
    staysOf: visits.staysOf,
  };
}

/** How a line of levels is read: who is there when. */
export function lineOf(corners: readonly Corner[], totalMs: number): Pick<Plan, 'vusAt' | 'staysOf'> {
  return {
    vusAt: (at) => vusAt(corners, at, totalMs),
    staysOf: (vu) => staysOf(corners, vu, totalMs),
  };
}

/** Who of the viewers uses the cart is shifted by this (see `addsToCart`): one number, 0 to 1, per run. */
export function cartOffset(seed: number): number {
  return createRng(seed, 'cart').next();
}

/** The phase `atMs` falls into; before the start the first one, after the end the last one. */
export function phaseAt(phases: readonly Phase[], atMs: number): Phase | undefined {
  for (const phase of phases) if (atMs < phase.toMs) return phase;
  return phases.at(-1);
}

/**
 * How many of `total` things part `index` of `parts` gets: round(n(i+1)/k) - round(n i/k). The parts always add
 * up to the whole and differ by one at most.
 */
export function share(total: number, index: number, parts: number): number {
  return Math.round((total * (index + 1)) / parts) - Math.round((total * index) / parts);
}

/**
 * Which VUs worker `worker` of `workers` runs, ascending. Each worker gets its `share`; VUs are dealt to and fro
 * (0 1 2 2 1 0 0 1 2 ...), so that in a ramp all workers grow together and no pattern of the protocol mix falls
 * on one worker.
 */
export function vusOfWorker(vus: number, worker: number, workers: number): number[] {
  const room = Array.from({ length: workers }, (_, index) => share(vus, index, workers));
  const own: number[] = [];
  let dealt = 0;
  for (let turn = 0; dealt < vus; turn++) {
    const step = turn % workers;
    const to = Math.floor(turn / workers) % 2 === 0 ? step : workers - 1 - step;
    const left = room[to] ?? 0;
    if (left === 0) continue;
    room[to] = left - 1;
    if (to === worker) own.push(dealt);
    dealt++;
  }
  return own;
}

function vusAt(corners: readonly Corner[], atMs: number, totalMs: number): number {
  if (atMs < 0 || atMs >= totalMs) return 0;
  let level = 0;
  for (let i = 0; i + 1 < corners.length; i++) {
    const a = corners[i] as Corner;
    const b = corners[i + 1] as Corner;
    if (atMs < a.atMs || atMs >= b.atMs) continue;
    level = a.level + ((b.level - a.level) * (atMs - a.atMs)) / (b.atMs - a.atMs);
  }
  return Math.max(0, Math.ceil(level - LEVEL_EPSILON));
}

/** Shares like 0.1 x 50 must count as whole: below this a level is rounding noise. */
const LEVEL_EPSILON = 1e-6;

function staysOf(corners: readonly Corner[], vu: number, totalMs: number): Stay[] {
  const stays: Stay[] = [];
  let joinedAtMs: number | undefined;
  const leave = (atMs: number): void => {
    if (joinedAtMs !== undefined && atMs > joinedAtMs) stays.push({ joinAtMs: joinedAtMs, leaveAtMs: atMs });
    joinedAtMs = undefined;
  };
  const first = corners[0];
  if (first && first.level > vu + LEVEL_EPSILON) joinedAtMs = first.atMs;
  for (let i = 0; i + 1 < corners.length; i++) {
    const a = corners[i] as Corner;
    const b = corners[i + 1] as Corner;
    const present = b.level > vu + LEVEL_EPSILON;
    if (present && joinedAtMs === undefined) joinedAtMs = crossing(a, b, vu);
    else if (!present && joinedAtMs !== undefined) leave(crossing(a, b, vu));
  }
  leave(totalMs);
  return stays;
}

/** When the line from `a` to `b` passes `level`. */
function crossing(a: Corner, b: Corner, level: number): number {
  if (a.level === b.level) return b.atMs;
  const part = (level - a.level) / (b.level - a.level);
  return a.atMs + Math.min(1, Math.max(0, part)) * (b.atMs - a.atMs);
}

function protocolOf(mix: Mix, vu: number, offset: number): Protocol {
  const whole = mix.hls + mix.flv;
  const start = Math.floor(offset * whole);
  const before = Math.floor((vu * mix.flv + start) / whole);
  const after = Math.floor(((vu + 1) * mix.flv + start) / whole);
  return after > before ? 'flv' : 'hls';
}
