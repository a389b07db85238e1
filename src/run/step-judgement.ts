import type { RunConfig } from '../config.js';
import type { StepOutcome } from '../scenarios/escalation.js';
import { cartOffset, createPlan, type Phase } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import { type JudgeContext, judge, type Planned, type Verdict } from '../stats/gate.js';
import type { KpiId } from '../stats/kpis.js';
import type { Totals } from '../stats/merge.js';
import { totalsOfPhases } from '../stats/phase-totals.js';
import { exemptRows } from './exempt-rows.js';
import { plannedOf, type RunRecord } from './run-record.js';
import { type FailedRow, failedRows } from './step-cause.js';

/** One level as it was measured: what is needed to judge it, now or from the folder of the run. */
export interface StepSpan {
  readonly vus: number;
  /** Viewers who were there before; the others came in its rise. */
  readonly fromVus: number;
  /** The rise, and the hold that is judged. */
  readonly phases: readonly [rise: Phase, hold: Phase];
  /** What those who came bring. */
  readonly planned: Planned;
  /** Rows that a step of this size cannot fill. */
  readonly exempt: Readonly<Partial<Record<KpiId, string>>>;
}

/** What became of a level; a line of events.ndjson. */
export interface StepJudged {
  readonly span: StepSpan;
  readonly outcome: StepOutcome;
  /** Mandatory rows that failed, what lies upstream first. */
  readonly failed: readonly FailedRow[];
  /** Why it could not be judged; empty when it was. */
  readonly reason: string;
}

/** Who comes in a step, and which rows it is too small to fill. */
export function spanOf(
  config: RunConfig,
  users: number,
  { vus, fromVus, phases }: Pick<StepSpan, 'vus' | 'fromVus' | 'phases'>,
): StepSpan {
  const [rise, hold] = phases;
  const stage = (phase: Phase, role: 'ramp' | 'hold', fromShare: number): Profile['stages'][number] => {
    return { name: phase.name, role, durationMs: phase.toMs - phase.fromMs, fromShare, toShare: 1 };
  };
  const planOf = (viewers: number, fromShare: number) => {
    const stages = [stage(rise, 'ramp', fromShare), stage(hold, 'hold', 1)];
    return createPlan({ ...config.profile, stages }, { vus: viewers, seed: config.seed, mix: config.mix });
  };
  const all = planOf(vus, fromVus / vus);
  const comers = planOf(vus - fromVus, 0);
  const whole = plannedOf(config, all, users);
  const before = plannedOf(config, planOf(fromVus, 0), users);
  const planned: Planned = {
    ...whole,
    vus: vus - fromVus,
    users: whole.users - before.users,
    byProtocol: {
      hls: whole.byProtocol.hls - before.byProtocol.hls,
      flv: whole.byProtocol.flv - before.byProtocol.flv,
    },
  };
  const offset = cartOffset(config.seed);
  const exempt = {
    ...exemptRows(config.profile, comers, planned, offset),
    ...exemptRows(config.profile, all, whole, offset),
  };
  return { vus, fromVus, phases, planned, exempt };
}

/** What of the totals belongs to one level, and what it is judged by. */
export interface SpanSight {
  readonly context: JudgeContext;
  readonly totals: Totals;
}

/** One level as the gate sees it: its rise and its hold, as if they were a run. */
export function sightOfSpan(
  totals: Totals,
  record: Pick<RunRecord, 'profile' | 'rows' | 'workers'>,
  span: StepSpan,
  workersDied: number,
): SpanSight {
  const [rise, hold] = span.phases;
  const riseMs = rise.toMs - rise.fromMs;
  const activeMs = ((span.fromVus + span.vus) / 2) * riseMs + span.vus * (hold.toMs - hold.fromMs);
  const own = totalsOfPhases(totals, [rise.name, hold.name], activeMs);
  const context: JudgeContext = {
    profileName: record.profile,
    rows: record.rows,
    gate: 'viewer',
    phases: [rise, { ...hold, role: 'hold' }],
    planned: span.planned,
    exempt: span.exempt,
    facts: { workersPlanned: record.workers, workersDied, completed: false },
  };
  return { context, totals: own };
}

/** The same, judged. */
export function judgeSpan(...of: Parameters<typeof sightOfSpan>): SpanSight & { readonly verdict: Verdict } {
  const sight = sightOfSpan(...of);
  return { ...sight, verdict: judge(sight.totals, sight.context) };
}

const OUTCOMES: Readonly<Record<Verdict['verdict'], StepOutcome>> = {
  pass: 'held',
  fail: 'broke',
  invalid: 'generator',
  no_data: 'unknown',
};

/** What a verdict says of a level. */
export function outcomeOf(span: StepSpan, verdict: Verdict): StepJudged {
  const outcome = OUTCOMES[verdict.verdict];
  const [invalid] = verdict.invalidReasons;
  const silent = verdict.rows.find(({ mandatory, status }) => mandatory && status === 'no_data');
  const silence = silent === undefined ? 'no row was judged' : `${silent.title}: ${silent.reason}`;
  const reason = outcome === 'generator' ? (invalid?.text ?? '') : outcome === 'unknown' ? silence : '';
  return { span, outcome, failed: outcome === 'broke' ? failedRows(verdict.rows) : [], reason };
}

const OUTCOME_WORDS: Readonly<Record<StepOutcome, string>> = {
  held: 'held',
  broke: 'broke',
  generator: 'not to be judged, the generator was the bottleneck',
  unknown: 'not to be judged, data are missing',
};

/** One line about a step, for whoever looks on. */
export function stepLine({ span, outcome, failed, reason }: StepJudged): string {
  const why = failed[0]?.words ?? reason;
  return `step ${span.vus} viewers: ${OUTCOME_WORDS[outcome]}${why === '' ? '' : ` (${why})`}`;
}
