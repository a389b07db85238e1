/**
 * At how many viewers does a platform break (strategy 5.3)? What to measure next, by what was measured so far. Pure:
 * levels and outcomes go in, the next level or the end comes out.
 */

/** How one level went. */
export type StepOutcome =
  /** Every mandatory row that was judged passed. */
  | 'held'
  /** A mandatory row failed. */
  | 'broke'
  /** The generator is not to be believed at this level. */
  | 'generator'
  /** A mandatory row has no data. */
  | 'unknown';

export interface Measurement {
  readonly vus: number;
  readonly outcome: StepOutcome;
}

/** How an escalation ended, or stands. */
export type Finding =
  /** It holds `holds` viewers (0 = not even the fewest that were tried) and breaks at `breaksAt`. */
  | { readonly kind: 'breaks'; readonly holds: number; readonly breaksAt: number }
  /** Nothing broke up to the highest step. */
  | { readonly kind: 'holds'; readonly holds: number }
  /** The generator, or a row without data, ended it before the platform broke at a level that is known to 5 %. */
  | {
      readonly kind: 'generator' | 'unknown';
      readonly holds: number;
      readonly at: number;
      /** The lowest level that the platform broke at, if it broke at any. */
      readonly breaksAt?: number;
    };

export type Move =
  | { readonly kind: 'step'; readonly vus: number }
  | { readonly kind: 'done'; readonly finding: Finding };

/** The breaking point is known when the levels around it are this close, as a part of the upper one; or one viewer. */
export const PRECISION = 0.05;
/** A level that could not be judged is tried so often in all: a machine may hiccup. */
const TRIES = 3;

/**
 * | so far | next |
 * |---|---|
 * | nothing broke | the next step; after the last one it holds that many |
 * | a level broke | halfway between it and the highest below it that held |
 * | these are within 5 %, or one viewer | the level that broke once more: what broke twice is the breaking point, what holds now counts as held |
 * | a level could not be judged | the same again, up to three times, then the end |
 *
 * (escalation.test.ts repeats the table)
 */
export function nextMove(steps: readonly number[], done: readonly Measurement[]): Move {
  const breaks = lowestBroken(done);
  const holds = highestHeld(done, breaks);
  const last = done.at(-1);
  if (last?.outcome === 'generator' || last?.outcome === 'unknown') {
    if (triesOf(done, last.vus) < TRIES) return { kind: 'step', vus: last.vus };
    const known = breaks === undefined ? {} : { breaksAt: breaks };
    return { kind: 'done', finding: { kind: last.outcome, holds, at: last.vus, ...known } };
  }
  if (breaks === undefined) {
    const next = steps.find((vus) => vus > holds);
    return next === undefined
      ? { kind: 'done', finding: { kind: 'holds', holds } }
      : { kind: 'step', vus: next };
  }
  if (!isKnown(holds, breaks)) return { kind: 'step', vus: Math.floor((holds + breaks) / 2) };
  if (brokenTimes(done, breaks) < 2) return { kind: 'step', vus: breaks };
  return { kind: 'done', finding: { kind: 'breaks', holds, breaksAt: breaks } };
}

/** What can be said when it is ended before it is done. */
export function findingSoFar(done: readonly Measurement[]): {
  readonly holds: number;
  readonly breaksAt?: number;
} {
  const breaksAt = lowestBroken(done);
  const holds = highestHeld(done, breaksAt);
  return breaksAt === undefined ? { holds } : { holds, breaksAt };
}

function isKnown(holds: number, breaksAt: number): boolean {
  return breaksAt - holds <= Math.max(1, breaksAt * PRECISION);
}

/** The lowest level whose last word is that it broke. */
function lowestBroken(done: readonly Measurement[]): number | undefined {
  const broken = [...lastWords(done)].flatMap(([vus, outcome]) => (outcome === 'broke' ? [vus] : []));
  return broken.length === 0 ? undefined : Math.min(...broken);
}

function highestHeld(done: readonly Measurement[], below = Number.POSITIVE_INFINITY): number {
  const held = [...lastWords(done)].flatMap(([vus, outcome]) =>
    outcome === 'held' && vus < below ? [vus] : [],
  );
  return Math.max(0, ...held);
}

function lastWords(done: readonly Measurement[]): ReadonlyMap<number, StepOutcome> {
  return new Map(
    done
      .filter(({ outcome }) => outcome === 'held' || outcome === 'broke')
      .map(({ vus, outcome }) => [vus, outcome]),
  );
}

function brokenTimes(done: readonly Measurement[], vus: number): number {
  return done.filter((one) => one.vus === vus && one.outcome === 'broke').length;
}

/** How often in a row a level could not be judged. */
function triesOf(done: readonly Measurement[], vus: number): number {
  let tries = 0;
  for (let i = done.length - 1; i >= 0; i--) {
    const one = done[i] as Measurement;
    if (one.vus !== vus || one.outcome === 'held' || one.outcome === 'broke') break;
    tries++;
  }
  return tries;
}
