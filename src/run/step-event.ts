import { isKpiId } from '../stats/kpis.js';
import { isPhase, isPlanned } from './plan-changed.js';
import type { StepJudged } from './step-judgement.js';

const OUTCOMES: readonly unknown[] = ['held', 'broke', 'generator', 'unknown'];

/** Whether a line of events.ndjson is a judged step, whole: a damaged one must not take the verdict with it. */
export function isStepJudged(value: unknown): value is StepJudged {
  if (!isObject(value) || !isObject(value.span)) return false;
  const { span, outcome, failed, reason } = value;
  return (
    OUTCOMES.includes(outcome) &&
    typeof reason === 'string' &&
    Array.isArray(failed) &&
    failed.every((row) => isObject(row) && typeof row.id === 'string' && typeof row.words === 'string') &&
    Number.isInteger(span.vus) &&
    Number.isInteger(span.fromVus) &&
    Array.isArray(span.phases) &&
    span.phases.length === 2 &&
    span.phases.every(isPhase) &&
    isPlanned(span.planned) &&
    isObject(span.exempt) &&
    Object.entries(span.exempt).every(([id, why]) => isKpiId(id) && typeof why === 'string')
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
