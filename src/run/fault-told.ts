import type { FaultPlace, FaultSummary } from '../report/fault-summary.js';
import type { PhaseSpan } from '../stats/windows.js';
import type { FaultRecord } from './fault-history.js';
import type { PlannedFaultRecord } from './fault-rows.js';

/**
 * What became of each fault that was planned, and of each that was made, in the order of their times. Pure: the same
 * of a run that just ended and of its folder.
 *
 * | outcome | when |
 * |---|---|
 * | not_begun | the run ended before it |
 * | not_made | it could not be made; what was half done was undone |
 * | mended | after its time |
 * | mended_early | when the run was stopped |
 * | undone | the run could not, or was gone: its supervisor did |
 * | not_mended | neither could |
 * | unknown | it was made, and nobody wrote down that it was mended: look after it by hand |
 *
 * (fault-told.test.ts repeats the table)
 */
export function faultsTold(
  planned: readonly PlannedFaultRecord[],
  made: readonly FaultRecord[],
): FaultSummary[] {
  const left = new Map(made.map((record) => [record.name, record]));
  const told = planned.map((plan) => {
    const record = left.get(plan.name);
    left.delete(plan.name);
    return toldOf(plan, record);
  });
  return [...told, ...[...left.values()].map((record) => toldOf(undefined, record))];
}

function toldOf(plan: PlannedFaultRecord | undefined, record: FaultRecord | undefined): FaultSummary {
  return {
    name: record?.name ?? plan?.name ?? '',
    what: record?.what ?? plan?.what ?? '',
    breaks: record?.breaks ?? plan?.breaks ?? 'other',
    atMs: plan?.fromMs ?? record?.begunAtMs ?? null,
    forMs: plan === undefined ? null : plan.toMs - plan.fromMs,
    doneAtMs: record?.begunAtMs ?? null,
    undoneAtMs: record?.endedAtMs ?? null,
    outcome: outcomeOf(record),
    ...(record?.failed === undefined ? {} : { error: record.failed }),
  };
}

function outcomeOf(record: FaultRecord | undefined): FaultSummary['outcome'] {
  if (record === undefined) return 'not_begun';
  const { begunAtMs, endedAtMs, early, failed, undone } = record;
  if (undone !== undefined) return undone ? 'undone' : 'not_mended';
  if (failed !== undefined) return begunAtMs === undefined ? 'not_made' : 'not_mended';
  if (endedAtMs === undefined) return 'unknown';
  return early === true ? 'mended_early' : 'mended';
}

/** Where the viewers of each fault that was made are counted. */
export function faultPlaces(
  planned: readonly PlannedFaultRecord[],
  made: readonly FaultRecord[],
  phases: readonly PhaseSpan[],
): FaultPlace[] {
  return made.flatMap(({ name, breaks, begunAtMs }) => {
    if (begunAtMs === undefined) return [];
    // Counted in the phase of the instant at which it was to begin; a slow command makes it later.
    const atMs = planned.find((plan) => plan.name === name)?.fromMs ?? begunAtMs;
    const phase = phases.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)?.name ?? '';
    return [{ name, breaks, phase }];
  });
}
