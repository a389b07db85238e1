import { createRng } from '../../../src/rng.js';

export const BOXES = ['north', 'east', 'south'] as const;
export type BoxName = (typeof BOXES)[number];
export const WORKERS = 2;
/** Planned length of each run. */
export const RUN_MS = 8000;

/** One thing that goes wrong: at `atMs` of the run, for `forMs`. */
export type Blow = { readonly atMs: number; readonly forMs: number } & (
  | { readonly kind: 'kill'; readonly whom: BoxName | 'broker' }
  | { readonly kind: 'pause'; readonly whom: BoxName | 'broker' | 'coordinator' }
  | { readonly kind: 'tear' | 'hang'; readonly whom: BoxName | 'coordinator' }
  | { readonly kind: 'crash'; readonly whom: BoxName; readonly worker: number }
);

export interface RoundPlan {
  readonly seed: number;
  readonly blows: readonly Blow[];
  readonly onLoss: 'fail' | 'tolerate=3';
  /** It cannot be a whole run: a thread died, or a box was lost that must not be. */
  readonly isInvalid: boolean;
}

/** Shorter than what makes a box count as lost (5 s without a sign of life). */
const SHORT_MS = [200, 3000] as const;
/** A process that was killed is begun anew within this. */
const AGAIN_MS = [300, 2500] as const;
/** Long enough to be lost for a while, shorter than what lets its viewers leave (15 s). */
const LONG_MS = [6000, 9000] as const;

/** What goes wrong in the round of a seed: kinds go round, so that any ten in a row have them all. */
export function planOf(seed: number): RoundPlan {
  const rng = createRng(seed, 'chaos');
  const between = ([from, to]: readonly [number, number]): number =>
    Math.round(from + rng.next() * (to - from));
  const box = (): BoxName => BOXES[Math.floor(rng.next() * BOXES.length)] ?? 'north';
  const atMs = (): number => between([400, RUN_MS - 800]);
  const makers: (() => Blow)[] = [
    () => ({ kind: 'kill', whom: box(), atMs: atMs(), forMs: between(AGAIN_MS) }),
    () => ({ kind: 'kill', whom: 'broker', atMs: atMs(), forMs: between(AGAIN_MS) }),
    () => ({ kind: 'hang', whom: box(), atMs: atMs(), forMs: between(SHORT_MS) }),
    () => ({ kind: 'crash', whom: box(), worker: Math.floor(rng.next() * WORKERS), atMs: atMs(), forMs: 0 }),
    () => ({ kind: 'pause', whom: 'broker', atMs: atMs(), forMs: between(SHORT_MS) }),
    () => ({ kind: 'tear', whom: box(), atMs: atMs(), forMs: between(SHORT_MS) }),
    () => ({ kind: 'pause', whom: box(), atMs: atMs(), forMs: between(SHORT_MS) }),
    () => ({ kind: 'pause', whom: 'coordinator', atMs: atMs(), forMs: between(SHORT_MS) }),
    () => ({ kind: 'hang', whom: 'coordinator', atMs: atMs(), forMs: between(SHORT_MS) }),
    () => ({ kind: 'hang', whom: box(), atMs: atMs(), forMs: between(LONG_MS) }),
  ];
  const first = makers[seed % makers.length]?.();
  const more = rng.next() < 0.5 ? [makers[Math.floor(rng.next() * makers.length)]?.()] : [];
  const blows = [first, ...more].filter((blow) => blow !== undefined).sort((a, b) => a.atMs - b.atMs);
  const onLoss = seed % 2 === 0 ? 'tolerate=3' : 'fail';
  const isLoss = ({ kind, whom, forMs }: Blow): boolean =>
    BOXES.some((name) => name === whom) && (kind === 'kill' || (kind === 'hang' && forMs >= LONG_MS[0]));
  const isInvalid = blows.some((blow) => blow.kind === 'crash' || (onLoss === 'fail' && isLoss(blow)));
  return { seed, blows, onLoss, isInvalid };
}

/** In words, for whoever wants to make a round again. */
export function blowWords({ kind, whom, atMs, forMs }: Blow): string {
  return `${kind} ${whom} at ${atMs} for ${forMs} ms`;
}
