import { formatValue } from '../report/figures.js';
import { signText } from '../report/html/bound-text.js';
import type { Bound } from '../stats/kpi.js';
import type { GateRow, GateState } from './state.js';

/** A judged row, of a verdict or of a summary. */
interface Judged extends Pick<GateRow, 'id' | 'title' | 'mandatory' | 'status' | 'reason'> {
  readonly value?: number | null | undefined;
  readonly bound: Bound;
  readonly unit: string;
}

const ORDER = { fail: 0, no_data: 1, pass: 2, not_judged: 3 } as const;

/** Rows as they are shown: what fails first, mandatory ones before the others; rows that are not judged are left out. */
export function gateRows(judged: readonly Judged[]): GateRow[] {
  return judged
    .filter(({ status }) => status !== 'not_judged')
    .map(({ id, title, mandatory, status, reason, value, bound, unit }) => ({
      ...{ id, title, mandatory, status, reason },
      value: formatValue(value ?? undefined, unit),
      bound: `${signText(bound.op)} ${formatValue(bound.value, unit)}`,
    }))
    .sort((a, b) => ORDER[a.status] - ORDER[b.status] || Number(b.mandatory) - Number(a.mandatory));
}

const EVERY_MS = 5000;
/** The gate may take this share of the main thread at most. */
const MOST_SHARE = 0.02;

/** The gate so far: judged anew every 5 s, and more seldom where it takes long. */
export class GateSoFar {
  readonly #nowMs: () => number;
  #rows: readonly GateRow[] = [];
  #atMs: number | undefined;
  #nextMs = 0;

  /** @param nowMs any clock, for how long judging takes */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @param isLast judged whenever that was last: the run has ended */
  at(atMs: number, judge: () => readonly GateRow[], isLast = false): GateState {
    if (isLast || atMs >= this.#nextMs) {
      const began = this.#nowMs();
      this.#rows = judge();
      this.#atMs = atMs;
      this.#nextMs = atMs + Math.max(EVERY_MS, (this.#nowMs() - began) / MOST_SHARE);
    }
    return gateState(this.#rows, this.#atMs);
  }
}

function gateState(rows: readonly GateRow[], atMs: number | undefined): GateState {
  const counts = { pass: 0, fail: 0, no_data: 0, not_judged: 0 };
  for (const { mandatory, status } of rows) if (mandatory) counts[status]++;
  return { rows, counts, ...(atMs === undefined ? {} : { atMs }) };
}
