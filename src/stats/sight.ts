import type { Planned } from './kpi.js';
import type { Totals } from './merge.js';
import type { PlatformMetric, PlatformSeries } from './platform-series.js';
import { createView, phasesOf, type View } from './view.js';
import { holdsBefore, type PhaseSpan, phasesIn, spanMs, WINDOWS, type Window } from './windows.js';

/** What a row may look at beside its own window and the whole run. */
export interface Sight {
  readonly planned: Planned;
  over(window: Window): View;
  /** What was usual before the first phase of `role`: the holds before it. */
  before(role: string): View;
  /** How long a window has been measured, ms: a run that was cut short has measured less than it planned. */
  measuredMs(window: Window): number;
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
}

export function createSight(totals: Totals, { planned, phases, platform = [] }: SightOf): Sight {
  const views = new Map<Window, View>();
  return {
    planned,
    over(window) {
      const known = views.get(window) ?? viewOf(totals, phases, window);
      views.set(window, known);
      return known;
    },
    before: (role) => createView(totals, names(holdsBefore(role, phases))),
    measuredMs: (window) => spanMs(phasesIn(window, phases), totals.toMs),
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
