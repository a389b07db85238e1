import { gateRows } from '../dashboard/gate-so-far.js';
import type { Glance } from '../dashboard/glance.js';
import type { RunStatus } from '../dashboard/state.js';
import { formatClock } from '../report/figures.js';
import { liveFaultOf } from '../report/live-fault.js';
import { liveStateOf } from '../report/live-state.js';
import { marksOf } from '../report/marks.js';
import { plannedAt } from '../report/planned-levels.js';
import type { ReportEvent } from '../report/report-input.js';
import { judge } from '../stats/gate.js';
import type { Totals } from '../stats/merge.js';
import type { RecentWindow } from '../stats/recent.js';
import type { Conclusion, Ending } from './conclude.js';
import { faultPlaces } from './fault-told.js';
import type { BoxFigures } from './fleet.js';
import { goneBoxes, goneFacts, judgedAs } from './judged-as.js';
import { liveBoxesOf } from './live-boxes.js';
import { type LiveMeters, withMeters } from './live-meters.js';
import { asChanged } from './plan-changed.js';
import type { RunRecord } from './run-record.js';

/** What is known of a run, live or from its folder. */
export interface RunSight {
  readonly record: RunRecord;
  readonly folder: string;
  readonly totals: Totals;
  readonly recent: RecentWindow;
  readonly ending: Ending;
  /** Run time, ms. */
  readonly nowMs: number;
  /** All are leaving, and why. */
  readonly leaving?: string | undefined;
  /** What the platform's own meters have said so far; asked only when rows are judged. */
  readonly meters?: Pick<LiveMeters, 'data'> | undefined;
  /** Of a run that ended. */
  readonly conclusion?: Conclusion | undefined;
  /** Of a run over boxes that goes; absent = only what stands in its folder is known. */
  figures?(box: string): BoxFigures | undefined;
  /** A folder that stopped growing: for how long, ms. */
  readonly silentMs?: number | undefined;
}

/** A look at a run, for the dashboard. Pure. */
export function glanceOf(sight: RunSight): Glance {
  const { record: planned, totals, recent, ending, nowMs, leaving, conclusion } = sight;
  const record = asChanged(planned, ending);
  const { phases } = record;
  const made = ending.faults ?? [];
  const isOver = conclusion !== undefined;
  const phase = phases.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs)?.name ?? '';
  const places = faultPlaces(record.faults ?? [], made, phases);
  const wanted = plannedAt(record.line, Math.min(nowMs, totals.toMs)) ?? record.planned.vus;
  const live = liveStateOf({
    profile: record.profile,
    folder: sight.folder,
    phase: isOver ? '' : phase,
    elapsedMs: nowMs,
    totalMs: record.plannedMs,
    ...(leaving === undefined ? {} : { leaving }),
    wantedVus: leaving === undefined && !isOver ? Math.round(wanted) : 0,
    ...{ totals, recent },
    facts: {
      workersPlanned: record.workers,
      workersDied: ending.workersDied.length,
      completed: isOver && ending.completed,
      ...goneFacts(goneBoxes(planned, ending)),
    },
    boxes: liveBoxesOf({
      ...{ fleet: planned.fleet, stories: ending.boxes, totals, recent },
      ...(sight.figures === undefined ? {} : { figures: sight.figures }),
    }),
    fault: isOver ? undefined : liveFaultOf(made, places, totals, nowMs),
  });
  return {
    run: {
      id: record.id,
      profile: record.profile,
      target: record.embeddedStage ? 'own stage' : record.target.apiUrl,
    },
    status: statusOf(sight),
    ...{ live, totals, recent, phases },
    marks: marksOf(record, eventsOf(ending)),
    judge: () =>
      gateRows(
        conclusion?.summary.kpis ?? judge(totals, judgedAs(planned, withMeters(ending, sight.meters))).rows,
      ),
  };
}

function statusOf({ conclusion, leaving, silentMs, totals, ending }: RunSight): RunStatus {
  if (conclusion !== undefined) {
    const { summary, reason } = conclusion;
    return { kind: 'ended', words: `run ended: ${reason}`, verdict: summary.verdict };
  }
  if (silentMs !== undefined) {
    const words = `nothing new in the folder for ${Math.round(silentMs / 1000)} s: the run hangs, or was killed`;
    return { kind: 'silent', words };
  }
  if (leaving !== undefined) return { kind: 'leaving', words: `${leaving}: viewers are leaving` };
  if (ending.pausedAtMs !== undefined) {
    const words = `paused at ${formatClock(ending.pausedAtMs)}: the viewers stay, and the plan waits`;
    return { kind: 'paused', words };
  }
  return totals.tickCount === 0
    ? { kind: 'waiting', words: 'the first viewers are coming' }
    : { kind: 'running', words: 'live' };
}

/** What happened to the run, as marks are made of it. */
function eventsOf({ faults = [] }: Ending): ReportEvent[] {
  return faults.flatMap(({ name, what = '', begunAtMs, endedAtMs, failed }) => [
    ...(begunAtMs === undefined ? [] : [{ kind: 'fault_started', atMs: begunAtMs, detail: what, name }]),
    ...(endedAtMs === undefined ? [] : [{ kind: 'fault_ended', atMs: endedAtMs, detail: '', name }]),
    ...(failed === undefined || begunAtMs === undefined
      ? []
      : [{ kind: 'fault_failed', atMs: endedAtMs ?? begunAtMs, detail: failed, name }]),
  ]);
}
