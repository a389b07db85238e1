import { type Corner, lineOf, type Phase, type Plan, phaseAt } from './plan.js';
import type { StageRole } from './profile.js';

/** One stretch of a change: the number of viewers goes in a straight line from one level to another. */
export interface Segment {
  /** The phase that it belongs to or makes; letters, digits, `_`, `-` and `.`, at most 40. */
  readonly name: string;
  readonly role: StageRole;
  readonly durationMs: number;
  readonly fromVus: number;
  readonly toVus: number;
}

/** What holds from an instant of run time on, in place of all that was planned for then. Plain data: it goes to every thread. */
export interface PlanChange {
  readonly atMs: number;
  readonly segments: readonly Segment[];
}

/** A run that nobody resumes goes on by itself after so long. */
export const MAX_PAUSE_MS = 24 * 3_600_000;

/** Whole viewers are compared with levels: below this a difference is rounding noise. */
const LEVEL_EPSILON = 1e-6;

/**
 * The plan with a change: what was before `atMs` stays as it was, what comes after it is `segments` and nothing else.
 * ```
 * planned  4 |    ________          changed at 4 s   4 |    __
 *            |  /         \         to 4 -> 2 in 1 s,  |  /   \____
 *          0 +/------------\--      2 for 4 s        0 +/----------|--
 *            0   2         8 10                        0   2 4 5   9
 * ```
 * Pure: the same change of the same plan is the same plan on every thread (live-plan.test.ts repeats the drawing).
 */
export function changePlan(plan: Plan, { atMs, segments }: PlanChange): Plan {
  const line: Corner[] = plan.line.filter((corner) => corner.atMs < atMs);
  const phases: Phase[] = plan.phases.flatMap((phase) =>
    phase.fromMs < atMs ? [{ ...phase, toMs: Math.min(phase.toMs, atMs) }] : [],
  );
  if (line.length > 0) line.push({ atMs, level: levelBefore(plan.line, atMs) });
  let toMs = atMs;
  for (const { name, role, durationMs, fromVus, toVus } of segments) {
    const fromMs = toMs;
    toMs += durationMs;
    line.push({ atMs: fromMs, level: fromVus }, { atMs: toMs, level: toVus });
    addPhase(phases, { name, role, fromMs, toMs });
  }
  const vus = Math.max(plan.vus, Math.ceil(Math.max(0, ...segments.map(highest)) - LEVEL_EPSILON));
  return { ...plan, vus, totalMs: toMs, phases, line, ...lineOf(line, toMs) };
}

/** What is still to come of a plan from `atMs` on. */
export function restOf(plan: Plan, atMs: number): Segment[] {
  const rest: Segment[] = [];
  for (let i = 0; i + 1 < plan.line.length; i++) {
    const a = plan.line[i] as Corner;
    const b = plan.line[i + 1] as Corner;
    const fromMs = Math.max(a.atMs, atMs);
    if (b.atMs <= fromMs) continue;
    const { name, role } = phaseAt(plan.phases, fromMs) ?? { name: 'run', role: 'hold' };
    rest.push({ name, role, durationMs: b.atMs - fromMs, fromVus: levelOn(a, b, fromMs), toVus: b.level });
  }
  return rest;
}

/** The level stands still from `atMs` on, and the plan's own time with it, until `resumed`. */
export function paused(plan: Plan, atMs: number): PlanChange {
  const { name, role } = phaseAt(plan.phases, atMs) ?? { name: 'run', role: 'hold' };
  const level = levelAt(plan.line, atMs);
  const still: Segment = { name, role, durationMs: MAX_PAUSE_MS, fromVus: level, toVus: level };
  return { atMs, segments: [still, ...restOf(plan, atMs)] };
}

/** The plan goes on at `atMs` as if the pause had ended then; `pauseEndMs` is when it would have ended by itself. */
export function resumed(plan: Plan, atMs: number, pauseEndMs: number): PlanChange {
  return { atMs, segments: restOf(plan, pauseEndMs) };
}

/**
 * From `atMs` on there are `vus` viewers, whatever the profile has drawn, until its last drain, which begins at
 * `vus`. Phases keep their names and times; no more than `perS` viewers come or go in a second.
 * Undefined when the last drain has begun: nobody is kept then.
 */
export function scaled(plan: Plan, atMs: number, vus: number, perS: number): PlanChange | undefined {
  const rest = restOf(plan, atMs);
  const drainAt = rest.findLastIndex(({ role }) => role !== 'drain') + 1;
  if (drainAt === 0) return undefined;
  const segments: Segment[] = [];
  let level = levelAt(plan.line, atMs);
  for (const piece of rest.slice(0, drainAt)) {
    let leftMs = piece.durationMs;
    const slopeMs = Math.min(leftMs, Math.ceil((Math.abs(vus - level) / perS) * 1000));
    if (slopeMs > 0) {
      const step = (perS * slopeMs) / 1000;
      const toVus = vus > level ? Math.min(vus, level + step) : Math.max(vus, level - step);
      segments.push({ ...piece, durationMs: slopeMs, fromVus: level, toVus });
      level = toVus;
      leftMs -= slopeMs;
    }
    if (leftMs > 0) segments.push({ ...piece, durationMs: leftMs, fromVus: level, toVus: level });
  }
  const drain = rest.slice(drainAt);
  const drawn = drain[0]?.fromVus ?? 0;
  const part = drawn > 0 ? level / drawn : 0;
  return {
    atMs,
    segments: [
      ...segments,
      ...drain.map((piece) => ({ ...piece, fromVus: piece.fromVus * part, toVus: piece.toVus * part })),
    ],
  };
}

/** The most viewers that a plan ever wants, whole. */
export function mostVus({ line }: Pick<Plan, 'line'>): number {
  return line.reduce((most, { level }) => Math.max(most, Math.ceil(level - LEVEL_EPSILON)), 0);
}

/** The level at an instant, in viewers; at a step, the one after it. */
function levelAt(line: readonly Corner[], atMs: number): number {
  for (let i = line.length - 2; i >= 0; i--) {
    const a = line[i] as Corner;
    const b = line[i + 1] as Corner;
    if (a.atMs <= atMs && atMs < b.atMs) return levelOn(a, b, atMs);
  }
  return 0;
}

/** The level that a line comes to an instant with. */
function levelBefore(line: readonly Corner[], atMs: number): number {
  for (let i = 0; i + 1 < line.length; i++) {
    const a = line[i] as Corner;
    const b = line[i + 1] as Corner;
    if (a.atMs < atMs && atMs <= b.atMs) return levelOn(a, b, atMs);
  }
  return line.at(-1)?.level ?? 0;
}

function levelOn(a: Corner, b: Corner, atMs: number): number {
  return a.level + ((b.level - a.level) * (atMs - a.atMs)) / (b.atMs - a.atMs);
}

function highest({ fromVus, toVus }: Segment): number {
  return Math.max(fromVus, toVus);
}

/** Stretches of one name that follow each other are one phase. */
function addPhase(phases: Phase[], next: Phase): void {
  if (next.toMs <= next.fromMs) return;
  const last = phases.at(-1);
  if (last?.name === next.name && last.role === next.role && last.toMs === next.fromMs) {
    phases[phases.length - 1] = { ...last, toMs: next.toMs };
  } else phases.push(next);
}
