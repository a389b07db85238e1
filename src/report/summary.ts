import type { JudgeContext, RowResult, Verdict } from '../stats/gate.js';
import { type MemoryGrowth, memoryGrowth } from '../stats/memory-growth.js';
import type { Totals } from '../stats/merge.js';
import { createSight } from '../stats/sight.js';
import { laggedPercent } from '../stats/validity.js';
import { createView } from '../stats/view.js';
import type { AlertStories, AlertStory } from './alert-stories.js';
import { exitCodeOf } from './exit-codes.js';
import { type FaultPlace, type FaultSummary, recoveryOf } from './fault-summary.js';
import { joinNotes } from './join-notes.js';
import { leftoverNotes } from './leftover-notes.js';
import { limitNotes } from './limit-notes.js';
import { memoryNotes } from './memory-notes.js';
import { metricSummaries } from './metric-summaries.js';
import { sourceNotes } from './source-notes.js';
import { type KpiEvidence, type KpiSummary, SUMMARY_SCHEMA_ID, type Summary } from './summary-schema.js';
import { tokenNotes } from './token-notes.js';

export type { KpiEvidence, Summary } from './summary-schema.js';

/** Facts of the run that are repeated in the summary. */
export interface RunFacts {
  readonly id: string;
  readonly profile: string;
  /** Without secrets. */
  readonly target: string;
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Planned length, ms. */
  readonly plannedMs: number;
  /** Below 1 = not in real time. */
  readonly timeScale?: number;
  readonly version: string;
  readonly nodeVersion: string;
  readonly host: string;
  readonly workers: number;
  /** Load boxes; absent = one machine. */
  readonly boxes?: number;
  /** A signal, `ctl`, or `abort: ROW`; absent = it came to its planned end. */
  readonly stoppedBy?: string;
}

export interface SummaryInput {
  readonly verdict: Verdict;
  readonly totals: Totals;
  readonly context: JudgeContext;
  readonly run: RunFacts;
  /** Defaults to the verdict's own; a signal or a fault of ours outranks it. */
  readonly exitCode?: number;
  readonly notes?: readonly string[];
  /** What an escalation found. */
  readonly escalation?: NonNullable<Summary['escalation']>;
  /** What became of faults that were planned or made, and where their viewers are counted; absent = none were. */
  readonly faults?: { readonly told: readonly FaultSummary[]; readonly places: readonly FaultPlace[] };
  /** Viewers that the plan wanted; absent = those that rows are held against. A lost box brought its own, too. */
  readonly plannedVus?: number;
  /** Of a run that collects, as far as its log tells. */
  readonly alerts?: AlertStories;
  /** Of a run over many boxes. */
  readonly boxes?: NonNullable<Summary['boxes']>;
  /** Orders that were created, as far as they are known by id. */
  readonly orderIds?: readonly string[];
  /** What stands behind a row; absent = nothing is said of it. */
  readonly evidenceOf?: (row: RowResult) => KpiEvidence;
}

/** What `RunFacts.target` says of the run's own stage, which goes with the run and all that is on it. */
export const EMBEDDED_STAGE = 'embedded stage';

/** The content of `summary.json`; the same from a live run and from its folder. Pure. */
export function buildSummary(input: SummaryInput): Summary {
  const { verdict, totals, context, run, exitCode, notes = [], orderIds = [] } = input;
  const view = createView(totals);
  // A killed run wrote an id down before the tick that counts it.
  const orders = Math.max(view.count('order_created_count'), orderIds.length);
  const growth = memoryGrowth(createSight(totals, context).stretches('hold'));
  const leftover = run.target === EMBEDDED_STAGE ? [] : leftoverNotes(view, orders);
  return {
    $schema: SUMMARY_SCHEMA_ID,
    schemaVersion: 1,
    verdict: verdict.verdict,
    gate: verdict.gate,
    exitCode: exitCode ?? exitCodeOf(verdict.verdict),
    invalidReasons: verdict.invalidReasons.map(({ code, text }) => ({ code, text })),
    notes: [
      ...verdict.notes,
      ...tokenNotes(view),
      ...joinNotes(view),
      ...limitNotes(view),
      ...sourceNotes(view),
      ...memoryNotes(growth, input.boxes !== undefined),
      ...leftover,
      ...notes,
    ],
    kpis: verdict.rows.map((row) =>
      kpiOf(row, row.status === 'not_judged' ? undefined : input.evidenceOf?.(row)),
    ),
    ...(input.escalation ? { escalation: input.escalation } : {}),
    ...(input.faults
      ? { faults: [...input.faults.told], recovery: recoveryOf(totals, input.faults.places) }
      : {}),
    metrics: metricSummaries(totals),
    vus: {
      planned: input.plannedVus ?? context.planned.vus,
      joined: view.count('vu_joined_count'),
      maxConcurrent: totals.concurrency.max,
      lost: view.count('vu_lost_count'),
    },
    orders: { created: orders, ids: [...orderIds] },
    generator: generatorOf(totals, growth),
    ...(input.alerts ? { alerts: alertsOf(input.alerts) } : {}),
    ...(input.boxes ? { boxes: input.boxes } : {}),
    run: { ...run, measuredMs: totals.toMs },
  };
}

function alertsOf({ raised, critical, openCount, open, worst }: AlertStories): Summary['alerts'] {
  const told = (story: AlertStory) => ({ ...story, clearedAtMs: story.clearedAtMs ?? null });
  return {
    ...{ raised, critical, open: openCount },
    worst: worst === undefined ? null : told(worst),
    openOnes: open.map(told),
  };
}

function kpiOf({ interval: _, doubt: __, ...row }: RowResult, evidence: KpiEvidence | undefined): KpiSummary {
  return {
    ...row,
    ...(evidence === undefined ? {} : { evidence }),
    value: row.value ?? null,
    bound: { ...row.bound },
    beside: { ...row.beside },
  };
}

function generatorOf(totals: Totals, growth: MemoryGrowth | undefined): Summary['generator'] {
  const view = createView(totals);
  const cpuMs = view.count('generator_cpu_ms');
  const viewerSeconds = (view.count('played_ms') + view.count('stalled_ms')) / 1000;
  return {
    cpuMsPerViewerSecond: cpuMs > 0 && viewerSeconds > 0 ? cpuMs / viewerSeconds : null,
    eventLoopDelayP99Ms: view.spread('event_loop_delay_ms').percentileMs(99) ?? null,
    laggedPct: laggedPercent(view.count('lagged_viewer_ms'), totals) ?? null,
    rssBytes: totals.gaugeMax.get('rss_bytes') ?? null,
    ...(growth === undefined ? {} : { memoryGrowth: growth }),
  };
}
