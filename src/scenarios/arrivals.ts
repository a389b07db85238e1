import { createRng } from '../rng.js';
import type { Stay } from './plan.js';
import type { Stage } from './profile.js';

/**
 * An open load: viewers come at a rate of their own, whatever the platform does with those who are there, stay for a
 * while, and go (as after a shared link).
 */
export interface Arrivals {
  /** How many come in a second, on average. */
  readonly perS: number;
  /** `poisson`: each for itself, as people do; `paced`: at even distances. */
  readonly spacing: 'poisson' | 'paced';
  /** How long viewers come. */
  readonly forMs: number;
  /** How long each stays. */
  readonly stayMs: number;
  /** `fixed`: each so long; `exponential`: so long on average, at most `LONGEST_STAY` times that. */
  readonly stay: 'fixed' | 'exponential';
}

/** Nobody stays longer than this many times the average: a page is closed some time, and a run ends. */
const LONGEST_STAY = 4;
/** After this many average stays an exponential crowd has grown to 95 %. */
const GROWN_STAYS = 3;
/** A place is taken again so long after its viewer began to leave: goodbyes take a few seconds. */
const TURNOVER_MS = 10_000;

/** Most viewers that one run lets come, each counted. */
export const MAX_ARRIVALS = 200_000;
/** A crowd that stands still for less than this is none to judge by. */
export const LEAST_HOLD_MS = 10_000;

/**
 * The phases of an open load, and its mean level as a share of the highest one:
 * ```
 * fixed stay                         stay 3 m of 5 m
 *      ______________                fill  0:00 - 3:00   as long as the shorter of the two
 *    /                \              hold  3:00 - 5:00   the difference
 *  /                    \            drain 5:00 - 8:00   those who came last have stayed their time
 *
 * exponential stay                   stay about 1 m of 5 m
 *      _______________               fill  0:00 - 3:00   3 stays: the crowd has 95 % of its size
 *   .-'               '-.            hold  3:00 - 5:00
 *  /                     `-.         drain 5:00 - 9:00   4 stays: the longest that anybody stays
 * ```
 * (arrivals.test.ts repeats the drawing; a hold of no length is left out)
 */
export function stagesOfArrivals(arrivals: Arrivals): Stage[] {
  const { forMs, stayMs, stay } = arrivals;
  const isFixed = stay === 'fixed';
  const fillMs = Math.min(forMs, isFixed ? stayMs : stayMs * GROWN_STAYS);
  const holdMs = isFixed ? Math.abs(forMs - stayMs) : forMs - fillMs;
  const drainMs = isFixed ? fillMs : stayMs * LONGEST_STAY;
  const stages: Stage[] = [{ name: 'fill', role: 'ramp', durationMs: fillMs, fromShare: 0, toShare: 1 }];
  if (holdMs > 0) stages.push({ name: 'hold', role: 'hold', durationMs: holdMs, fromShare: 1, toShare: 1 });
  return [...stages, { name: 'drain', role: 'drain', durationMs: drainMs, fromShare: 1, toShare: 0 }];
}

/** How many are there at a time when the crowd has grown, on average (Little's law). */
export function meanCrowd({ perS, forMs, stayMs, stay }: Arrivals): number {
  const reachMs = stay === 'fixed' ? Math.min(forMs, stayMs) : stayMs * (1 - Math.exp(-forMs / stayMs));
  return (perS * reachMs) / 1000;
}

/** Who comes when, in a bounded number of places that are used again and again. */
export interface Visits {
  /** How many places it takes. */
  readonly places: number;
  /** How many viewers come. */
  readonly count: number;
  /** The most that are there at a time. */
  readonly most: number;
  /** Of the VU that sits at a place, in the order of time. */
  staysOf(place: number): readonly Stay[];
  /** How many are there at an instant. */
  countAt(atMs: number): number;
}

/** All visits of an open load: the same for the same seed, on any thread. At most `MAX_ARRIVALS`. */
export function visitsOf(arrivals: Arrivals, seed: number): Visits {
  const stays = drawStays(arrivals, seed);
  const byPlace: Stay[][] = [];
  // Who came first does not leave first: places wait here, the lowest free one is taken.
  const free: number[] = [];
  const busy: { readonly place: number; readonly freeAtMs: number }[] = [];
  for (const stay of stays) {
    while (busy[0] !== undefined && busy[0].freeAtMs <= stay.joinAtMs) {
      const freed = popLeast(busy, (a, b) => a.freeAtMs - b.freeAtMs) as (typeof busy)[number];
      push(free, freed.place, (a, b) => a - b);
    }
    const place = popLeast(free, (a, b) => a - b) ?? byPlace.length;
    const own = byPlace[place] ?? [];
    own.push(stay);
    byPlace[place] = own;
    push(busy, { place, freeAtMs: stay.leaveAtMs + TURNOVER_MS }, (a, b) => a.freeAtMs - b.freeAtMs);
  }
  const joins = stays.map(({ joinAtMs }) => joinAtMs);
  const leaves = stays.map(({ leaveAtMs }) => leaveAtMs).sort((a, b) => a - b);
  const countAt = (atMs: number): number => upTo(joins, atMs) - upTo(leaves, atMs);
  return {
    places: byPlace.length,
    count: stays.length,
    most: joins.reduce((most, atMs) => Math.max(most, countAt(atMs)), 0),
    staysOf: (place) => byPlace[place] ?? [],
    countAt,
  };
}

function drawStays({ perS, spacing, forMs, stayMs, stay }: Arrivals, seed: number): Stay[] {
  const rng = createRng(seed, 'arrivals');
  const everyMs = 1000 / perS;
  const stays: Stay[] = [];
  let atMs = spacing === 'paced' ? everyMs / 2 : everyMs * exponential(rng.next());
  while (atMs < forMs && stays.length < MAX_ARRIVALS) {
    const spanMs = stay === 'fixed' ? stayMs : stayMs * Math.min(LONGEST_STAY, exponential(rng.next()));
    stays.push({ joinAtMs: atMs, leaveAtMs: atMs + Math.max(1, spanMs) });
    atMs += spacing === 'paced' ? everyMs : everyMs * exponential(rng.next());
  }
  return stays;
}

/** Of mean 1, from a number in [0, 1). */
function exponential(u: number): number {
  return -Math.log1p(-u);
}

/** How many of an ascending list are at or below a value. */
function upTo(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Order<T> = (a: T, b: T) => number;

/** Adds to a binary heap whose least entry is its first. */
function push<T>(heap: T[], entry: T, order: Order<T>): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const above = (at - 1) >>> 1;
    if (order(heap[above] as T, entry) <= 0) break;
    heap[at] = heap[above] as T;
    at = above;
  }
  heap[at] = entry;
}

function popLeast<T>(heap: T[], order: Order<T>): T | undefined {
  const least = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return least;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && order(heap[below + 1] as T, heap[below] as T) < 0) below++;
    if (order(last, heap[below] as T) <= 0) break;
    heap[at] = heap[below] as T;
    at = below;
  }
  heap[at] = last;
  return least;
}
