import type { Segment } from './live-plan.js';
import type { Profile, Stage } from './profile.js';

/** What an escalation is made of, in whole numbers. */
export interface EscalationSpec {
  /** Levels in viewers, rising. */
  readonly steps: readonly number[];
  /** How long each level is held, ms. */
  readonly holdMs: number;
  /** Viewers that come or go in a second between levels. */
  readonly perS: number;
  /** How long nobody is there after a level broke, ms. */
  readonly settleMs: number;
  /** The number that the platform is to carry; the headroom is counted from it. */
  readonly targetVus: number;
}

/** The phases of one measurement of one level. */
export interface StepPhases {
  readonly rise: string;
  readonly step: string;
  readonly wait: string;
  readonly fall: string;
  readonly settle: string;
}

/** A slope is never a step: who comes at one instant is a spike. */
const LEAST_SLOPE_MS = 1000;
const LEAST_SETTLE_MS = 1000;
const MOST_SETTLE_MS = 30_000;
/** Where the profile is drawn without slopes. */
const USUAL_PER_S = 20;
/** If nobody decides what comes next, the run ends by itself. */
const MOST_WAIT_MS = 60_000;

/**
 * The spec of a run with `vus` viewers at most: as the profile draws its steps, its steepest rise for all slopes.
 * Undefined = the profile is no escalation.
 */
export function escalationSpec(profile: Profile, vus: number, targetVus: number): EscalationSpec | undefined {
  if (profile.steps === undefined) return undefined;
  const held = profile.stages.filter(({ role }) => role === 'step');
  const rises = profile.stages.filter(({ role, durationMs }) => role === 'ramp' && durationMs > 0);
  const steps = [...new Set(held.map(({ toShare }) => Math.max(1, Math.round(toShare * vus))))];
  const holdMs = Math.max(...held.map(({ durationMs }) => durationMs));
  const perS = rises.map(
    ({ fromShare, toShare, durationMs }) => ((toShare - fromShare) * vus * 1000) / durationMs,
  );
  return {
    steps,
    holdMs,
    perS: perS.length === 0 ? USUAL_PER_S : Math.max(...perS),
    settleMs: Math.min(MOST_SETTLE_MS, Math.max(LEAST_SETTLE_MS, Math.round(holdMs / 5))),
    targetVus,
  };
}

/** Names of the phases in which `vus` are measured for the `turn`-th time. */
export function stepPhases(vus: number, turn: number): StepPhases {
  const tag = turn > 1 ? `${vus}-${turn}` : String(vus);
  return {
    rise: `rise-${tag}`,
    step: `step-${tag}`,
    wait: `wait-${tag}`,
    fall: `fall-${tag}`,
    settle: `settle-${tag}`,
  };
}

/** From `fromVus` up to a level, which is held and then waits for what comes next. */
export function measuring(spec: EscalationSpec, names: StepPhases, fromVus: number, vus: number): Segment[] {
  const level = { fromVus: vus, toVus: vus } as const;
  return [
    { name: names.rise, role: 'ramp', durationMs: slopeMs(spec, vus - fromVus), fromVus, toVus: vus },
    { name: names.step, role: 'step', durationMs: spec.holdMs, ...level },
    { name: names.wait, role: 'ramp', durationMs: MOST_WAIT_MS, ...level },
  ];
}

/** All leave, and for a while nobody is there: what broke is not measured by those who were there. */
export function clearing(spec: EscalationSpec, names: StepPhases, fromVus: number): Segment[] {
  return [
    { name: names.fall, role: 'drain', durationMs: slopeMs(spec, fromVus), fromVus, toVus: 0 },
    { name: names.settle, role: 'drain', durationMs: spec.settleMs, fromVus: 0, toVus: 0 },
  ];
}

/** The end. */
export function leaving(spec: EscalationSpec, fromVus: number): Segment[] {
  return [{ name: 'drain', role: 'drain', durationMs: slopeMs(spec, fromVus), fromVus, toVus: 0 }];
}

/** The stages that an escalation begins with: its first level. What follows is decided as it goes. */
export function openingStages(spec: EscalationSpec, vus: number): Stage[] {
  const [first = 1] = spec.steps;
  return measuring(spec, stepPhases(first, 1), 0, first).map(({ name, role, durationMs, fromVus, toVus }) => {
    return { name, role, durationMs, fromShare: fromVus / vus, toShare: toVus / vus };
  });
}

function slopeMs({ perS }: EscalationSpec, vus: number): number {
  return Math.max(LEAST_SLOPE_MS, Math.ceil((Math.abs(vus) / perS) * 1000));
}
