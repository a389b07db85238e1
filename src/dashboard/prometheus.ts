import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { METRICS } from '../stats/metrics.js';
import type { Trend } from '../stats/trend.js';
import { createView, type View } from '../stats/view.js';
import type { Glance } from './glance.js';
import {
  BUCKETS_S,
  COUNTERS,
  GATE_GAUGE,
  GAUGES,
  gaugeValue,
  HEALTH_GAUGE,
  HISTOGRAMS,
  INFO_GAUGE,
  PREFIX,
  partsOf,
  promLabels,
  promName,
  type Selection,
  STATE_GAUGES,
} from './metric-table.js';
import type { GateState, StatusKind } from './state.js';

export interface MetricsPage {
  /** Of the answer. */
  readonly type: string;
  readonly text: string;
}

/** While the run is of these, its viewers are on the platform. */
const THERE: ReadonlySet<StatusKind> = new Set(['running', 'paused', 'leaving']);

/**
 * The page for Prometheus (text format 0.0.4) out of one look at a run. Made anew each time it is asked for: what is
 * kept is the run's own totals, so counters only grow, and begin again with another run.
 */
export async function metricsPage(
  glance: Glance | undefined,
  gate: GateState | undefined,
): Promise<MetricsPage> {
  const registry = new Registry();
  const up = gaugeIn(registry, `${PREFIX}run_up`, 'whether viewers are on the platform: 1 or 0', []);
  up.set(THERE.has(glance?.status.kind ?? 'waiting') ? 1 : 0);
  if (glance !== undefined) {
    const view = createView(glance.totals);
    addState(registry, glance, gate);
    for (const name of COUNTERS) addCounter(registry, name, view);
    for (const name of HISTOGRAMS) registry.registerMetric(mergedHistogram(name, view));
  }
  return { type: registry.contentType, text: await registry.metrics() };
}

function gaugeIn(registry: Registry, name: string, help: string, labelNames: string[]): Gauge {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

function addState(registry: Registry, { run, live, totals }: Glance, gate: GateState | undefined): void {
  const { id, profile } = run;
  gaugeIn(registry, INFO_GAUGE.name, INFO_GAUGE.help, ['run', 'profile', 'phase']).set(
    { run: id, profile, phase: live.phase },
    1,
  );
  for (const { name, help, value } of STATE_GAUGES) {
    const seen = value(live, totals);
    if (seen !== undefined) gaugeIn(registry, name, help, []).set(seen);
  }
  for (const name of GAUGES) {
    const seen = gaugeValue(totals, name);
    if (seen !== undefined) gaugeIn(registry, promName(name), METRICS[name].meaning, []).set(seen);
  }
  const health = gaugeIn(registry, HEALTH_GAUGE.name, HEALTH_GAUGE.help, ['state']);
  for (const state of HEALTH_GAUGE.states) health.set({ state }, live.generator.health === state ? 1 : 0);
  if (gate?.atMs === undefined) return;
  const rows = gaugeIn(registry, GATE_GAUGE.name, GATE_GAUGE.help, ['state']);
  for (const state of GATE_GAUGE.states) rows.set({ state }, gate.counts[state]);
}

function addCounter(registry: Registry, name: (typeof COUNTERS)[number], view: View): void {
  const { unit, meaning } = METRICS[name];
  const labelNames = promLabels(name);
  const counter = new Counter({ name: promName(name), help: meaning, labelNames, registers: [registry] });
  for (const part of partsOf(name)) {
    const count = view.count(name, part);
    // What never came is told where there is one number; of long lists of kinds only those that came.
    if (count > 0 || part.label === undefined)
      counter.inc(labelsOf(part), unit === 'ms' ? count / 1000 : count);
  }
}

/** The library's histogram takes samples one by one; ours are merged already, and told in its form. */
function mergedHistogram(name: (typeof HISTOGRAMS)[number], view: View): Metric {
  const promised = promName(name);
  const told = {
    name: promised,
    help: METRICS[name].meaning,
    type: 'histogram',
    values: partsOf(name).flatMap((part) => {
      const spread = view.spread(name, part);
      return spread.count > 0 || part.label === undefined
        ? histogramValues(promised, labelsOf(part), spread)
        : [];
    }),
  };
  // All that a registry asks of a metric; its type wants the whole class.
  return { name: promised, get: async () => told } as unknown as Metric;
}

function histogramValues(name: string, labels: Record<string, string>, spread: Trend) {
  const counts = spread.countsUpTo(BUCKETS_S.map((seconds) => seconds * 1000));
  return [
    ...BUCKETS_S.map((le, at) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: counts[at] ?? 0,
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: spread.count },
    { metricName: `${name}_sum`, labels, value: spread.sumUs / 1e6 },
    { metricName: `${name}_count`, labels, value: spread.count },
  ];
}

function labelsOf({ protocol, label }: Selection): Record<string, string> {
  return { ...(protocol === undefined ? {} : { protocol }), ...(label === undefined ? {} : { kind: label }) };
}
