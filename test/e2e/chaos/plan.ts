import { createRng } from '../../../src/rng.js';

export const BOXES = ['north', 'east', 'south'] as const;
export type BoxName = (typeof BOXES)[number];
export const WORKERS = 2;
/** Planned length of each run. */
export const RUN_MS = 8000;

/** One thing that goes wrong: at `atMs` of the run, for `forMs`. */
export type Blow = { readonly atMs: number; readonly forMs: number } & (
  | { readonly kind: 'kill'; readonly whom: BoxName | 'broker' }
  /** After `forMs` the run is taken up; `againMs` later whoever took it up is killed, and it is taken up again. */
  | { readonly kind: 'kill'; readonly whom: 'coordinator'; readonly againMs?: number }
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
  /** Once too many boxes are lost all leave, and those that are cut off then are waited for no more. */
  readonly unheard: readonly BoxName[];
  /** Whether it is one depends on what a coordinator that was dead for a while has seen. */
  readonly mayBeInvalid: boolean;
}

/** Shorter than what makes a box count as lost (5 s without a sign of life). */
const SHORT_MS = [200, 3000] as const;
/** A process that was killed is begun anew within this. */
const AGAIN_MS = [300, 2500] as const;
/** Long enough to be lost for a while, shorter than what lets its viewers leave (15 s). */
const LONG_MS = [6000, 9000] as const;
/** From the start of a process that takes a run up to its death: before it has found anything, or while it goes on. */
const KILLED_AGAIN_MS = [100, 6000] as const;

/** What goes wrong in the round of a seed: kinds go round, so that any eleven in a row have them all. */
export function planOf(seed: number): RoundPlan {
  const rng = createRng(seed, 'chaos');
  const between = ([from, to]: readonly [number, number]): number =>
    Math.round(from + rng.next() * (to - from));
  const box = (): BoxName => BOXES[Math.floor(rng.next() * BOXES.length)] ?? 'north';
  const atMs = (): number => between([400, RUN_MS - 800]);
  const killCoordinator = (): Blow => ({
    ...{ kind: 'kill', whom: 'coordinator', atMs: atMs(), forMs: between(AGAIN_MS) },
    ...(rng.next() < 0.4 ? { againMs: between(KILLED_AGAIN_MS) } : {}),
  });
  const makers: (() => Blow)[] = [
    () => ({ kind: 'kill', whom: box(), atMs: atMs(), forMs: between(AGAIN_MS) }),
    () => ({ kind: 'kill', whom: 'broker', atMs: atMs(), forMs: between(AGAIN_MS) }),
    killCoordinator,
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
  const draw = rng.next();
  const any = makers[Math.floor(rng.next() * makers.length)];
  const more = draw < 0.5 ? any?.() : draw < 0.65 ? killCoordinator() : undefined;
  // Its own death is there once, with all that it draws.
  const isSecond = more !== undefined && !(isHeadless(more) && first !== undefined && isHeadless(first));
  const blows = [first, isSecond ? more : undefined]
    .filter((blow) => blow !== undefined)
    .sort((a, b) => a.atMs - b.atMs);
  const onLoss = seed % 2 === 0 ? 'tolerate=3' : 'fail';
  const isDeath = ({ kind, whom }: Blow): boolean => kind === 'kill' && BOXES.some((name) => name === whom);
  const isAway = ({ kind, forMs }: Blow): boolean => kind === 'hang' && forMs >= LONG_MS[0];
  const isSpoilt = blows.some((blow) => blow.kind === 'crash' || (onLoss === 'fail' && isDeath(blow)));
  const unheard = BOXES.filter(
    (name) => onLoss === 'fail' && blows.some((blow) => blow.whom === name && isAway(blow)),
  );
  const isLost = unheard.length > 0;
  // A box that was away and is back before anybody could miss it was never lost.
  const isMissed = isLost && !blows.some(isHeadless);
  const is = { isInvalid: isSpoilt || isMissed, mayBeInvalid: isSpoilt || isLost };
  return { seed, blows, onLoss, ...is, unheard };
}

/** For a while there is no coordinator. */
function isHeadless({ kind, whom }: Blow): boolean {
  return kind === 'kill' && whom === 'coordinator';
}

/** In words, for whoever wants to make a round again. */
export function blowWords(blow: Blow): string {
  const { kind, whom, atMs, forMs } = blow;
  const again = 'againMs' in blow ? `, and again after ${blow.againMs} ms` : '';
  return `${kind} ${whom} at ${atMs} for ${forMs} ms${again}`;
}
