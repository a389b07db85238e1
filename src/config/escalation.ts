import type { ConfigIssue } from '../errors.js';
import type { Profile } from '../scenarios/profile.js';
import { stagesOfSteps } from '../scenarios/steps.js';
import type { RunFlags } from './flags.js';
import { MAX_VUS } from './live.js';
import { parseWhole } from './values.js';

/** The number of viewers that the platform is to carry (strategy 1.4). */
const TARGET_VUS = 500;
/** More would take days. */
const MAX_STEPS = 50;

/** A profile with the steps that were asked for, and how many viewers they come to. */
export interface Stepped {
  readonly profile: Profile;
  readonly vus: number;
  readonly targetVus: number;
}

/** `--steps` and `--target-vus` of an escalation; what cannot be used is added to `issues`. */
export function resolveSteps(profile: Profile, vus: number, flags: RunFlags, issues: ConfigIssue[]): Stepped {
  const { steps } = profile;
  const targetVus = target(flags, issues);
  if (flags.steps === undefined) return { profile, vus, targetVus };
  if (steps === undefined) {
    issues.push({ path: '--steps', problem: `${profile.name} is no load of steps`, wanted: '--profile escalation' });
    return { profile, vus, targetVus };
  }
  const levels = levelsOf(flags.steps, issues);
  if (levels === undefined) return { profile, vus, targetVus };
  if (flags.vus !== undefined && vus !== levels.at(-1)) {
    const problem = 'the highest step and the number of viewers contradict each other';
    issues.push({ path: '--steps', problem, wanted: '--steps or --vus' });
  }
  const wanted = { ...steps, levels };
  return { profile: { ...profile, steps: wanted, stages: stagesOfSteps(wanted) }, vus: levels.at(-1) ?? vus, targetVus };
}

function levelsOf(given: readonly string[], issues: ConfigIssue[]): number[] | undefined {
  const seen = given.join(',');
  const levels = seen.split(',').map((text) => parseWhole(text.trim(), 1, MAX_VUS));
  const rising = levels.every((vus, i) => vus !== undefined && vus > (levels[i - 1] ?? 0));
  if (rising && levels.length <= MAX_STEPS) return levels as number[];
  const wanted = `whole numbers that rise, at most ${MAX_STEPS} of them, e.g. 100,300,500`;
  issues.push({ path: '--steps', problem: 'not a list of steps', seen, wanted });
  return undefined;
}

function target(flags: RunFlags, issues: ConfigIssue[]): number {
  const seen = flags['target-vus'];
  if (seen === undefined) return TARGET_VUS;
  const vus = parseWhole(seen, 1, MAX_VUS);
  if (vus === undefined) {
    issues.push({ path: '--target-vus', problem: 'not a whole number in range', seen, wanted: `1 to ${MAX_VUS}` });
  }
  return vus ?? TARGET_VUS;
}
