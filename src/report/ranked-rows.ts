import { formatValue } from './figures.js';
import { besideText } from './gate-section.js';
import type { KpiSummary, Summary } from './summary-schema.js';

const RANK: Readonly<Record<KpiSummary['status'], number>> = { fail: 0, no_data: 1, pass: 2, not_judged: 3 };

/** The rows of the gate as they are read: mandatory ones first, and what is no pass before what is. */
export function rankedRows(kpis: readonly KpiSummary[]): KpiSummary[] {
  const rank = ({ mandatory, status }: KpiSummary): number => (mandatory ? 0 : 10) + RANK[status];
  return [...kpis].sort((a, b) => rank(a) - rank(b));
}

/** Rows that decide the verdict and are no pass, failures first. */
export function decidingRows({ kpis }: Pick<Summary, 'kpis'>): KpiSummary[] {
  return rankedRows(kpis).filter(
    ({ mandatory, status }) => mandatory && (status === 'fail' || status === 'no_data'),
  );
}

/** `3.2 ms, wanted <= 3 ms`, or why there is no value. */
export function outcomeText(row: KpiSummary): string {
  if (row.status === 'no_data' || row.status === 'not_judged') return row.reason;
  const { bound, unit } = row;
  const beside = besideText(row);
  const value = `${formatValue(row.value, unit)}, wanted ${bound.op} ${formatValue(bound.value, unit)}`;
  return beside === '' ? value : `${value} (${beside})`;
}

/** How many rows were judged and passed, and how many were not judged: the same numbers wherever rows are counted. */
export function rowCounts(kpis: readonly KpiSummary[]): {
  readonly judged: number;
  readonly passed: number;
  readonly unjudged: number;
} {
  const of = (wanted: KpiSummary['status']): number => kpis.filter(({ status }) => status === wanted).length;
  const unjudged = of('not_judged');
  return { judged: kpis.length - unjudged, passed: of('pass'), unjudged };
}

/** Titles of the rows that were not judged, by reason. */
export function unjudgedByReason(kpis: readonly KpiSummary[]): ReadonlyMap<string, readonly KpiSummary[]> {
  const byReason = new Map<string, KpiSummary[]>();
  for (const row of kpis) {
    if (row.status === 'not_judged') byReason.set(row.reason, [...(byReason.get(row.reason) ?? []), row]);
  }
  return byReason;
}
