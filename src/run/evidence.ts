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
  const ownWorst = worstReading(row, phases);
  return {
    ...ownWorst,
    ...(found === undefined ? {} : { worst: worst as NonNullable<KpiEvidence['worst']> }),
    ...(row.interval === undefined ? {} : { interval: { ...row.interval } }),
    ...(row.doubt === undefined ? {} : { doubt: row.doubt }),
    vus: [...vus],
    command: `dorami-load judge DIR --explain ${row.id}`,
  };
}

/** Of a figure of the platform's own: when it stood worst. */
function worstReading({ worst }: RowResult, phases: readonly PhaseSpan[]): Pick<KpiEvidence, 'worst'> {
  if (worst === undefined) return {};
  const { fromMs, toMs, value } = worst;
  const phase = phases.find((one) => toMs >= one.fromMs && toMs < one.toMs)?.name ?? '';
  return { worst: { fromMs: Math.max(0, fromMs), toMs: Math.max(0, toMs), phase, value, samples: 1 } };
}
