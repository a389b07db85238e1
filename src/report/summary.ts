import type { JudgeContext, RowResult, Verdict, VerdictWord } from '../stats/gate.js';
import type { Totals } from '../stats/merge.js';

/** Free facts of the run that are repeated in the summary: id, profile, target, seed, versions, times. */
export interface RunFacts {
  readonly id: string;
  readonly profile: string;
  readonly target: string;
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Planned length, ms. */
  readonly plannedMs: number;
  readonly version: string;
  readonly nodeVersion: string;
  readonly host: string;
  readonly workers: number;
}

export interface MetricSummary {
  readonly unit: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly count: number;
}

export interface Summary {
  readonly $schema: string;
  readonly schemaVersion: 1;
  readonly verdict: VerdictWord;
  readonly gate: 'viewer' | 'full';
  readonly exitCode: number;
  readonly kpis: readonly RowResult[];
}

export interface SummaryInput {
  readonly verdict: Verdict;
  readonly totals: Totals;
  readonly context: JudgeContext;
  readonly run: RunFacts;
  /** Defaults to the verdict's own; a signal or a fault of ours outranks it. */
  readonly exitCode?: number;
  readonly notes?: readonly string[];
}

/** The content of `summary.json`; the same from a live run and from its folder. */
export function buildSummary(input: SummaryInput): Summary {
  void input;
  throw new Error('not built yet');
}
