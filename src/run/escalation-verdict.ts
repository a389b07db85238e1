import { formatClock } from '../report/figures.js';
import type { Summary } from '../report/summary.js';
import { judge, type Verdict } from '../stats/gate.js';
import type { Totals } from '../stats/merge.js';
import type { Ending } from './conclude.js';
import type { EscalationRecord, EscalationResult } from './escalation-result.js';
import type { RunRecord } from './run-record.js';
import { judgeSpan, type StepJudged } from './step-judgement.js';

/**
 * The verdict of an escalation: whether the platform carries the target, with the rows of the step that decided it.
 * What was measured beyond a breaking point is no matter of a verdict on the whole.
 */
export function judgeFound(
  found: EscalationResult,
  totals: Totals,
  record: RunRecord,
  ending: Ending,
): Verdict {
  const died = ending.workersDied.length;
  if (found.deciding === undefined) {
    const { workers, profile, rows, phases, planned, exempt } = record;
    const facts = { workersPlanned: workers, workersDied: died, completed: false };
    const verdict = judge(totals, {
      profileName: profile,
      gate: 'viewer',
      rows,
      phases,
      planned,
      exempt,
      facts,
    });
    return { ...verdict, verdict: found.verdict, invalidReasons: [] };
  }
  const { verdict } = judgeSpan(totals, record, found.deciding.span, died);
  const isInvalid = found.verdict === 'invalid';
  const known = isInvalid && verdict.invalidReasons.length === 0;
  const reasons = known
    ? [{ code: 'lag_decides' as const, text: found.deciding.reason }]
    : verdict.invalidReasons;
  return { ...verdict, verdict: found.verdict, invalidReasons: isInvalid ? reasons : [] };
}

/** What the reader must know of the rows. */
export function escalationNotes({ deciding }: EscalationResult): string[] {
  if (deciding === undefined) return [];
  const [rise, hold] = deciding.span.phases;
  return [
    `the rows are those of ${deciding.span.vus} viewers, ${formatClock(rise.fromMs)} to ${formatClock(hold.toMs)}`,
  ];
}

/** The part of the summary. */
export function escalationSummary(
  record: EscalationRecord | undefined,
  found: EscalationResult,
  steps: readonly StepJudged[],
): NonNullable<Summary['escalation']> {
  const { sentence, finished, holds, breaksAt, cause, headroomPct, deciding } = found;
  return {
    ...{ sentence, finished, targetVus: record?.targetVus ?? 0, holds },
    breaksAt: breaksAt ?? null,
    cause: cause ?? null,
    headroomPct: headroomPct ?? null,
    decidingStep: deciding?.span.phases[1].name ?? null,
    steps: steps.map(({ span, outcome, failed, reason }) => {
      const { name: phase, fromMs, toMs } = span.phases[1];
      return {
        vus: span.vus,
        outcome,
        phase,
        fromMs,
        toMs,
        failed: failed.map((row) => ({ ...row })),
        reason,
      };
    }),
  };
}
