import type { ConfigIssue } from '../errors.js';
import type { FaultStep } from './fault-step.js';

/** A fault with its times filled in, `[fromMs, toMs]` in run milliseconds. */
export interface PlannedFault {
  readonly step: FaultStep;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The faults of a profile in the order in which they begin; one whose stage the plan has not is left out. */
export function planFaults(
  faults: readonly FaultStep[],
  phases: readonly { readonly name: string; readonly fromMs: number }[],
): readonly PlannedFault[] {
  return faults
    .flatMap((step) => {
      const phase = phases.find(({ name }) => name === step.stage);
      if (phase === undefined) return [];
      const fromMs = phase.fromMs + step.atMs;
      return [{ step, fromMs, toMs: fromMs + step.forMs }];
    })
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** What cannot be told apart: a fault that begins before the one before it has ended, or ends after the run. */
export function planIssues(
  planned: readonly PlannedFault[],
  totalMs: number,
  path: string,
): readonly ConfigIssue[] {
  return planned.flatMap((fault, index) => {
    const at = `${path}.${fault.step.name}`;
    const before = planned[index - 1];
    const issues: ConfigIssue[] = [];
    if (before !== undefined && fault.fromMs < before.toMs)
      issues.push({ path: at, problem: `begins while ${before.step.name} lasts` });
    if (fault.toMs > totalMs)
      issues.push({
        path: at,
        problem: 'ends after the run',
        seen: `${fault.toMs} ms`,
        wanted: `${totalMs} ms`,
      });
    return issues;
  });
}

/** What viewers are told of a fault: enough to judge their own recovery. */
export interface FaultMark {
  /** Its place in the plan. */
  readonly index: number;
  readonly breaks: FaultStep['breaks'];
  readonly forMs: number;
  readonly graceMs: number;
  /** When it is to begin; what it does to a viewer counts in the phase of this instant. */
  readonly fromMs: number;
}

/** What becomes of a fault, as viewers are told. */
export type FaultNews =
  /** It is about to begin: whoever watches now faces it. */
  | { readonly what: 'begins'; readonly fault: FaultMark }
  /** It was mended at `atMs`; it had begun at `begunAtMs`. */
  | { readonly what: 'mended'; readonly index: number; readonly begunAtMs: number; readonly atMs: number }
  /** It could not be made, or not be mended: nothing is to be judged by it. */
  | { readonly what: 'called_off'; readonly index: number };
