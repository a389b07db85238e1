import type { Totals } from '../stats/merge.js';

export interface ProgressInput {
  readonly phase: string;
  readonly elapsedMs: number;
  readonly totalMs: number;
  readonly plannedVus: number;
  readonly totals: Totals;
}

/** One line of progress, without a newline. */
export function formatProgress(input: ProgressInput): string {
  void input;
  throw new Error('not built yet');
}
