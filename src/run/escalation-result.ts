import { type Finding, findingSoFar, type Measurement, nextMove } from '../scenarios/escalation.js';
import type { VerdictWord } from '../stats/gate.js';
import { breakCause } from './break-cause.js';
import type { StepJudged } from './step-judgement.js';

/** What run.json says of an escalation. */
export interface EscalationRecord {
  /** Levels in viewers, rising. */
  readonly steps: readonly number[];
  readonly targetVus: number;
}

/** What an escalation found, in numbers and as a sentence. */
export interface EscalationResult {
  /** It came to its own end: what it says is known to 5 %. */
  readonly finished: boolean;
  readonly sentence: string;
  /** Whether the platform carries the target. */
  readonly verdict: VerdictWord;
  readonly holds: number;
  readonly breaksAt?: number;
  /** Id of the row that names the cause. */
  readonly cause?: string;
  /** How far the breaking point, or the highest step that was held, lies above the target. */
  readonly headroomPct?: number;
  /** The step whose rows are the run's; absent = none was judged. */
  readonly deciding?: StepJudged;
}

/**
 * What the steps so far come to; the same from a live run and from its folder.
 *
 * | verdict | when |
 * |---|---|
 * | pass | the target, or more, was held |
 * | fail | it broke at the target or below |
 * | invalid | the generator broke before the target was reached |
 * | no_data | the target was not tried, or nothing can be said of it |
 */
export function escalationResult(
  { steps, targetVus }: EscalationRecord,
  judged: readonly StepJudged[],
): EscalationResult {
  const done: Measurement[] = judged.map(({ span, outcome }) => ({ vus: span.vus, outcome }));
  const move = nextMove(steps, done);
  const finding = move.kind === 'done' ? move.finding : undefined;
  const { holds, breaksAt } =
    finding?.kind === 'holds' ? { holds: finding.holds } : (finding ?? findingSoFar(done));
  const why = breaksAt === undefined ? undefined : breakCause(judged, breaksAt);
  const cause = why?.row;
  const verdict = verdictOf(finding, holds, breaksAt, targetVus);
  const deciding = decidingOf(judged, verdict, holds, why?.shownBy);
  const reached = finding?.kind === 'breaks' ? breaksAt : finding?.kind === 'holds' ? holds : undefined;
  return {
    finished: finding !== undefined,
    sentence: sentenceOf(finding, { holds, breaksAt, targetVus, cause: cause?.words, last: judged.at(-1) }),
    ...{ verdict, holds },
    ...(breaksAt === undefined ? {} : { breaksAt }),
    ...(cause === undefined ? {} : { cause: cause.id }),
    ...(reached === undefined ? {} : { headroomPct: headroom(reached, targetVus) }),
    ...(deciding === undefined ? {} : { deciding }),
  };
}

function verdictOf(
  finding: Finding | undefined,
  holds: number,
  breaksAt: number | undefined,
  targetVus: number,
): VerdictWord {
  if (holds >= targetVus) return 'pass';
  if (finding?.kind === 'generator') return 'invalid';
  if (finding?.kind !== 'unknown' && breaksAt !== undefined && breaksAt <= targetVus) return 'fail';
  return 'no_data';
}

function decidingOf(
  judged: readonly StepJudged[],
  verdict: VerdictWord,
  holds: number,
  broken: StepJudged | undefined,
): StepJudged | undefined {
  if (verdict === 'pass') return lastOf(judged, holds, 'held');
  return verdict === 'fail' ? broken : judged.at(-1);
}

function lastOf(
  judged: readonly StepJudged[],
  vus: number,
  outcome: StepJudged['outcome'],
): StepJudged | undefined {
  return judged.findLast((one) => one.span.vus === vus && one.outcome === outcome);
}

/** In whole percent: 60 = breaks at 800 of 500. */
function headroom(vus: number, targetVus: number): number {
  return Math.round((vus / targetVus - 1) * 100);
}

interface Facts {
  readonly holds: number;
  readonly breaksAt: number | undefined;
  readonly targetVus: number;
  readonly cause: string | undefined;
  readonly last: StepJudged | undefined;
}

function sentenceOf(finding: Finding | undefined, facts: Facts): string {
  const { holds, breaksAt, targetVus, cause = 'a row that failed', last } = facts;
  const held = holds > 0 ? `it holds ${holds}` : 'it holds none of the levels that were tried';
  const broke = breaksAt === undefined ? '' : `, and breaks at ${breaksAt} or below due to ${cause}`;
  switch (finding?.kind) {
    case 'breaks':
      return `System breaks at ${breaksAt} CCU due to ${cause}; ${held}, ${overTarget(finding.breaksAt, targetVus)}`;
    case 'holds':
      return holds < targetVus
        ? `System holds ${holds} CCU, the highest step; the target of ${targetVus} was not tried`
        : `System holds ${holds} CCU, the highest step: at least ${overTarget(holds, targetVus)}`;
    case 'generator':
      return `The generator broke first, at ${finding.at} CCU: ${last?.reason ?? ''}; of the system is known that ${held}${broke}`;
    case 'unknown':
      return `At ${finding.at} CCU nothing can be said of the system: ${last?.reason ?? ''}; of it is known that ${held}${broke}`;
    default:
      return last === undefined
        ? 'Ended before the first step was judged: nothing is known of the breaking point'
        : `Ended before the breaking point was found; of the system is known that ${held}${broke}`;
  }
}

function overTarget(vus: number, targetVus: number): string {
  const pct = headroom(vus, targetVus);
  return pct >= 0
    ? `${pct} % headroom over the target of ${targetVus}`
    : `${-pct} % below the target of ${targetVus}`;
}
