import type { KpiEvidence } from '../report/summary.js';
import type { RowResult } from '../stats/gate.js';
import { KPIS } from '../stats/kpis.js';
import { METRICS } from '../stats/metrics.js';
import type { Moments } from '../stats/moments.js';
import { type PhaseSpan, phasesIn, type Window } from '../stats/windows.js';

/** A notable event of a viewer: a line of events.ndjson. */
export interface ViewerTrouble {
  readonly kind: string;
  readonly atMs: number;
  readonly vu: number;
}

/** Viewers that are named for one row. */
const MAX_VUS = 20;
/** Something that began in a window may be reported a little after it. */
const LATE_MS = 10_000;

/** What stands behind a row: its worst moment, the viewers that had trouble, and where to look on. */
export function evidenceOf(
  row: RowResult,
  phases: readonly PhaseSpan[],
  troubles: readonly ViewerTrouble[],
  moments: Moments | undefined,
): KpiEvidence {
  const inside = phasesIn(row.window as Window, phases);
  const names = row.window === 'run' ? phases : inside;
  const worst = moments?.worst(
    row.id,
    names.map(({ name }) => name),
  );
  return {
    ...(worst === undefined ? {} : { worst: { ...worst } }),
    ...(row.interval === undefined ? {} : { interval: { ...row.interval } }),
    ...(row.doubt === undefined ? {} : { doubt: row.doubt }),
    vus: troubled(row, inside, troubles),
    command: `dorami-load judge DIR --explain ${row.id}`,
  };
}

/** Viewers of whom something was written down that the row is made of, in its window; the first ones, by number. */
function troubled(
  { id }: RowResult,
  phases: readonly PhaseSpan[],
  troubles: readonly ViewerTrouble[],
): number[] {
  const kinds = new Set(
    KPIS[id].metrics.flatMap((name) => {
      const { fedBy } = METRICS[name];
      return typeof fedBy === 'string' ? [] : fedBy;
    }) as readonly string[],
  );
  const vus = new Set<number>();
  for (const { kind, atMs, vu } of troubles) {
    if (vus.size >= MAX_VUS) break;
    if (!kinds.has(kind)) continue;
    if (phases.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs + LATE_MS)) vus.add(vu);
  }
  return [...vus].sort((a, b) => a - b);
}
