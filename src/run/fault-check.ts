import type { RunConfig } from '../config.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { defaultJournalFolder, journalProblem } from '../faults/journal.js';
import { FaultRefused, prepareChange } from '../faults/prepare.js';
import { planFaults, planIssues } from '../scenarios/fault-plan.js';
import { type FaultStep, faultIssues, realActionOf, type StageableAction } from '../scenarios/fault-step.js';
import type { Plan } from '../scenarios/plan.js';
import type { RealAction } from '../scenarios/real-fault.js';
import { toFaultSpec } from '../stage/fault-spec.js';
import { stageControl, whyNot } from './fault-doers.js';
import { faultWorld } from './fault-means.js';
import { NOT_ALLOWED } from './fault-real.js';

type Config = Pick<RunConfig, 'profile' | 'target' | 'controls' | 'allowNetworkFaults' | 'journal' | 'boxes'>;

const OF_OTHER_BOXES =
  'the viewers of this run are on its load boxes: they are not behind the network of this machine';

/**
 * Whether the faults of a profile can be made in this run, before anything is started; nothing is changed.
 * @throws {ConfigError} with every one that cannot
 */
export async function checkFaults(config: Config, plan: Plan): Promise<void> {
  const { profile } = config;
  const { faults = [] } = profile;
  const path = `${profile.name}.faults`;
  const stages = plan.phases.map(({ name }) => name);
  const issues = [
    ...faultIssues(faults, path, stages),
    ...planIssues(planFaults(faults, plan.phases), plan.totalMs, path),
  ];
  let changesMachine = false;
  for (const fault of faults) {
    const real = realActionOf(fault.action);
    const at = `${path}.${fault.name}`;
    if (real === undefined) issues.push(...meansIssues(fault, at, config));
    else if (!config.allowNetworkFaults) issues.push({ path: at, problem: NOT_ALLOWED });
    else if (config.boxes !== undefined && real.on === 'network')
      issues.push({ path: at, problem: OF_OTHER_BOXES });
    else {
      changesMachine = true;
      issues.push(...(await realIssues(real, at, config)));
    }
  }
  if (changesMachine) issues.push(...(await journalIssues(config)));
  if (issues.length > 0) throw new ConfigError(issues);
}

/** What stands against it as things are now; they may be others when it begins. */
async function realIssues(action: RealAction, path: string, config: Config): Promise<ConfigIssue[]> {
  try {
    await prepareChange(action, faultWorld(config));
    return [];
  } catch (error) {
    if (!(error instanceof FaultRefused)) throw error;
    return error.problems.map((problem) => ({ path, problem }));
  }
}

async function journalIssues({ journal = defaultJournalFolder() }: Config): Promise<ConfigIssue[]> {
  const problem = await journalProblem(journal);
  if (problem === undefined) return [];
  const wanted = 'a folder that can be written to';
  return [{ path: '--journal', problem: `nothing can be written down in ${journal} (${problem})`, wanted }];
}

function meansIssues(
  { action, forMs }: FaultStep,
  path: string,
  { target, controls, boxes }: Config,
): ConfigIssue[] {
  if (action.on === 'run') return [];
  if (action.on === 'publisher' && controls.publisherUrl !== undefined) return [];
  const staged = action as StageableAction;
  if (
    target.kind !== 'stage' &&
    controls.stageUrl === undefined &&
    boxes !== undefined &&
    staged.on === 'network'
  )
    return [{ path, problem: OF_OTHER_BOXES }];
  if (target.kind !== 'stage' && controls.stageUrl === undefined) return [{ path, problem: whyNot(staged) }];
  const { kind, parameters } = stageControl(staged);
  try {
    toFaultSpec({ kind, ...parameters, ...(forMs > 0 ? { forSeconds: forMs / 1000 } : {}) });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map((issue) => ({ ...issue, path }));
  }
}
