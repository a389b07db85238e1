import type { RunConfig } from '../config.js';
import { mostVus } from '../scenarios/live-plan.js';
import { cartOffset, type Plan } from '../scenarios/plan.js';
import type { Planned } from '../stats/gate.js';
import { isKpiId } from '../stats/kpis.js';
import type { Ending } from './conclude.js';
import { exemptRows } from './exempt-rows.js';
import { plannedFaults, rowsWithoutFault } from './fault-rows.js';
import { isLine, plannedOf, type RunRecord } from './run-record.js';

/** A plan as it stands after a change, as far as a verdict needs it: what run.json says of it before. */
export type ChangedPlan = Pick<RunRecord, 'phases' | 'plannedMs' | 'planned' | 'exempt' | 'faults'>;

/** A change of the plan while the run went. */
export interface PlanChanged {
  readonly what: 'pause' | 'resume' | 'scale' | 'step';
  /** What the reader of the verdict is told; empty = nothing. */
  readonly words: string;
  /** Absent in a pause: it is over when the run goes on, and then the plan is known again. */
  readonly plan?: ChangedPlan;
  /** The line of viewers that is wanted from now on, with what was wanted before. Absent in a folder of an older version. */
  readonly line?: Plan['line'];
}

/** What a verdict needs of a plan that was changed; `users` VUs have an account. */
export function changedPlan(config: RunConfig, changed: Plan, users: number): ChangedPlan {
  const plan = { ...changed, vus: mostVus(changed) };
  const planned = plannedOf(config, plan, users);
  const { faults } = config.profile;
  const exempt = {
    ...exemptRows(config.profile, plan, planned, cartOffset(config.seed)),
    ...rowsWithoutFault(faults ?? []),
  };
  const moved = faults === undefined ? {} : { faults: plannedFaults(faults, plan) };
  return { phases: plan.phases, plannedMs: plan.totalMs, planned, exempt, ...moved };
}

/** The record with what was changed; a change that does not tell its line leaves none: the first one does not hold any more. */
export function asChanged(record: RunRecord, { changed, line }: Pick<Ending, 'changed' | 'line'>): RunRecord {
  if (changed === undefined && line === undefined) return record;
  const { line: _first, ...rest } = record;
  return { ...rest, ...changed, ...(line === undefined ? {} : { line }) };
}

/** Whether a line of events.ndjson is such a change, whole: a damaged one must not take the verdict with it. */
export function isPlanChanged(value: unknown): value is PlanChanged {
  if (!isObject(value) || typeof value.words !== 'string') return false;
  const { plan, line } = value;
  if (line !== undefined && !isLine(line)) return false;
  if (plan === undefined) return true;
  return (
    isObject(plan) &&
    Array.isArray(plan.phases) &&
    plan.phases.every(isPhase) &&
    Number.isFinite(plan.plannedMs) &&
    isPlanned(plan.planned) &&
    isObject(plan.exempt) &&
    Object.entries(plan.exempt).every(([id, why]) => isKpiId(id) && typeof why === 'string')
  );
}

/** Whether this is a phase of a plan. */
export function isPhase(value: unknown): value is Plan['phases'][number] {
  if (!isObject(value)) return false;
  const { name, role, fromMs, toMs } = value;
  return (
    typeof name === 'string' && typeof role === 'string' && Number.isFinite(fromMs) && Number.isFinite(toMs)
  );
}

/** Whether this is what a run had planned. */
export function isPlanned(value: unknown): value is Planned {
  if (!isObject(value) || !isObject(value.byProtocol)) return false;
  const counts = [value.vus, value.users, value.byProtocol.hls, value.byProtocol.flv];
  return counts.every(Number.isFinite) && typeof value.writes === 'boolean';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
