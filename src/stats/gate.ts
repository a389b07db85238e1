import { withoutFaultLag } from './fault-lag.js';
import {
  type Bound,
  type Kpi,
  type Measured,
  type MinSamples,
  meets,
  type Need,
  type Planned,
} from './kpi.js';
import { KPI_IDS, KPIS, type KpiId } from './kpis.js';
import type { Totals } from './merge.js';
import type { PlatformData } from './platform-series.js';
import { createSight } from './sight.js';
import { type GeneratorFacts, type InvalidReason, invalidReasons } from './validity.js';
import { createView, type View } from './view.js';
import { wilson } from './wilson.js';
import { type PhaseSpan, phasesIn, spanMs } from './windows.js';

export type { Planned } from './kpi.js';

export type GateLevel = 'viewer' | 'full';
export type VerdictWord = 'pass' | 'fail' | 'invalid' | 'no_data';
export type RowStatus = 'pass' | 'fail' | 'no_data' | 'not_judged';

export interface JudgeContext {
  readonly profileName: string;
  /** Rows that the profile names. */
  readonly rows: readonly KpiId[];
  readonly gate: GateLevel;
  /** The plan's phases in order; windows go by role. */
  readonly phases: readonly PhaseSpan[];
  readonly planned: Planned;
  readonly facts: GeneratorFacts;
  /**
   * Rows that this run is too small to fill although its profile names them, with the reason in words. One that gets
   * its samples all the same is judged.
   */
  readonly exempt?: Readonly<Partial<Record<KpiId, string>>>;
  /** Rows of which the run cannot know what they are made of, each with the reason; they are not judged. */
  readonly unknowable?: Readonly<Partial<Record<KpiId, string>>>;
  /** Rows whose planned fault could not be made or mended, and why: they have no data, whatever was measured. */
  readonly spoilt?: Readonly<Partial<Record<KpiId, string>>>;
  /** What the platform's own meters said; absent = nobody asked them. */
  readonly platform?: PlatformData;
}

export interface RowResult {
  readonly id: KpiId;
  readonly title: string;
  readonly section: string;
  readonly mandatory: boolean;
  readonly status: RowStatus;
  /** Why it is not a pass; empty for a pass. */
  readonly reason: string;
  /** Absent when it could not be computed. */
  readonly value?: number;
  readonly bound: Bound;
  readonly unit: Kpi['unit'];
  readonly samples: number;
  readonly window: Kpi['window'];
  /** Where chance alone may have put the value, at 95 %; absent where it is not a matter of chance. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** The bound lies within the interval: what was seen cannot be told from it. Decides nothing by itself. */
  readonly doubt?: string;
  /** When it was worst, of a figure of the platform's own. */
  readonly worst?: { readonly fromMs: number; readonly toMs: number; readonly value: number };
  /** What stands beside the value: mean, the time since sending, reasons, sources. */
  readonly beside: Readonly<Record<string, number | string>>;
}

export interface Verdict {
  readonly verdict: VerdictWord;
  readonly gate: GateLevel;
  readonly profileName: string;
  readonly rows: readonly RowResult[];
  readonly invalidReasons: readonly InvalidReason[];
  /** What the reader should know and what decides nothing. */
  readonly notes: readonly string[];
}

/**
 * Judges what was measured. Never fails open:
 *
 * | verdict | when, first that applies |
 * |---|---|
 * | invalid | the generator is not to be believed, or its own lag decides a row |
 * | fail | a mandatory row fails |
 * | no_data | a mandatory row has no data, or no mandatory row was judged at all |
 * | pass | every mandatory row that was judged passes |
 *
 * Pure: equal totals and contexts give equal verdicts (gate.test.ts repeats the table).
 */
export function judge(totals: Totals, context: JudgeContext): Verdict {
  const run = createView(totals);
  const sight = createSight(totals, context);
  const undecided: InvalidReason[] = [];
  const rows = KPI_IDS.map((id) => {
    const kpi = KPIS[id];
    const measured = kpi.compute(sight.over(kpi.window), run, sight);
    const { status, reason, lagDecides = false } = statusOf(id, kpi, measured, context);
    if (lagDecides) undecided.push({ code: 'lag_decides', text: `${kpi.title}: ${reason}` });
    return rowOf(id, kpi, measured, status, reason);
  });
  const own = withoutFaultLag(totals, context.phases, rows, invalidReasons(totals, context.facts));
  const reasons = [...own.reasons, ...undecided];
  return {
    verdict: verdictOf(rows, reasons),
    gate: context.gate,
    profileName: context.profileName,
    rows,
    invalidReasons: reasons,
    notes: [...notesOf(run, totals), ...(own.note === undefined ? [] : [own.note])],
  };
}

function verdictOf(rows: readonly RowResult[], invalid: readonly InvalidReason[]): VerdictWord {
  const judged = rows.filter((row) => row.mandatory && row.status !== 'not_judged');
  if (invalid.length > 0) return 'invalid';
  if (judged.some((row) => row.status === 'fail')) return 'fail';
  if (judged.length > 0 && judged.every((row) => row.status === 'pass')) return 'pass';
  return 'no_data';
}

interface Status {
  readonly status: RowStatus;
  readonly reason: string;
  /** Our own lag decides between pass and fail. */
  readonly lagDecides?: true;
}

function statusOf(id: KpiId, kpi: Kpi, measured: Measured, context: JudgeContext): Status {
  const needed = neededSamples(kpi.minSamples, context.planned);
  const unjudged = whyNotJudged(id, kpi, measured.samples < needed, context);
  if (unjudged !== undefined) return { status: 'not_judged', reason: unjudged };
  const spoilt = context.spoilt?.[id];
  if (spoilt !== undefined) return { status: 'no_data', reason: spoilt };
  if (measured.noData !== undefined) return { status: 'no_data', reason: measured.noData };
  if (measured.samples < needed || measured.value === undefined || !Number.isFinite(measured.value)) {
    return { status: 'no_data', reason: `${measured.samples} ${kpi.sampleOf}, ${needed} needed` };
  }
  const good = meets(kpi.bound, measured.value);
  if (!good) return { status: 'fail', reason: `not ${kpi.bound.op} ${kpi.bound.value} ${kpi.unit}` };
  if (measured.valueWithDoubt !== undefined && !meets(kpi.bound, measured.valueWithDoubt)) {
    const reason = `passes without and fails with what our own lag may have made (${measured.valueWithDoubt.toFixed(3)} ${kpi.unit})`;
    return { status: 'no_data', reason, lagDecides: true };
  }
  const open = undecidedBy(kpi, measured);
  return open === undefined ? { status: 'pass', reason: '' } : { status: 'no_data', reason: open };
}

/** Why chance alone may have made a pass; undefined = it passes, whatever chance did. */
function undecidedBy({ bound, unit }: Kpi, { interval }: Measured): string | undefined {
  if (interval?.mustPass !== true) return undefined;
  const end = bound.op === '<' || bound.op === '<=' ? interval.high : interval.low;
  if (meets(bound, end)) return undefined;
  const shown = Number.isFinite(end) ? `${end.toFixed(1)} ${unit}` : 'anything';
  return `cannot be told from its bound: it may be ${shown}`;
}

/** Fewest samples to judge by; never below 1. */
export function neededSamples({ atLeast, perViewer }: MinSamples, planned: Planned): number {
  if (perViewer === undefined) return Math.max(1, atLeast ?? 1);
  const { share, of } = perViewer;
  const viewers = of === 'vus' || of === 'users' ? planned[of] : planned.byProtocol[of];
  return Math.max(1, Math.min(atLeast ?? Number.POSITIVE_INFINITY, Math.ceil(viewers * share)));
}

/** Why a row is not judged in this run, or undefined when it is. */
function whyNotJudged(id: KpiId, kpi: Kpi, tooFew: boolean, context: JudgeContext): string | undefined {
  if (kpi.source === 'collector' && context.gate === 'viewer')
    return 'no collector on the platform (gate viewer)';
  const untold = whyUntold(kpi, context);
  if (!context.rows.includes(id)) return `the load of ${context.profileName} does not fill this row`;
  const unknowable = context.unknowable?.[id];
  if (unknowable !== undefined) return unknowable;
  if (untold !== undefined) return `not to be read on the platform: ${untold}`;
  if (kpi.monitored) return 'the strategy sets no target for it: watched, not judged';
  const unmet = kpi.needs
    .map((need) => unmetNeed(need, tooFew, context.planned))
    .find((why) => why !== undefined);
  return unmet ?? smallerThan(kpi, context) ?? (tooFew ? context.exempt?.[id] : undefined);
}

/** Why no source of the run tells what the row is made of; undefined = one does, or should. */
function whyUntold({ platform: figures = [] }: Kpi, { platform }: JudgeContext): string | undefined {
  return figures.map((name) => platform?.untold[name]).find((why) => why !== undefined);
}

/** What of the least load is missing, or undefined. */
function smallerThan({ asks = {}, window }: Kpi, { planned, phases }: JudgeContext): string | undefined {
  const { vus = 0, users = 0, windowMs = 0 } = asks;
  if (planned.vus < vus) return `needs ${vus} viewers, this run has ${planned.vus}`;
  if (planned.users < users) return `needs ${users} accounts, this run has ${planned.users}`;
  const plannedMs = spanMs(phasesIn(window, phases));
  if (plannedMs >= windowMs) return undefined;
  return `needs ${minutes(windowMs)} min of ${window}, this run plans ${minutes(plannedMs)}`;
}

function minutes(ms: number): number {
  return Math.round(ms / 6000) / 10;
}

function unmetNeed(need: Need, tooFew: boolean, planned: Planned): string | undefined {
  switch (need) {
    case 'account':
      return planned.users === 0 ? 'no viewer had an account (guests only)' : undefined;
    case 'two_accounts':
      return planned.users < 2 ? 'fewer than two viewers had an account' : undefined;
    case 'writes':
      return planned.writes ? undefined : 'chat, cart and orders were not allowed on this target';
    case 'real_duration': {
      const { timeScale = 1 } = planned;
      return timeScale < 1 ? `needs real time, and this run was scaled by ${timeScale}` : undefined;
    }
    default:
      // Viewers that fell back to a protocol nobody planned are judged like any other once there are enough.
      return planned.byProtocol[need] === 0 && tooFew ? 'no viewer of this protocol was planned' : undefined;
  }
}

function rowOf(id: KpiId, kpi: Kpi, measured: Measured, status: RowStatus, reason: string): RowResult {
  const { title, section, mandatory, bound, unit, window } = kpi;
  const { value, samples, beside = {}, worst } = measured;
  const shown = value !== undefined && Number.isFinite(value) ? { value, ...chanceOf(kpi, measured) } : {};
  const when = worst === undefined ? {} : { worst };
  return {
    id,
    title,
    section,
    mandatory,
    status,
    reason,
    ...shown,
    bound,
    unit,
    samples,
    window,
    ...when,
    beside,
  };
}

/** What chance alone may have made of the value. */
function chanceOf(
  { bound, unit }: Kpi,
  { interval, proportion }: Measured,
): Pick<RowResult, 'interval' | 'doubt'> {
  const known = interval ?? (proportion && wilson(proportion.part, proportion.whole));
  if (known === undefined) return {};
  const { low, high } = known;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return {};
  if (meets(bound, low) === meets(bound, high)) return { interval: { low, high } };
  const text = `cannot be told from its bound: by chance alone it may be ${shortly(low)} to ${shortly(high)} ${unit}`;
  return { interval: { low, high }, doubt: text };
}

function shortly(value: number): string {
  return String(Number(value.toPrecision(Math.abs(value) > 99 ? 4 : 3)));
}

function notesOf(run: View, totals: Totals): string[] {
  const notes: string[] = [];
  const tainted = run.count('tainted_rebuffer_count');
  if (tainted > 0) notes.push(`${tainted} rebuffers may be our own lag's; they are judged both ways`);
  const clamped = run.count('clamped_sample_count');
  if (clamped > 0) notes.push(`${clamped} samples were longer than an hour and are held as an hour`);
  if (totals.duplicateCount > 0) notes.push(`${totals.duplicateCount} ticks came twice and count once`);
  return notes;
}
