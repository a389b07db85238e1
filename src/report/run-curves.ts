import type { Protocol } from '../events.js';
import { KPI_IDS, KPIS, type KpiId } from '../stats/kpis.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRIC_NAMES,
  METRICS,
  type MetricName,
} from '../stats/metrics.js';
import { laggedPercent } from '../stats/validity.js';
import { createView, type View } from '../stats/view.js';
import { ERROR_SOURCES } from './error-kinds.js';

/** One stretch of a run, or one of its phases, as curves are computed from it. */
export interface CurveWindow {
  readonly view: View;
  readonly totals: Totals;
  /** Its length, ms. */
  readonly spanMs: number;
  /** Viewers that the plan wants at its end; absent = the plan is not known, or it is a phase. */
  readonly planned?: number;
}

/** One line of a chart and one column of series.csv. */
export interface RunCurve {
  /** Column name, unit last. */
  readonly key: string;
  readonly label: string;
  /** Undefined where nothing was measured. */
  value(window: CurveWindow): number | undefined;
}

export type ChartUnit = 'viewers' | 'ms' | '%' | 'cores' | 'bytes' | 'count';

/** What is drawn together. */
export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  /** What is to be seen in it, in one sentence. */
  readonly about: string;
  readonly unit: ChartUnit;
  readonly curves: readonly RunCurve[];
  /** Rows of the gate whose bounds are drawn in, and that point here. */
  readonly rows: readonly KpiId[];
  /** A level, not an amount: of a phase nothing can be said by merging. */
  readonly isLevel?: true;
}

const PROTOCOLS: readonly Protocol[] = ['flv', 'hls'];
const NAMES: Readonly<Record<Protocol, string>> = { flv: 'FLV', hls: 'HLS' };

function level(key: string, label: string, gauge: GaugeName): RunCurve {
  return { key, label, value: ({ totals }) => gaugeNow(totals, gauge) };
}

function percentile(
  metric: HistogramName,
  at: number,
  name: string,
  label: string,
  protocol?: Protocol,
): RunCurve {
  return {
    key: `${name}_p${at}_ms`,
    label: `${label} p${at}`.trim(),
    value: ({ view }) => view.spread(metric, protocol ? { protocol } : {}).percentileMs(at),
  };
}

/** p50 and p95 by protocol. */
function byProtocol(metric: HistogramName, name: string): RunCurve[] {
  return PROTOCOLS.flatMap((protocol) =>
    [50, 95].map((at) => percentile(metric, at, `${name}_${protocol}`, NAMES[protocol], protocol)),
  );
}

/** Of the time in which a viewer watched or wanted to. */
function shareOfTime(metric: CounterName, name: string, label: string): RunCurve[] {
  return PROTOCOLS.map((protocol) => ({
    key: `${name}_${protocol}_pct`,
    label: `${NAMES[protocol]} ${label}`,
    value({ view }) {
      const wholeMs = view.count('played_ms', { protocol }) + view.count('stalled_ms', { protocol });
      return wholeMs > 0 ? Math.min(100, (view.count(metric, { protocol }) / wholeMs) * 100) : undefined;
    },
  }));
}

/** Rows of the gate by the begin of their id: a row that comes later finds its chart by itself. */
function rowsOf(...begins: readonly string[]): KpiId[] {
  return KPI_IDS.filter((id) => begins.some((begin) => id.startsWith(begin)));
}

const VIEWERS: ChartSpec = {
  id: 'viewers',
  title: 'Viewers',
  about: 'How many the plan wants, how many are on the platform, and how many have a picture.',
  unit: 'viewers',
  isLevel: true,
  rows: rowsOf('viewers_', 'stream_start', 'ready_', 'join_', 'connections_'),
  curves: [
    { key: 'viewers_planned', label: 'planned', value: ({ planned }) => planned },
    level('viewers_active', 'on the platform', 'vus_active_count'),
    level('viewers_joined', 'joined everywhere', 'vus_joined_count'),
    level('viewers_watching', 'with a picture', 'vus_watching_count'),
  ],
};

const FIRST_FRAME: ChartSpec = {
  id: 'first-frame',
  title: 'First frame',
  about: 'From the start of an attempt to watch to the first picture.',
  unit: 'ms',
  rows: rowsOf('first_frame'),
  curves: byProtocol('first_frame_ms', 'first_frame'),
};

const REBUFFERING: ChartSpec = {
  id: 'rebuffering',
  title: 'Rebuffering and frozen pictures',
  about:
    'Share of the time watched in which the player waited for media, or the picture stood still while audio ran.',
  unit: '%',
  rows: rowsOf('rebuffer_', 'frozen_', 'replayed_', 'frame_drop'),
  curves: [
    ...shareOfTime('stalled_ms', 'rebuffering', 'waiting'),
    ...shareOfTime('frozen_ms', 'frozen', 'frozen'),
  ],
};

const LATENCY: ChartSpec = {
  id: 'latency',
  title: 'Latency, glass to glass',
  about: 'From the capture of a picture to its showing.',
  unit: 'ms',
  rows: rowsOf('latency_'),
  curves: byProtocol('latency_ms', 'latency'),
};

const CHAT: ChartSpec = {
  id: 'chat',
  title: 'Chat delivery',
  about: 'From when a message was due to its arrival at another viewer.',
  unit: 'ms',
  rows: rowsOf('chat_'),
  curves: [50, 95].map((at) => percentile('chat_delivery_since_due_ms', at, 'chat_delivery', '', undefined)),
};

const API: ChartSpec = {
  id: 'api',
  title: 'API',
  about: 'From when a call was due to its answer.',
  unit: 'ms',
  rows: rowsOf('api_'),
  curves: [
    percentile('api_read_since_due_ms', 95, 'api_read', 'reads'),
    percentile('api_read_since_due_ms', 99, 'api_read', 'reads'),
    percentile('api_write_since_due_ms', 95, 'api_write', 'writes'),
    percentile('api_write_since_due_ms', 99, 'api_write', 'writes'),
  ],
};

const LOOP: ChartSpec = {
  id: 'loop',
  title: 'Generator: lateness',
  about:
    "Delay of the workers' event loops. What is late here makes everything else late, and is no fault of the platform.",
  unit: 'ms',
  rows: [],
  curves: [percentile('event_loop_delay_ms', 99, 'loop_delay', 'event loop')],
};

const LAGGED: ChartSpec = {
  id: 'lagged',
  title: 'Generator: viewer-time held up',
  about:
    'Share of the viewer-time that an event loop of ours held up; 1 % of the whole run makes it invalid.',
  unit: '%',
  isLevel: true,
  rows: [],
  curves: [
    {
      key: 'lagged_pct',
      label: 'held up',
      value: ({ view, totals }) => laggedPercent(view.count('lagged_viewer_ms'), totals),
    },
  ],
};

const CPU: ChartSpec = {
  id: 'cpu',
  title: 'Generator: CPU',
  about:
    'CPU time of the generator per second, in cores, of all load boxes together; the stage that a run starts for itself is not in it.',
  unit: 'cores',
  rows: [],
  curves: [
    {
      key: 'cpu_cores',
      label: 'CPU',
      value({ view, spanMs }) {
        const cpuMs = view.count('generator_cpu_ms');
        return cpuMs > 0 && spanMs > 0 ? cpuMs / spanMs : undefined;
      },
    },
  ],
};

const MEMORY: ChartSpec = {
  id: 'memory',
  title: 'Generator: memory',
  about: 'Resident memory of the generator; over several load boxes that of the largest.',
  unit: 'bytes',
  isLevel: true,
  rows: [],
  curves: [{ key: 'rss_bytes', label: 'resident', value: ({ totals }) => totals.gaugeMax.get('rss_bytes') }],
};

/** Everything that is drawn over time, in order, errors by kind apart: those are known only when they are there. */
export const CHARTS: readonly ChartSpec[] = [VIEWERS, FIRST_FRAME, REBUFFERING, LATENCY, CHAT, API];

/** What the generator did meanwhile. */
export const GENERATOR_CHARTS: readonly ChartSpec[] = [LOOP, LAGGED, CPU, MEMORY];

/** Histograms that curves and rows over time are made of; all others are left out, for memory's sake. */
const HISTOGRAMS: ReadonlySet<MetricName> = new Set<HistogramName>([
  'first_frame_ms',
  'latency_ms',
  'latency_by_source_ms',
  'segment_listing_ms',
  'chat_delivery_since_due_ms',
  'api_read_since_due_ms',
  'api_write_since_due_ms',
  'event_loop_delay_ms',
]);

const COUNTERS: ReadonlySet<MetricName> = new Set<MetricName>([
  ...ERROR_SOURCES.map(({ metric }) => metric),
  ...(['lagged_viewer_ms', 'generator_cpu_ms', 'action_late_count', 'local_failure_count'] as const),
  ...KPI_IDS.flatMap((id) => KPIS[id].metrics),
  // What viewers do at planned times: how many of it began late.
  ...(['chat_sent_count', 'chat_not_sent_count', 'api_call_count'] as const),
]);

/** What must be kept of each stretch of a run. */
export const REPORT_METRICS: readonly MetricName[] = METRIC_NAMES.filter((name) =>
  METRICS[name].kind === 'histogram' ? HISTOGRAMS.has(name) : COUNTERS.has(name),
);

/** Totals of a stretch as a window of curves. */
export function windowOf(totals: Totals, spanMs: number, planned?: number): CurveWindow {
  return { view: createView(totals), totals, spanMs, ...(planned === undefined ? {} : { planned }) };
}
