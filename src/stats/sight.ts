import type { Planned } from './kpi.js';
import type { Totals } from './merge.js';
import type { PlatformMetric, PlatformSeries } from './platform-series.js';
import type { Stretch } from './timeline.js';
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
  /** The platform's own figure within a window, one entry per source that has any. */
  platform(metric: PlatformMetric, window: Window): readonly PlatformSeries[];
  /** The same within the holds before the first phase of `role`. */
  platformBefore(metric: PlatformMetric, role: string): readonly PlatformSeries[];
}

/** What the rows are computed from. */
export interface SightOf {
  readonly planned: Planned;
  readonly phases: readonly PhaseSpan[];
  readonly platform?: readonly PlatformSeries[];
  /** The totals are those of the run from then on; absent = of all of it. Run ms. */
  readonly fromMs?: number;
}

export function createSight(totals: Totals, sightOf: SightOf): Sight {
  const { planned, phases, platform = [], fromMs = 0 } = sightOf;
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
    stretches: (window) => stretchesIn(phasesIn(window, phases), totals),
    platform: (metric, window) => within(phasesIn(window, phases), metric, platform),
    platformBefore: (metric, role) => within(holdsBefore(role, phases), metric, platform),
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

function names(phases: readonly PhaseSpan[]): string[] {
  return phases.map(({ name }) => name);
}

function within(
  phases: readonly PhaseSpan[],
  metric: PlatformMetric,
  all: readonly PlatformSeries[],
): PlatformSeries[] {
  return all
    .filter((series) => series.metric === metric)
    .map((series) => ({
      ...series,
      points: series.points.filter(({ atMs }) =>
        phases.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs),
      ),
    }))
    .filter(({ points }) => points.length > 0);
}
