import { type FailedRow, isSymptom, rankOf } from './step-cause.js';
import type { StepJudged } from './step-judgement.js';

/** Why a platform breaks at a level, and the measurement that shows it. */
export interface BreakCause {
  readonly row: FailedRow;
  /** The last measurement of the level in which it failed; of a cause that only higher levels show, the last of all. */
  readonly shownBy: StepJudged;
}

/** What a level is measured by more than once, or a higher one shows too, is no hiccup. */
const SEEN_AT_LEAST = 2;

/**
 * The most upstream row that failed at `breaksAt` and was seen to fail twice, there or above: what failed once may have
 * been a hiccup, and of a few viewers too many a share of all hardly tells, but a share of those who came last does.
 * Where only viewers are missing, without a word why, the next level above that tells why is asked.
 * Undefined = it did not break there.
 */
export function breakCause(judged: readonly StepJudged[], breaksAt: number): BreakCause | undefined {
  const broken = judged.filter(({ outcome, span }) => outcome === 'broke' && span.vus >= breaksAt);
  const here = broken.filter(({ span }) => span.vus === breaksAt);
  const last = here.at(-1);
  if (last === undefined) return undefined;
  const often = mostUpstream(
    here.flatMap(({ failed }) => failed).filter(({ id }) => timesOf(broken, id) >= SEEN_AT_LEAST),
  );
  const [row] = often === undefined ? last.failed : [often];
  if (row === undefined) return undefined;
  const why = isSymptom(row.id) ? whyAbove(broken, breaksAt) : undefined;
  if (why !== undefined)
    return {
      row: { ...why.row, words: `${why.row.words} (at ${why.vus}; here ${row.words})` },
      shownBy: last,
    };
  const shownBy = here.findLast(({ failed }) => failed.some(({ id }) => id === row.id)) ?? last;
  return { row: shownBy.failed.find(({ id }) => id === row.id) ?? row, shownBy };
}

/** What the lowest level above tells of why viewers are missing. */
function whyAbove(
  broken: readonly StepJudged[],
  breaksAt: number,
): { readonly row: FailedRow; readonly vus: number } | undefined {
  const above = broken.filter(({ span }) => span.vus > breaksAt).sort((a, b) => a.span.vus - b.span.vus);
  for (const { failed, span } of above) {
    const row = mostUpstream(failed.filter(({ id }) => !isSymptom(id)));
    if (row !== undefined) return { row, vus: span.vus };
  }
  return undefined;
}

function mostUpstream(rows: readonly FailedRow[]): FailedRow | undefined {
  return [...rows].sort((a, b) => rankOf(a.id) - rankOf(b.id))[0];
}

function timesOf(broken: readonly StepJudged[], id: string): number {
  return broken.filter(({ failed }) => failed.some((row) => row.id === id)).length;
}
