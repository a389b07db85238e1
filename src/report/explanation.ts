import type { Bound, Kpi } from '../stats/kpi.js';
import { meets } from '../stats/kpi.js';
import type { Totals } from '../stats/merge.js';
import type { MetricName } from '../stats/metrics.js';
import type { Sight } from '../stats/sight.js';
import { laggedPercent } from '../stats/validity.js';
import { createView, type View } from '../stats/view.js';

/** How late our own machine was in a stretch of the run. */
export interface OwnLag {
  /** Event-loop delay of all threads, p99, ms. */
  readonly loopMs: number | undefined;
  /** Viewer-time that an event loop held up, %. */
  readonly laggedPct: number | undefined;
  readonly lateActions: number;
  /** Of the actions begun then, %. */
  readonly latePct: number | undefined;
  readonly localFailures: number;
}

/** One interval of the run. */
export interface Point {
  readonly fromMs: number;
  readonly value: number | undefined;
  readonly samples: number;
  /** Most viewers with a picture at once. */
  readonly watching: number;
  readonly own: OwnLag;
}

/** Intervals that a run is looked at by. */
export const POINT_MS = 10_000;

/** What viewers do at planned times. */
const ACTIONS = ['chat_sent_count', 'chat_not_sent_count', 'api_call_count'] as const;

/** What the generator's own state is read from. */
export const OWN_METRICS: readonly MetricName[] = [
  'event_loop_delay_ms',
  'lagged_viewer_ms',
  'action_late_count',
  ...ACTIONS,
  'local_failure_count',
];

/** The point of one interval; without a row only what concerns the generator itself. */
export function pointOf(totals: Totals, fromMs: number, sight: Sight, kpi?: Kpi): Point {
  const view = createView(totals);
  const measured = kpi === undefined ? { value: undefined, samples: 0 } : measuredIn(kpi, view, sight);
  return { fromMs, ...measured, watching: totals.concurrency.max, own: ownOf(totals, view) };
}

/** What a row would be of one interval alone. */
export function measuredIn(kpi: Kpi, view: View, sight: Sight): Pick<Point, 'value' | 'samples'> {
  const { value, samples } = kpi.compute(view, view, sight);
  return { value: value === undefined || !Number.isFinite(value) ? undefined : value, samples };
}

/** How late our own machine was in one interval. */
export function ownOf(totals: Totals, view: View): OwnLag {
  const lateActions = view.count('action_late_count');
  const actions = ACTIONS.reduce((sum, name) => sum + view.count(name), 0);
  return {
    loopMs: view.spread('event_loop_delay_ms').percentileMs(99),
    laggedPct: laggedPercent(view.count('lagged_viewer_ms'), totals),
    lateActions,
    latePct: actions > 0 ? (lateActions / actions) * 100 : undefined,
    localFailures: view.count('local_failure_count'),
  };
}

/** A value over time and what it may be. */
export interface Curve {
  readonly title: string;
  readonly unit: string;
  readonly bound: Bound;
  /** Undefined where nothing was measured. */
  value(point: Point): number | undefined;
  /** Shown beside the value; absent = nothing is. */
  samples?(point: Point): number;
}

/** The curve of a row. What ended on the other side of an interval's border may make a share more than whole. */
export function curveOf({ title, unit, bound }: Kpi): Curve {
  const share = unit === '%' && (bound.op === '>' || bound.op === '>=');
  return {
    title,
    unit,
    bound,
    value: ({ value, samples }) => {
      // A count of losses has something to say without samples of its own.
      if (value === undefined || (samples === 0 && value === 0)) return undefined;
      return share ? Math.min(100, value) : value;
    },
    samples: ({ samples }) => samples,
  };
}

/** Our own lateness over time, with the limits of a valid run. */
export const OWN_CURVES: readonly Curve[] = [
  {
    title: 'event-loop delay, p99',
    unit: 'ms',
    bound: { op: '<=', value: 50 },
    value: ({ own }) => own.loopMs,
  },
  {
    title: 'viewer-time that an event loop held up',
    unit: '%',
    bound: { op: '<=', value: 1 },
    value: ({ own }) => own.laggedPct,
  },
  {
    title: 'sockets that the generator had no room for',
    unit: 'sockets',
    bound: { op: '<=', value: 0 },
    value: ({ own }) => own.localFailures || undefined,
  },
  {
    title: 'actions begun more than 50 ms late',
    unit: '%',
    bound: { op: '<=', value: 5 },
    value: ({ own }) => own.latePct || undefined,
  },
];

/** Whether our own machine was late or short of something then. */
export function ownFault(point: Point): boolean {
  return OWN_CURVES.some((curve) => isBad(curve, curve.value(point)));
}

/** Whether a value is on the wrong side of its bound. */
export function isBad({ bound }: Curve, value: number | undefined): boolean {
  return value !== undefined && !meets(bound, value);
}

/** The interval that looks worst, of those that `inWindow` if any of them has a value. */
export function worstPoint(
  curve: Curve,
  points: readonly Point[],
  inWindow: (point: Point) => boolean = () => true,
): Point | undefined {
  const measured = points.filter((point) => curve.value(point) !== undefined);
  const inside = measured.filter(inWindow);
  const lowIsBad = curve.bound.op === '>' || curve.bound.op === '>=';
  let worst: Point | undefined;
  let worstValue: number | undefined;
  for (const point of inside.length > 0 ? inside : measured) {
    const value = curve.value(point) ?? 0;
    if (worstValue !== undefined && (lowIsBad ? value >= worstValue : value <= worstValue)) continue;
    [worst, worstValue] = [point, value];
  }
  return worst;
}
