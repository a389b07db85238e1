import type { RunConfig } from '../config.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { planFaults, planIssues } from '../scenarios/fault-plan.js';
import { type FaultStep, faultIssues } from '../scenarios/fault-step.js';
import type { Plan } from '../scenarios/plan.js';
import { toFaultSpec } from '../stage/fault-spec.js';
import { stageControl, whyNot } from './fault-doers.js';

/**
 * Whether the faults of a profile can be made in this run, before anything is started.
 * @throws {ConfigError} with every one that cannot
 */
export function checkFaults(
  { profile, target, controls }: Pick<RunConfig, 'profile' | 'target' | 'controls'>,
  plan: Plan,
): void {
  const { faults = [] } = profile;
  const path = `${profile.name}.faults`;
  const stages = plan.phases.map(({ name }) => name);
  const hasStage = target.kind === 'stage' || controls.stageUrl !== undefined;
  const issues = [
    ...faultIssues(faults, path, stages),
    ...planIssues(planFaults(faults, plan.phases), plan.totalMs, path),
    ...faults.flatMap((fault) =>
      meansIssues(fault, path, { hasStage, hasPublisher: controls.publisherUrl !== undefined }),
    ),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
}

function meansIssues(
  { name, action, forMs }: FaultStep,
  path: string,
  { hasStage, hasPublisher }: { readonly hasStage: boolean; readonly hasPublisher: boolean },
): ConfigIssue[] {
  if (action.on === 'run' || (action.on === 'publisher' && hasPublisher)) return [];
  const at = `${path}.${name}`;
  if (!hasStage) return [{ path: at, problem: whyNot(action) }];
  const { kind, parameters } = stageControl(action);
  try {
    toFaultSpec({ kind, ...parameters, ...(forMs > 0 ? { forSeconds: forMs / 1000 } : {}) });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map((issue) => ({ ...issue, path: at }));
  }
}
