import type { Planned } from './kpi.js';
import type { Totals } from './merge.js';
import {
  type PlatformData,
  type PlatformMetric,
  type PlatformSeries,
  type SeenSeries,
  seen,
} from './platform-series.js';
import type { Stretch } from './timeline.js';
import type { GeneratorFacts } from './validity.js';
import { createView, phasesOf, type View } from './view.js';
import {
  holdsBefore,
  type PhaseSpan,
  phasesBefore,
  phasesIn,
  spanMs,
  WINDOWS,
  type Window,
} from './windows.js';

/** What a row may look at beside its own window and the whole run. */
export interface Sight {
  readonly planned: Planned;
  over(window: Window): View;
  /** What was usual before the first phase of `role`: the holds before it. */
  before(role: string): View;
  /** All phases before the first one of `role`. */
  earlier(role: string): View;
  /** How long a window has been measured, ms: a run that was cut short has measured less than it planned. */
  measuredMs(window: Window): number;
  /** What the timeline has of the stretches that lie wholly within one phase of a window, without its first 10 s. */
  stretches(window: Window): readonly Stretch[];
  /** The platform's own figure within a window, one entry per source that was asked, silent ones too. */
  platform(metric: PlatformMetric, window: Window): readonly SeenSeries[];
  /** The same within the holds before the first phase of `role`. */
  platformBefore(metric: PlatformMetric, role: string): readonly SeenSeries[];
  /** The same from before the first viewer to after the last. */
  platformWhole(metric: PlatformMetric): readonly PlatformSeries[];
  /** The last that any viewer measured, run ms. */
  readonly endMs: number;
}

/** What the rows are computed from. */
export interface SightOf {
  readonly planned: Planned;
  readonly phases: readonly PhaseSpan[];
  readonly platform?: PlatformData;
  /** What of the generator is known beside the ticks. */
  readonly facts?: Pick<GeneratorFacts, 'gone'>;
  /** The totals are those of the run from then on; absent = of all of it. Run ms. */
  readonly fromMs?: number;
}

export function createSight(totals: Totals, sightOf: SightOf): Sight {
  const { planned, phases, platform = NOTHING, fromMs = 0 } = sightOf;
  const metersIn = (parts: readonly PhaseSpan[], metric: PlatformMetric): SeenSeries[] =>
    within(parts, metric, platform, spanMs(parts, totals.toMs, fromMs));
  const views = new Map<Window, View>();
  return {
    planned,
    over(window) {
      const known = views.get(window) ?? viewOf(totals, phases, window);
      views.set(window, known);
      return known;
    },
    before: (role) => createView(totals, names(holdsBefore(role, phases))),
    earlier: (role) => createView(totals, names(phasesBefore(role, phases))),
    measuredMs: (window) => spanMs(phasesIn(window, phases), totals.toMs, fromMs),
    stretches: (window) => without(sightOf.facts?.gone?.boxes, stretchesIn(phasesIn(window, phases), totals)),
    platform: (metric, window) => metersIn(phasesIn(window, phases), metric),
    platformBefore: (metric, role) => metersIn(holdsBefore(role, phases), metric),
    platformWhole: (metric) => platform.series.filter((series) => series.metric === metric),
    endMs: totals.toMs,
  };
}

function viewOf(totals: Totals, phases: readonly PhaseSpan[], window: Window): View {
  const { has } = WINDOWS[window];
  const inside = phases.filter(({ role }) => has(role));
  if (window !== 'run' && window !== 'calm') return createView(totals, names(inside));
  // What was measured outside of every phase of the plan belongs to the run, too.
  const outside = new Set(names(phases.filter(({ role }) => !has(role))));
  return createView(
    totals,
    phasesOf(totals).filter((name) => !outside.has(name)),
  );
}

/** Those who came last have no picture yet when a phase begins. */
const SETTLE_MS = 10_000;

function stretchesIn(phases: readonly PhaseSpan[], totals: Totals): Stretch[] {
  return totals.timeline
    .stretches()
    .filter((stretch) =>
      phases.some(
        ({ fromMs, toMs }) =>
          stretch.fromMs >= fromMs + SETTLE_MS && stretch.toMs <= Math.min(toMs, totals.toMs),
      ),
    );
}

/** Boxes that were lost have nobody any more from then on, and nobody who says so. */
function without(gone: ReadonlySet<string> | undefined, stretches: Stretch[]): Stretch[] {
  if (gone === undefined) return stretches;
  return stretches.map((stretch) => ({ ...stretch, lowest: (level) => stretch.lowest(level, gone) }));
}

function names(phases: readonly PhaseSpan[]): string[] {
  return phases.map(({ name }) => name);
}

const NOTHING: PlatformData = { everyMs: 0, series: [], untold: {} };

function within(
  phases: readonly PhaseSpan[],
  metric: PlatformMetric,
  { series, everyMs }: PlatformData,
  windowMs: number,
): SeenSeries[] {
  const isIn = (at: number): boolean => phases.some(({ fromMs, toMs }) => at >= fromMs && at < toMs);
  return series
    .filter((one) => one.metric === metric)
    .map((one) => {
      const points = one.points.filter(({ atMs }) => isIn(atMs));
      const restartsAtMs = (one.restartsAtMs ?? []).filter(isIn);
      return seen({ ...one, points, restartsAtMs }, windowMs, everyMs);
    });
}
