import { ERROR_SOURCES } from '../report/error-kinds.js';
import type { View } from '../stats/view.js';

/** What is counted since the run began. */
interface Counts {
  readonly atMs: number;
  readonly calls: number;
  readonly failed: number;
  readonly chat: number;
}

/** Per second, of the last seconds. */
export interface Rates {
  readonly callsPerS: number;
  /** % of those calls; absent = there was none. */
  readonly failedPct?: number;
  readonly chatPerS: number;
}

const SPAN_MS = 10_000;
/** One look a second; more often is no use. */
const MAX_LOOKS = 64;

/** Rates over the last ten seconds (or since the look before, where looks are rarer): a few numbers, whatever the load. */
export class RateWindow {
  readonly #looks: Counts[] = [];

  look(atMs: number, view: View): Rates | undefined {
    const now = countsOf(atMs, view);
    const last = this.#looks.at(-1);
    if (last === undefined || atMs > last.atMs) this.#looks.push(now);
    while (this.#looks.length > MAX_LOOKS || (this.#looks[1]?.atMs ?? Infinity) <= atMs - SPAN_MS)
      this.#looks.shift();
    const [first] = this.#looks;
    if (first === undefined || first.atMs >= atMs) return undefined;
    const seconds = (atMs - first.atMs) / 1000;
    const calls = now.calls - first.calls;
    return {
      callsPerS: calls / seconds,
      ...(calls > 0 ? { failedPct: Math.min(100, ((now.failed - first.failed) / calls) * 100) } : {}),
      chatPerS: (now.chat - first.chat) / seconds,
    };
  }
}

const failedOutcome = ERROR_SOURCES.find(({ metric }) => metric === 'api_outcome_count')?.counts;

function countsOf(atMs: number, view: View): Counts {
  const outcomes = Object.entries(view.byLabel('api_outcome_count'));
  const sum = (has: (label: string) => boolean): number =>
    outcomes.reduce((total, [label, count]) => total + (has(label) ? count : 0), 0);
  return {
    atMs,
    calls: sum(() => true),
    failed: sum((label) => failedOutcome?.(label) !== false),
    chat: view.count('chat_delivered_count'),
  };
}
