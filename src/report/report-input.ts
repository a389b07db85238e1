import type { Planned } from '../stats/kpi.js';
import type { Totals } from '../stats/merge.js';
import type { Tick } from '../stats/tick.js';
import type { PhaseSpan } from '../stats/windows.js';
import type { Place } from './explain-hint.js';
import type { PlannedLevel } from './planned-levels.js';
import type { Summary } from './summary-schema.js';

/** What `run.json` says, as far as a report repeats it. */
export interface ReportRecord {
  readonly startEpochMs: number;
  readonly phases: readonly PhaseSpan[];
  readonly planned: Planned;
  /** Viewers that the plan wanted over time; absent in a folder of an older version. */
  readonly line?: readonly PlannedLevel[];
}

/** Everything that reports are made of: the same from a run that just ended and from its folder. */
export interface ReportInput {
  readonly summary: Summary;
  readonly record: ReportRecord;
  readonly totals: Totals;
  /** The run over time, as `RunSeries` gives it. */
  readonly ticks: readonly Tick[];
  readonly place: Place;
}
