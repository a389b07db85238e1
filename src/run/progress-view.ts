import type { OpenAlert } from '../alerts/engine.js';
import type { RunConfig } from '../config.js';
import { liveFaultOf } from '../report/live-fault.js';
import { type LiveState, liveStateOf } from '../report/live-state.js';
import { renderLiveView } from '../report/live-view.js';
import { formatProgress } from '../report/progress.js';
import { plannedFaults } from './fault-rows.js';
import { faultPlaces } from './fault-told.js';
import type { Intake } from './intake.js';
import type { Output } from './output.js';
import type { RunPlan } from './run-plan.js';

/** How a run is shown while it goes. */
export interface ProgressView {
  /** How often `show` should be called, ms. */
  readonly everyMs: number;
  show(intake: Intake, plan: RunPlan, elapsedMs: number): void;
  /** Everyone leaves because of this signal. */
  leaving(signal: string): void;
  /** Takes what is redrawn in place away. */
  close(): void;
}

/** Two redraws a second: the clock moves, and workers report once a second. */
const REDRAW_EVERY_MS = 500;
const LINE_EVERY_MS = 5000;

export interface ProgressViewInput {
  readonly config: RunConfig;
  /** The run folder, as the user can type it. */
  readonly folder: string;
  readonly output: Output;
  /** What holds of the platform's alerts; absent = nobody watches it. */
  readonly openAlerts?: (() => readonly OpenAlert[]) | undefined;
}

/** A view redrawn in place where stderr is a terminal, a line every 5 s elsewhere, nothing when it should be quiet. */
export function createProgressView({ config, folder, output, openAlerts }: ProgressViewInput): ProgressView {
  let signal: string | undefined;
  const leaving = (name: string): void => {
    signal ??= name;
  };
  const stateOf = (intake: Intake, plan: RunPlan, elapsedMs: number): LiveState => {
    const { phase, totalMs, isPaused } = plan.at(elapsedMs);
    const made = config.profile.faults === undefined ? [] : (intake.ending.ending().faults ?? []);
    const planned = plannedFaults(config.profile.faults ?? [], plan.plan);
    const places = faultPlaces(planned, made, plan.plan.phases);
    return liveStateOf({
      profile: config.profile.name,
      folder,
      phase: isPaused ? `${phase} paused` : phase,
      elapsedMs,
      totalMs,
      ...(signal === undefined ? {} : { leaving: signal }),
      wantedVus: signal === undefined ? plan.at(Math.min(elapsedMs, intake.totals.toMs)).wanted : 0,
      totals: intake.totals,
      recent: intake.recent,
      alerts: openAlerts?.(),
      fault: liveFaultOf(made, places, intake.totals, elapsedMs),
      facts: {
        workersPlanned: config.workers,
        workersDied: intake.ending.ending().workersDied.length,
        completed: false,
      },
    });
  };
  const port = config.quiet ? undefined : output.openView?.();
  if (port !== undefined) {
    return {
      everyMs: REDRAW_EVERY_MS,
      show: (...now) => port.draw(renderLiveView(stateOf(...now), port.size(), port)),
      leaving,
      close: () => port.close(),
    };
  }
  return {
    everyMs: LINE_EVERY_MS,
    show: (...now) => {
      if (!config.quiet) output.line(formatProgress(stateOf(...now)));
    },
    leaving,
    close() {},
  };
}
