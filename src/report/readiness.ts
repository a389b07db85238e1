import { KPI_IDS, KPIS, type KpiId } from '../stats/kpis.js';
import { EXIT } from './exit-codes.js';
import { formatValue } from './figures.js';
import type { KpiSummary, Summary } from './summary-schema.js';

/** The scenarios of the strategy that a release stands on (2.2). */
export const SCENARIOS = ['ramp', 'spike', 'soak', 'recovery'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** One finished run as evidence of a release. */
export interface Evidence {
  readonly path: string;
  readonly summary: Summary;
  /** Why a pass in it proves nothing of the platform (scaled, cut short, smaller than drawn); empty = it does. */
  readonly doubts: readonly string[];
}

interface Criterion {
  readonly number: number;
  readonly text: string;
  /** Scenarios of which each must show it. */
  readonly scenarios: readonly Scenario[];
}

/** The mandatory ten of the strategy, 5.1, with the test that each is to be read from. */
export const CRITERIA: readonly Criterion[] = [
  { number: 1, text: '500 CCU sustained 30 min without viewer drop-out', scenarios: ['ramp'] },
  { number: 2, text: 'CPU never exceeds 75 % during the ramp', scenarios: ['ramp'] },
  { number: 3, text: 'Memory stable over 6 hours (no leaks)', scenarios: ['soak'] },
  { number: 4, text: 'Rebuffer rate < 1 %', scenarios: SCENARIOS },
  { number: 5, text: 'New viewer join success rate > 99 %', scenarios: ['spike'] },
  { number: 6, text: 'HLS latency at most 8 s', scenarios: ['ramp'] },
  { number: 7, text: 'HTTP-FLV latency < 3 s', scenarios: ['ramp'] },
  { number: 8, text: 'Auto-reconnection within 5 s of network failure', scenarios: ['recovery'] },
  { number: 9, text: 'API error rate < 1 % (5xx)', scenarios: SCENARIOS },
  { number: 10, text: 'API p95 latency < 500 ms', scenarios: ['ramp'] },
];

export type CriterionStatus = 'pass' | 'fail' | 'not_proven';
export type Release = 'ready' | 'not_ready' | 'not_proven';

export interface CriterionResult {
  readonly number: number;
  readonly text: string;
  readonly scenarios: readonly Scenario[];
  readonly rows: readonly KpiId[];
  readonly status: CriterionStatus;
  /** What failed, or what is missing; empty for a pass. */
  readonly reasons: readonly string[];
  /** What was seen, each with its run. */
  readonly seen: readonly string[];
}

export interface Readiness {
  readonly release: Release;
  readonly exitCode: number;
  readonly sentence: string;
  readonly criteria: readonly CriterionResult[];
  readonly runs: readonly {
    readonly path: string;
    readonly profile: string;
    readonly verdict: Summary['verdict'];
    readonly doubts: readonly string[];
  }[];
  readonly notes: readonly string[];
}

/** Rows of the gate that a criterion is made of: those that name its number as their section. */
export function rowsOf(number: number): readonly KpiId[] {
  const section = new RegExp(`5\\.1#${number}(?!\\d)`);
  return KPI_IDS.filter((id) => KPIS[id].mandatory && section.test(KPIS[id].section));
}

/**
 * The release verdict. A criterion passes when every scenario that it is to be read from has a run that proves it, and
 * no run of those contradicts. A failure counts from any valid run, however small; a pass counts only from one
 * without doubts. Pure.
 */
export function readiness(runs: readonly Evidence[], notes: readonly string[] = []): Readiness {
  const criteria = CRITERIA.map((criterion) => criterionOf(criterion, runs));
  const failed = criteria.filter(({ status }) => status === 'fail');
  const open = criteria.filter(({ status }) => status === 'not_proven');
  const release: Release = failed.length > 0 ? 'not_ready' : open.length > 0 ? 'not_proven' : 'ready';
  return {
    release,
    exitCode: EXIT_OF[release],
    sentence: sentenceOf(release, failed, open),
    criteria,
    runs: runs.map(({ path, summary, doubts }) => ({
      ...{ path, doubts },
      profile: summary.run.profile,
      verdict: summary.verdict,
    })),
    notes,
  };
}

const EXIT_OF: Readonly<Record<Release, number>> = {
  ready: EXIT.pass,
  not_ready: EXIT.fail,
  not_proven: EXIT.noData,
};

function sentenceOf(
  release: Release,
  failed: readonly CriterionResult[],
  open: readonly CriterionResult[],
): string {
  const numbers = (of: readonly CriterionResult[]): string => of.map(({ number }) => `#${number}`).join(', ');
  const also = open.length > 0 ? `; not proven: ${numbers(open)}` : '';
  if (release === 'not_ready') return `NOT READY: failed: ${numbers(failed)}${also}`;
  if (release === 'ready') return 'READY: all ten mandatory criteria are proven';
  return `NOT PROVEN: ${10 - open.length} of 10 criteria are proven, missing: ${numbers(open)}`;
}

function criterionOf(criterion: Criterion, runs: readonly Evidence[]): CriterionResult {
  const rows = rowsOf(criterion.number);
  const found = criterion.scenarios.map((scenario) => inScenario(scenario, rows, runs));
  const failures = found.flatMap(({ failed }) => failed);
  const missing = found.flatMap(({ missing: some }) => some);
  const none = rows.length === 0 ? ['this version has no row for it'] : [];
  const status = failures.length > 0 ? 'fail' : missing.length + none.length > 0 ? 'not_proven' : 'pass';
  return {
    ...criterion,
    rows,
    status,
    reasons: [...failures, ...missing, ...none],
    seen: found.flatMap(({ seen }) => seen),
  };
}

interface InScenario {
  readonly failed: readonly string[];
  readonly missing: readonly string[];
  readonly seen: readonly string[];
}

/** What the runs of one scenario say of the rows: each row needs one run that proves it, and none that fails it. */
function inScenario(scenario: Scenario, rows: readonly KpiId[], runs: readonly Evidence[]): InScenario {
  const own = runs.filter(({ summary }) => summary.run.profile === scenario);
  if (own.length === 0) return { failed: [], missing: [`no ${scenario} run`], seen: [] };
  const valid = own.filter(({ summary }) => summary.verdict !== 'invalid');
  const failed: string[] = [];
  const missing: string[] = [];
  const seen: string[] = [];
  for (const id of rows) {
    const reads = valid.flatMap((run) => {
      const row = run.summary.kpis.find((kpi) => kpi.id === id);
      return row ? [{ run, row }] : [];
    });
    seen.push(...reads.filter(({ row }) => row.value !== null).map(({ run, row }) => valueText(row, run)));
    const bad = reads.filter(({ row }) => row.status === 'fail');
    failed.push(
      ...bad.map(({ run, row }) => `${valueText(row, run)}, wanted ${row.bound.op} ${row.bound.value}`),
    );
    const proven = reads.some(({ run, row }) => row.status === 'pass' && run.doubts.length === 0);
    if (!proven && bad.length === 0) missing.push(`${scenario}: ${whyOpen(id, own, reads)}`);
  }
  return { failed, missing: [...new Set(missing)], seen };
}

function whyOpen(
  id: KpiId,
  own: readonly Evidence[],
  reads: readonly { readonly run: Evidence; readonly row: KpiSummary }[],
): string {
  const passed = reads.find(({ row }) => row.status === 'pass');
  if (passed !== undefined) return `${passed.run.path} proves nothing: ${passed.run.doubts.join(', ')}`;
  const [first] = reads;
  if (first !== undefined) return `${KPIS[id].title}: ${first.row.reason}`;
  const invalid = own.find(({ summary }) => summary.verdict === 'invalid');
  return invalid === undefined ? `${KPIS[id].title}: no row in the summary` : `${invalid.path} is invalid`;
}

function valueText({ title, value, unit }: KpiSummary, { path }: Evidence): string {
  return `${title} ${formatValue(value, unit)} (${path})`;
}
