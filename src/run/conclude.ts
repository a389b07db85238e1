import { paritySentence } from '../parity/parity-words.js';
import { preflightNotes } from '../preflight/report.js';
import type { AlertStories } from '../report/alert-stories.js';
import { EXIT } from '../report/exit-codes.js';
import { buildSummary, EMBEDDED_STAGE, type RunFacts, type Summary } from '../report/summary.js';
import { formatVerdictLine } from '../report/verdict-line.js';
import { type JudgeContext, judge, type Verdict } from '../stats/gate.js';
import type { KpiId } from '../stats/kpis.js';
import type { Totals } from '../stats/merge.js';
import type { Moments } from '../stats/moments.js';
import type { PlatformData } from '../stats/platform-series.js';
import { createView } from '../stats/view.js';
import { ABORT } from './abort-watch.js';
import type { BoxStory } from './box-stories.js';
import { boxNotes, boxSummaries } from './box-summaries.js';
import { escalationResult } from './escalation-result.js';
import { escalationNotes, escalationSummary, judgeFound } from './escalation-verdict.js';
import { evidenceOf } from './evidence.js';
import type { FaultRecord } from './fault-history.js';
import { faultNotes, faultNotMade, rowsUnseen } from './fault-rows.js';
import { faultPlaces, faultsTold } from './fault-told.js';
import { judgedAs } from './judged-as.js';
import { asChanged, type ChangedPlan } from './plan-changed.js';
import type { RunRecord } from './run-record.js';
import type { StepJudged } from './step-judgement.js';

/** How a run came to its end: what the ticks cannot say. Rebuilt from events.ndjson when a folder is judged. */
export interface Ending {
  /** By plan, or by one signal and an orderly leaving; false = killed, or not over yet. */
  readonly completed: boolean;
  /** The signal that stopped it, e.g. `SIGINT`. */
  readonly stoppedBy?: string;
  readonly workersDied: readonly WorkerDeath[];
  /** Something of ours failed under the run (its stage died, a message was unreadable), in one sentence. */
  readonly ownFault?: string;
  /** The run folder could not be written to; what was measured is true all the same. */
  readonly diskFault?: string;
  /** Orders that were created, oldest first, a bounded number; absent = none. */
  readonly orderIds?: readonly string[];
  /** Faults that were made, or were to be made, in order; absent = none. */
  readonly faults?: readonly FaultRecord[];
  /** What became of load boxes that something is known of; absent = of none. */
  readonly boxes?: readonly BoxStory[];
  /** More boxes were lost than might be, and the run was ended: why. */
  readonly boxesLost?: string;
  /** What the platform's own meters said; absent = nobody asked them. */
  readonly platform?: PlatformData;
  /** Its alerts, as their log tells; absent = nothing is known of them. */
  readonly alerts?: AlertStories;
  /** What was changed while it ran, and ticks that cannot be read any more, in words. */
  readonly notes: readonly string[];
  /** The plan as it was changed while the run went; absent = it came as it was planned. */
  readonly changed?: ChangedPlan;
  /** The line of viewers after the last change of the plan; absent = the plan was not changed, or nobody wrote it down. */
  readonly line?: RunRecord['line'];
  /** Run time since which the plan waits, for somebody paused it, ms; absent = it goes on. */
  readonly pausedAtMs?: number;
  /** Boxes that did not hear of another one's viewers in the chat room, in words, the first ones. */
  readonly unheard?: readonly string[];
  /** Levels of an escalation as they were judged, in order; absent = none was. */
  readonly steps?: readonly StepJudged[];
}

export interface WorkerDeath {
  /** Absent = the run's own machine. */
  readonly box?: string;
  readonly worker: number;
  /** Its share of the VUs. */
  readonly vus: number;
  readonly reason: string;
}

export interface Conclusion {
  readonly summary: Summary;
  /** Why it ended with this code, in words: what stands behind `exit N: `. */
  readonly reason: string;
}

/** Judges what was measured. The same for a live run and for its folder: equal inputs give an equal summary. */
export function conclude(
  planned: RunRecord,
  totals: Totals,
  reported: Ending,
  moments?: Moments,
): Conclusion {
  const record = asChanged(planned, reported);
  const ending = withViewerFaults(reported, totals);
  const context = withUnseen(judgedAs(record, ending), record, ending, totals);
  const found = record.escalation && escalationResult(record.escalation, ending.steps ?? []);
  const verdict = doubted(found ? judgeFound(found, totals, record, ending) : judge(totals, context), ending);
  const outranked = outrankedBy(ending, verdict);
  const summary = buildSummary({
    verdict,
    totals,
    context,
    run: { ...runFacts(record), ...(ending.stoppedBy === undefined ? {} : { stoppedBy: ending.stoppedBy }) },
    ...(outranked ? { exitCode: outranked.exitCode } : {}),
    notes: [...(found ? escalationNotes(found) : []), ...notesOf(verdict, record, ending)],
    ...(found ? { escalation: escalationSummary(record.escalation, found, ending.steps ?? []) } : {}),
    ...faultsOf(record, ending),
    orderIds: ending.orderIds ?? [],
    plannedVus: record.planned.vus,
    ...(ending.alerts === undefined ? {} : { alerts: ending.alerts }),
    ...(record.fleet === undefined ? {} : { boxes: boxSummaries(record.fleet, ending.boxes ?? [], totals) }),
    evidenceOf: (row) => evidenceOf(row, record.phases, moments),
  });
  const own = formatVerdictLine(summary);
  return { summary, reason: outranked ? `${outranked.why}; measured until then: ${own}` : own };
}

/** What the rows cannot know: that a fault was made which nobody faced. */
function withUnseen(
  context: JudgeContext,
  { faults: planned = [], phases }: RunRecord,
  { faults: made = [] }: Ending,
  totals: Totals,
): JudgeContext {
  return { ...context, spoilt: { ...rowsUnseen(planned, made, phases, totals), ...context.spoilt } };
}

/** A viewer that fell over our own code is lost to us, not to the platform. */
function withViewerFaults(ending: Ending, totals: Totals): Ending {
  const { internal = 0 } = createView(totals).byLabel('vu_lost_count');
  if (internal === 0 || ending.ownFault !== undefined) return ending;
  return {
    ...ending,
    ownFault: `${internal} viewers were lost to faults of our own code, see events.ndjson`,
  };
}

function faultsOf({ faults: planned = [], phases }: RunRecord, { faults: made = [] }: Ending) {
  if (planned.length === 0 && made.length === 0) return {};
  const faults = { told: faultsTold(planned, made), places: faultPlaces(planned, made, phases) };
  return { faults };
}

/** When something of ours failed under the run, what was measured says nothing about the platform. */
function doubted(verdict: Verdict, { ownFault, boxesLost, faults = [] }: Ending): Verdict {
  const notMade = faultNotMade(faults);
  const reasons = [
    ...(ownFault === undefined ? [] : [{ code: 'own_fault', text: ownFault } as const]),
    ...(boxesLost === undefined ? [] : [{ code: 'box_lost', text: boxesLost } as const]),
    ...(notMade === undefined ? [] : [{ code: 'fault_not_made', text: notMade } as const]),
  ];
  if (reasons.length === 0) return verdict;
  return { ...verdict, verdict: 'invalid', invalidReasons: [...reasons, ...verdict.invalidReasons] };
}

/** A fault of ours and a signal stand before the verdict in the order of exit codes. */
function outrankedBy(ending: Ending, { verdict }: Verdict): { exitCode: number; why: string } | undefined {
  const fault = ending.ownFault ?? ending.diskFault;
  if (fault !== undefined) return { exitCode: EXIT.internal, why: fault };
  // Who asked to be told of a failure at once is told of the failure.
  if (ending.stoppedBy?.startsWith(ABORT) && verdict === 'fail') return undefined;
  if (ending.stoppedBy !== undefined)
    return { exitCode: EXIT.stopped, why: `stopped by ${ending.stoppedBy}` };
  if (!ending.completed) return { exitCode: EXIT.stopped, why: 'the run did not come to its end' };
  return undefined;
}

function notesOf({ rows }: Verdict, record: RunRecord, ending: Ending): string[] {
  const { exempt, preflight, carry, parity } = record;
  const small = rows.filter(({ id, status, reason }) => {
    return status === 'not_judged' && reason === exempt[id as KpiId];
  }).length;
  const tooSmall =
    small > 0 ? [`this run is too small or too short for ${small} of the rows of its profile`] : [];
  const cut =
    ending.stoppedBy?.startsWith(ABORT) === true
      ? [`the run was cut short by ${ending.stoppedBy}, which had failed without a break`]
      : [];
  const deaths = ending.workersDied.map(
    ({ box, worker, vus, reason }) =>
      `worker ${worker}${box === undefined ? '' : ` of box ${box}`} died with ${vus} VUs: ${reason}`,
  );
  const warned = [
    ...(carry?.warning === undefined ? [] : [carry.warning]),
    ...(preflight ? preflightNotes(preflight) : []),
    ...(parity && parity.counts.differs > 0
      ? [`the platform is not as production is (strategy 4.1): ${paritySentence(parity)}`]
      : []),
  ];
  const faults = faultNotes(ending.faults ?? [], ending.completed);
  return [...cut, ...warned, ...tooSmall, ...faults, ...deaths, ...boxNotes(record, ending), ...ending.notes];
}

function runFacts(record: RunRecord): RunFacts {
  return {
    id: record.id,
    profile: record.profile,
    target: record.embeddedStage ? EMBEDDED_STAGE : record.target.apiUrl,
    seed: record.seed,
    startedAt: record.startedAt,
    plannedMs: record.plannedMs,
    ...(record.planned.timeScale === undefined ? {} : { timeScale: record.planned.timeScale }),
    version: record.version,
    nodeVersion: record.nodeVersion,
    host: record.host.name,
    ...(record.fleet === undefined ? {} : { boxes: record.fleet.boxes.length }),
    workers: record.workers,
  };
}
