import type { Summary } from '../../src/report/summary.js';
import { healthyRun } from './measured.js';
import { summaryOf } from './summaries.js';

/** The summary of a run in which every row that was judged passed. */
export function passedSummary(): Summary {
  const summary = summaryOf(healthyRun());
  const kpis = summary.kpis.map((row) =>
    row.status === 'pass'
      ? row
      : { ...row, status: 'not_judged' as const, reason: 'the load does not fill it' },
  );
  return { ...summary, verdict: 'pass', exitCode: 0, invalidReasons: [], kpis };
}
