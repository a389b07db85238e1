import { planFaults } from '../scenarios/fault-plan.js';
import { type FaultStep, faultWords } from '../scenarios/fault-step.js';
import type { Plan } from '../scenarios/plan.js';
import { RECOVERY_KPIS, ROWS_OF_FAULT, ROWS_OF_LONG_LOSS } from '../stats/kpi-rows-recovery.js';
import type { KpiId } from '../stats/kpis.js';
import type { Totals } from '../stats/merge.js';
import { createView } from '../stats/view.js';
import type { PhaseSpan } from '../stats/windows.js';
import type { FaultRecord } from './fault-history.js';

/** A fault as run.json keeps it. */
export interface PlannedFaultRecord {
  readonly name: string;
  readonly breaks: FaultStep['breaks'];
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of a loss of the publisher: so long the platform waits before its stream is over. */
  readonly graceMs?: number;
}

export function plannedFaults(faults: readonly FaultStep[], plan: Plan): readonly PlannedFaultRecord[] {
  return planFaults(faults, plan.phases).map(({ step, fromMs, toMs }) => {
    const { name, breaks, graceMs } = step;
    const waits = breaks === 'publisher' ? { graceMs } : {};
    return { name, breaks, what: faultWords(step), fromMs, toMs, ...waits };
  });
}

type Reasons = Partial<Record<KpiId, string>>;

/** Rows that the faults of a profile cannot fill, and why. */
export function rowsWithoutFault(faults: readonly FaultStep[]): Reasons {
  const reasons: Reasons = {};
  for (const id of Object.keys(RECOVERY_KPIS) as (keyof typeof RECOVERY_KPIS)[]) {
    const fills = faults.some(({ breaks }) => ROWS_OF_FAULT[breaks].includes(id));
    if (!fills) reasons[id] = 'no fault of this profile fills this row';
  }
  const losses = faults.filter(({ breaks }) => breaks === 'publisher');
  if (losses.length > 0 && !losses.some(({ forMs, graceMs }) => forMs > graceMs)) {
    const [longestMs, graceMs] = [longest(losses, 'forMs'), longest(losses, 'graceMs')];
    for (const id of ROWS_OF_LONG_LOSS)
      reasons[id] =
        `the publisher is gone for ${longestMs / 1000} s at most, and the platform waits ${graceMs / 1000} s`;
  }
  return reasons;
}

function longest(faults: readonly FaultStep[], what: 'forMs' | 'graceMs'): number {
  return Math.max(...faults.map((fault) => fault[what]));
}

/** Rows that have no data because their fault could not be made or mended. */
export function rowsSpoilt(faults: readonly FaultRecord[]): Reasons {
  const reasons: Reasons = {};
  for (const { name, breaks, failed, begunAtMs } of faults) {
    if (failed === undefined) continue;
    const what = begunAtMs === undefined ? 'made' : 'mended';
    for (const id of ROWS_OF_FAULT[breaks]) reasons[id] ??= `fault ${name} could not be ${what}: ${failed}`;
  }
  return reasons;
}

/** Who has to be there when a long loss of the publisher begins, for its rows to say anything of it. */
const SEEN_BY = { stream_ended_heard: 'room', stream_states: 'observer' } as const satisfies Record<
  (typeof ROWS_OF_LONG_LOSS)[number],
  string
>;

/**
 * Rows of the long losses of the publisher where nobody saw one of those that were made: the rows count who faced a
 * loss, and would pass by the others. Losses in one phase are told apart by their number only.
 */
export function rowsUnseen(
  planned: readonly PlannedFaultRecord[],
  made: readonly FaultRecord[],
  phases: readonly PhaseSpan[],
  totals: Totals,
): Reasons {
  const begun = new Set(made.flatMap(({ name, begunAtMs }) => (begunAtMs === undefined ? [] : [name])));
  const long = planned.filter(
    ({ name, graceMs, fromMs, toMs }) => begun.has(name) && graceMs !== undefined && toMs - fromMs > graceMs,
  );
  const reasons: Reasons = {};
  for (const phase of phases) {
    const losses = long.filter(({ fromMs }) => fromMs >= phase.fromMs && fromMs < phase.toMs);
    for (const id of ROWS_OF_LONG_LOSS) {
      const faced = createView(totals, [phase.name]).count('stream_end_faced_count', { label: SEEN_BY[id] });
      if (faced >= losses.length) continue;
      const names = losses.map(({ name }) => name).join(', ');
      reasons[id] ??= `not every loss of the publisher was seen (${names}): ${faced} viewers were there`;
    }
  }
  return reasons;
}

/** Why a run is not the one that was asked for, where no row can say it; undefined = it is. */
export function faultNotMade(faults: readonly FaultRecord[]): string | undefined {
  const failed = faults.find(
    (fault) => fault.failed !== undefined && ROWS_OF_FAULT[fault.breaks].length === 0,
  );
  return failed && `fault ${failed.name} could not be made or mended: ${failed.failed}`;
}

/** What a reader should know of the faults, a line each. */
export function faultNotes(faults: readonly FaultRecord[], completed: boolean): readonly string[] {
  return faults.map(({ name, what, begunAtMs, endedAtMs, failed, early, undone }) => {
    if (failed !== undefined) {
      const later = undone === true ? `; undone at ${at(endedAtMs ?? 0)}, when the run was over` : '';
      return `fault ${name} could not be ${begunAtMs === undefined ? 'made' : 'mended'}: ${failed}${later}`;
    }
    const begun = `fault ${name} (${what ?? ''}) from ${at(begunAtMs ?? 0)}`;
    if (undone !== undefined)
      return `${begun}: ${undone ? 'mended after the run was gone' : 'NOT mended: the undo failed, see events.ndjson'}`;
    if (endedAtMs === undefined)
      return completed ? begun : `${begun}: never mended as far as this run knows, look after it by hand`;
    return `${begun} to ${at(endedAtMs)}${early ? ', mended early because the run ended' : ''}`;
  });
}

/** `5:00.2`: minutes, seconds, tenths. */
function at(ms: number): string {
  const tenths = Math.round(ms / 100);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}
