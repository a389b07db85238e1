/** One stretch of the plan as the gate sees it, `[fromMs, toMs)` in run milliseconds. */
export interface PhaseSpan {
  readonly name: string;
  /** What the stretch is for: see the roles of a profile's stages. */
  readonly role: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface WindowSpec {
  /** Whether a phase of this role is in the window. */
  has(role: string): boolean;
  /** In words, after "over". */
  readonly words: string;
}

const only =
  (...roles: readonly string[]) =>
  (role: string): boolean =>
    roles.includes(role);

/** What a row of the gate looks at: a set of phases, by what they are for. */
const TABLE = {
  hold: { has: only('hold'), words: 'the hold phases' },
  join: { has: only('ramp', 'spike'), words: 'the phases in which viewers come' },
  spike: { has: only('spike'), words: 'the spike' },
  burst: { has: only('burst'), words: 'the burst of chat' },
  step: { has: only('step'), words: 'the steps' },
  fault: { has: only('fault'), words: 'the faults and the 10 s after each' },
  recovery: { has: only('recovery'), words: 'the recovery after the crowd has gone' },
  calm: { has: (role) => role !== 'fault', words: 'the run, planned faults left out' },
  run: { has: () => true, words: 'the whole run' },
} as const satisfies Record<string, WindowSpec>;

export type Window = keyof typeof TABLE;

export const WINDOWS: Readonly<Record<Window, WindowSpec>> = TABLE;
export const WINDOW_NAMES = Object.keys(TABLE) as readonly Window[];

/** The phases of a window, in the order of the plan. */
export function phasesIn(window: Window, phases: readonly PhaseSpan[]): readonly PhaseSpan[] {
  return phases.filter(({ role }) => WINDOWS[window].has(role));
}

/**
 * The holds before the first phase of `role`: what was usual before it happened. All holds when there is no such
 * phase.
 */
export function holdsBefore(role: string, phases: readonly PhaseSpan[]): readonly PhaseSpan[] {
  return phasesIn('hold', phasesBefore(role, phases));
}

/** The phases before the first one of `role`; all when there is no such phase. */
export function phasesBefore(role: string, phases: readonly PhaseSpan[]): readonly PhaseSpan[] {
  const first = phases.findIndex((phase) => phase.role === role);
  return first < 0 ? phases : phases.slice(0, first);
}

/** How much of the phases lies between `fromMs` and `untilMs`, ms. */
export function spanMs(phases: readonly PhaseSpan[], untilMs = Number.POSITIVE_INFINITY, fromMs = 0): number {
  return phases.reduce(
    (sum, phase) => sum + Math.max(0, Math.min(phase.toMs, untilMs) - Math.max(phase.fromMs, fromMs)),
    0,
  );
}
