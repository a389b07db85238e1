import type { Change, ChangeOf } from './change.js';
import { containerPlan } from './container-plan.js';
import { linkPlan } from './link-plan.js';
import { partitionPlan } from './partition-plan.js';
import { seeProcesses, signalProcesses, undoProcesses } from './process-change.js';
import { type RunTool, runTool } from './run-tool.js';
import type { Sight, Step, StepPlan } from './steps.js';
import { throttlePlan } from './throttle-plan.js';

type ByTools = Exclude<Change, ChangeOf<'process-paused' | 'process-killed'>>;

/** How a change is made and undone by programs. Pure. */
export function planOf(change: ByTools): StepPlan {
  switch (change.kind) {
    case 'partition':
      return partitionPlan(change);
    case 'throttle':
      return throttlePlan(change);
    case 'link-down':
      return linkPlan(change);
    default:
      return containerPlan(change);
  }
}

function isByTools(change: Change): change is ByTools {
  return change.kind !== 'process-paused' && change.kind !== 'process-killed';
}

/**
 * Makes a change that has been written down.
 * @throws Error in words at the first step that fails; what was done until then is for `undoChange`
 */
export async function makeChange(change: Change, run: RunTool = runTool): Promise<void> {
  if (!isByTools(change)) return signalProcesses(change);
  await carryOut(planOf(change).make, run);
}

/** What came of an undo: `undone` now, `gone` before it, or why it could not be. */
export type Undone =
  | { readonly state: 'undone' | 'gone'; readonly detail: string }
  | { readonly state: 'failed'; readonly detail: string };

/** Whether a change is there now. Never rejects. */
export async function seeChange(change: Change, run: RunTool = runTool): Promise<Sight> {
  try {
    if (!isByTools(change)) return await seeProcesses(change);
    const { look, see } = planOf(change);
    return see(await Promise.all(look.map(run)));
  } catch (error) {
    return { unseen: words(error) };
  }
}

/** Looks whether a change is there, undoes it, and looks again. May be called as often as one likes; never rejects. */
export async function undoChange(change: Change, run: RunTool = runTool): Promise<Undone> {
  const before = await seeChange(change, run);
  if (typeof before === 'object') return { state: 'failed', detail: `it cannot be seen: ${before.unseen}` };
  if (before === 'gone') return { state: 'gone', detail: 'it was not there any more' };
  try {
    let detail = 'undone';
    if (isByTools(change)) await carryOut(planOf(change).undo, run);
    else detail = await undoProcesses(change);
    const isOpenEnd = change.kind === 'process-killed' && change.start === undefined;
    const after = isOpenEnd ? 'gone' : await seeChange(change, run);
    if (after === 'gone') return { state: 'undone', detail };
    const why = after === 'there' ? 'it is still there' : after.unseen;
    return { state: 'failed', detail: why };
  } catch (error) {
    return { state: 'failed', detail: words(error) };
  }
}

async function carryOut(steps: readonly Step[], run: RunTool): Promise<void> {
  for (const { argv, mayFail } of steps) {
    const end = await run(argv);
    if (!end.ok && mayFail !== true) throw new Error(end.problem);
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
