import { CameIn } from '../stats/came-in.js';
import type { Planned } from '../stats/kpi.js';
import { KPIS, type KpiId } from '../stats/kpis.js';
import { totalsOfStretches } from '../stats/run-series.js';
import { createSight } from '../stats/sight.js';
import type { Tick } from '../stats/tick.js';
import { createView } from '../stats/view.js';
import type { PhaseSpan } from '../stats/windows.js';
import { type ErrorKind, errorKinds } from './error-kinds.js';
import { measuredIn, type OwnLag, ownOf, type Point } from './explanation.js';
import { type PlannedLevel, plannedAt } from './planned-levels.js';
import { CHARTS, GENERATOR_CHARTS, type RunCurve, windowOf } from './run-curves.js';

/** All curves of a run, charted or not. */
export const CURVES: readonly RunCurve[] = [...CHARTS, ...GENERATOR_CHARTS].flatMap(({ curves }) => curves);

/** One stretch of a run as numbers. */
export interface Stretch {
  /** Run milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The phase that most of it lies in; empty outside of all. */
  readonly phase: string;
  /** By key of the curve; absent = nothing was measured. */
  readonly values: Readonly<Record<string, number>>;
  readonly errors: readonly ErrorKind[];
  readonly own: OwnLag;
}

/** A run over time, as everything that is drawn or written of it is made from. Bounded by the number of stretches. */
export interface OverTime {
  readonly stretches: readonly Stretch[];
  /** What each of `rows` would be of each stretch alone. */
  readonly rows: ReadonlyMap<KpiId, readonly Point[]>;
  /** Kinds of errors there were, most frequent first. */
  readonly errorKinds: readonly string[];
}

export interface OverTimeInput {
  /** As `RunSeries` gives them. */
  readonly ticks: readonly Tick[];
  readonly phases: readonly PhaseSpan[];
  readonly line: readonly PlannedLevel[] | undefined;
  readonly planned: Planned;
  /** Rows of the gate that are wanted over time. */
  readonly rows: readonly KpiId[];
}

/** Reads the stretches of a run one by one: the histograms of one are dropped before the next. */
export function overTime({ ticks, phases, line, planned, rows }: OverTimeInput): OverTime {
  const points = new Map<KpiId, Point[]>(rows.map((id) => [id, []]));
  const later = rows.filter((id) => KPIS[id].comesLater).map((id) => [id, new CameIn(KPIS[id])] as const);
  const counts = new Map<string, number>();
  const stretches = ticks.map((tick): Stretch => {
    const { fromMs, toMs } = tick;
    const totals = totalsOfStretches([tick]);
    const view = createView(totals);
    const sight = createSight(totals, { planned, phases });
    const own = ownOf(totals, view);
    for (const [id, list] of points) {
      list.push({ fromMs, ...measuredIn(KPIS[id], view, sight), watching: totals.concurrency.max, own });
    }
    for (const [, came] of later) came.add(totals.counters, sight);
    const errors = errorKinds((metric) => ({ total: view.count(metric), byLabel: view.byLabel(metric) }));
    for (const { words, count } of errors) counts.set(words, (counts.get(words) ?? 0) + count);
    const window = windowOf(totals, toMs - fromMs, plannedAt(line, toMs - 1));
    return {
      ...{ fromMs, toMs, own, errors },
      phase: phaseOf(phases, (fromMs + toMs) / 2),
      values: valuesOf(window),
    };
  });
  for (const [id, came] of later) {
    const shares = came.shares();
    const drawn = points.get(id)?.map((point, i) => ({ ...point, ...shares[i] })) ?? [];
    points.set(id, drawn);
  }
  const kinds = [...counts].sort(([, a], [, b]) => b - a).map(([words]) => words);
  return { stretches, rows: points, errorKinds: kinds };
}

function valuesOf(window: Parameters<RunCurve['value']>[0]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { key, value } of CURVES) {
    const number = value(window);
    if (number !== undefined && Number.isFinite(number)) values[key] = number;
  }
  return values;
}

/** The name of the phase at an instant; empty outside of all. */
export function phaseOf(phases: readonly PhaseSpan[], atMs: number): string {
  return phases.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)?.name ?? '';
}
