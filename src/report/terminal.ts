import type { Summary } from './summary.js';

/** The end-of-run text, at most 80 columns wide. */
export function formatSummary(summary: Summary, options: { color: boolean }): string {
  void summary;
  void options;
  throw new Error('not built yet');
}

/** One sentence that says why the run ended as it did: the last line on stderr. */
export function formatVerdictLine(summary: Summary): string {
  void summary;
  throw new Error('not built yet');
}
