import type { OpenAlert } from '../alerts/engine.js';
import type { RunConfig } from '../config.js';
import { liveFaultOf } from '../report/live-fault.js';
import { type LiveState, liveStateOf } from '../report/live-state.js';
import { renderLiveView } from '../report/live-view.js';
import { formatProgress } from '../report/progress.js';
import { plannedFaults } from './fault-rows.js';
import { faultPlaces } from './fault-told.js';
import type { Intake } from './intake.js';
import { goneBoxes, goneFacts } from './judged-as.js';
import { liveBoxesOf } from './live-boxes.js';
import type { Output } from './output.js';
import type { RunPlan } from './run-plan.js';
import type { RunRecord } from './run-record.js';

/** How a run is shown while it goes. */
export interface ProgressView {
  /** How often `show` should be called, ms. */
  readonly everyMs: number;
  /** The run goes, and this is what `run.json` says of it. */
  begin(record: Pick<RunRecord, 'fleet' | 'planned' | 'workers'>): void;
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
  let record: Parameters<ProgressView['begin']>[0] | undefined;
  const begin = (known: typeof record): void => {
    record = known;
  };
  const stateOf = (intake: Intake, plan: RunPlan, elapsedMs: number): LiveState => {
    const { phase, totalMs, isPaused } = plan.at(elapsedMs);
    const ending = intake.ending.ending();
    const gone = record === undefined ? [] : goneBoxes(record, ending);
    const { totals, recent } = intake;
    const made = config.profile.faults === undefined ? [] : (ending.faults ?? []);
    const planned = plannedFaults(config.profile.faults ?? [], plan.plan);
    const places = faultPlaces(planned, made, plan.plan.phases);
    return liveStateOf({
      profile: config.profile.name,
      folder,
      phase: isPaused ? `${phase} paused` : phase,
      elapsedMs,
      totalMs,
      ...(signal === undefined ? {} : { leaving: signal }),
      wantedVus: signal === undefined ? plan.at(Math.min(elapsedMs, totals.toMs)).wanted : 0,
      ...{ totals, recent },
      boxes: liveBoxesOf({ fleet: record?.fleet, stories: ending.boxes, totals, recent }),
      alerts: openAlerts?.(),
      fault: liveFaultOf(made, places, totals, elapsedMs),
      facts: {
        workersPlanned: record?.workers ?? config.workers,
        workersDied: ending.workersDied.length,
        completed: false,
        ...goneFacts(gone),
      },
    });
  };
  const port = config.quiet ? undefined : output.openView?.();
  if (port !== undefined) {
    return {
      everyMs: REDRAW_EVERY_MS,
      show: (...now) => port.draw(renderLiveView(stateOf(...now), port.size(), port)),
      ...{ begin, leaving },
      close: () => port.close(),
    };
  }
  return {
    everyMs: LINE_EVERY_MS,
    show: (...now) => {
      if (!config.quiet) output.line(formatProgress(stateOf(...now)));
    },
    ...{ begin, leaving },
    close() {},
  };
}
