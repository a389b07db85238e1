import type { KpiEvidence } from '../report/summary.js';
import type { RowResult } from '../stats/gate.js';
import type { Moments } from '../stats/moments.js';
import { type PhaseSpan, phasesIn, type Window } from '../stats/windows.js';

/** What stands behind a row: its worst moment, the viewers that had trouble in it, and where to look on. */
export function evidenceOf(
  row: RowResult,
  phases: readonly PhaseSpan[],
  moments: Moments | undefined,
): KpiEvidence {
  const judged = row.window === 'run' ? phases : phasesIn(row.window as Window, phases);
  const found = moments?.worst(
    row.id,
    judged.map(({ name }) => name),
  );
  const { vus = [], ...worst } = found ?? {};
  return {
    ...(found === undefined ? {} : { worst: worst as NonNullable<KpiEvidence['worst']> }),
    ...(row.interval === undefined ? {} : { interval: { ...row.interval } }),
    ...(row.doubt === undefined ? {} : { doubt: row.doubt }),
    vus: [...vus],
    command: `dorami-load judge DIR --explain ${row.id}`,
  };
}
