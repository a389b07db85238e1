import type { AbortRule } from '../config/abort-on.js';
import { type JudgeContext, judge } from '../stats/gate.js';
import type { KpiId } from '../stats/kpis.js';
import type { Totals } from '../stats/merge.js';

/** What `stoppedBy` says of a run that a failing row cut short, before the row's id. */
export const ABORT = 'abort';

/** Looks at the rows that may end a run, on all that was measured so far. */
export class AbortWatch {
  readonly #rules: readonly AbortRule[];
  readonly #context: Omit<JudgeContext, 'rows'>;
  /** Since when each row has failed without a break, run ms. */
  readonly #since = new Map<KpiId, number>();

  constructor(rules: readonly AbortRule[], context: Omit<JudgeContext, 'rows'>) {
    this.#rules = rules;
    this.#context = context;
  }

  /** The row that has failed long enough, or undefined. */
  look(totals: Totals, nowMs: number): KpiId | undefined {
    const rows = this.#rules.map(({ id }) => id);
    const failing = new Set(
      judge(totals, { ...this.#context, rows })
        .rows.filter(({ status }) => status === 'fail')
        .map(({ id }) => id),
    );
    for (const { id, afterMs } of this.#rules) {
      if (!failing.has(id)) {
        this.#since.delete(id);
        continue;
      }
      const sinceMs = this.#since.get(id) ?? nowMs;
      this.#since.set(id, sinceMs);
      if (nowMs - sinceMs >= afterMs) return id;
    }
    return undefined;
  }
}
