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

/**
 * The profile with the steps of `--steps`, and as many viewers as the highest of them; what cannot be used is added to
 * `issues`.
 */
export function resolveSteps(profile: Profile, flags: RunFlags, issues: ConfigIssue[]): Profile {
  const { steps, defaults } = profile;
  if (flags.steps === undefined) return profile;
  if (steps === undefined) {
    issues.push({
      path: '--steps',
      problem: `${profile.name} is no load of steps`,
      wanted: '--profile escalation',
    });
    return profile;
  }
  const levels = levelsOf(flags.steps, issues);
  const highest = levels?.at(-1);
  if (levels === undefined || highest === undefined) return profile;
  if (flags.vus !== undefined && flags.vus !== String(highest)) {
    const problem = 'the highest step and the number of viewers contradict each other';
    issues.push({ path: '--steps', problem, seen: flags.vus, wanted: '--steps or --vus' });
  }
  const wanted = { ...steps, levels };
  return {
    ...profile,
    steps: wanted,
    stages: stagesOfSteps(wanted),
    defaults: { ...defaults, vus: highest },
  };
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

/** `--target-vus`. */
export function resolveTargetVus(flags: RunFlags, issues: ConfigIssue[]): number {
  const seen = flags['target-vus'];
  if (seen === undefined) return TARGET_VUS;
  const vus = parseWhole(seen, 1, MAX_VUS);
  if (vus === undefined) {
    issues.push({
      path: '--target-vus',
      problem: 'not a whole number in range',
      seen,
      wanted: `1 to ${MAX_VUS}`,
    });
  }
  return vus ?? TARGET_VUS;
}
