import type { LiveState } from '../report/live-state.js';
import type { Mark } from '../report/marks.js';
import type { Totals } from '../stats/merge.js';
import type { RecentWindow } from '../stats/recent.js';
import type { GateRow, PhaseMark, RunHead, RunStatus } from './state.js';

/** One look at a run, whoever gives it: the run itself, or whoever reads its folder. */
export interface Glance {
  readonly run: RunHead;
  readonly status: RunStatus;
  readonly live: LiveState;
  readonly totals: Totals;
  readonly recent: RecentWindow;
  readonly phases: readonly PhaseMark[];
  readonly marks: readonly Mark[];
  /** Judges what was measured until now: costs, so it is asked for now and then. */
  judge(): readonly GateRow[];
}
