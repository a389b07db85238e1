import { uncertaintyWords } from '../clock/clock-words.js';
import type { CounterName, HistogramName } from '../stats/metrics.js';
import { alertsText } from './alert-words.js';
import { boxesText, lostText, REACH_UNKNOWN } from './box-words.js';
import { type ErrorPart, errorKinds } from './error-kinds.js';
import type { Place } from './explain-hint.js';
import {
  formatBytes,
  formatClock,
  formatJoined,
  formatMoreKinds,
  formatNumber,
  formatValue,
} from './figures.js';
import { memoryGrowthText } from './memory-notes.js';
import type { Summary } from './summary-schema.js';

/** Metrics of a summary, read without caring what is absent: a counter that never counted is 0. */
export interface Figures {
  total(name: CounterName, part?: string): number;
  parts(name: CounterName): Readonly<Record<string, number>>;
  /** `312 ms`, or `-` where there are no samples. */
  value(name: HistogramName, at: 'p50' | 'p95' | 'p99' | 'max', part?: string): string;
  /** The longest sample, ms. */
  longestMs(name: HistogramName): number | undefined;
}

export interface SectionRow {
  readonly label: string;
  text(figures: Figures, summary: Summary, place?: Place): string | undefined;
}

export interface Section {
  readonly title: string;
  /** Rows without a text are left out. */
  readonly rows: readonly SectionRow[];
}

const row = (label: string, text: SectionRow['text']): SectionRow => ({ label, text });
const byProtocol = (f: Figures, name: HistogramName): string =>
  `p95 ${f.value(name, 'p95', 'flv')} FLV, ${f.value(name, 'p95', 'hls')} HLS`;
const byNamespace = (f: Figures, name: CounterName): string =>
  `${f.total(name, 'root')} /, ${f.total(name, 'chat')} /chat, ${f.total(name, 'streaming')} /streaming`;

/** What stands below the gate, in order: a figure more is a row more. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'media',
    rows: [
      row(
        'received',
        (f) =>
          `${formatBytes(f.total('received_bytes'))}, ${f.total('segment_count')} segments, ${f.total('tag_count')} FLV tags`,
      ),
      row(
        'watched',
        (f) =>
          `${formatClock(f.total('played_ms') + f.total('stalled_ms'))} in sum, ${f.total('rebuffer_count')} rebuffers${longest(f, 'rebuffer_span_ms')}`,
      ),
      row(
        'picture',
        (f) =>
          `stalled ${seconds(f, 'stalled_ms')}, frozen ${seconds(f, 'frozen_ms')}, replayed ${seconds(f, 'replayed_ms')}`,
      ),
      row(
        'time',
        (f) =>
          `joining ${seconds(f, 'joining_ms')}, micro-waits ${seconds(f, 'micro_wait_ms')}, seeking ${seconds(f, 'seeking_ms')}, after the end ${seconds(f, 'ended_ms')}`,
      ),
      row('first frame', (f) => byProtocol(f, 'first_frame_ms')),
      row('delay', (f) => `glass to glass ${byProtocol(f, 'latency_ms')}${clockText(f)}`),
      row('arrival', (f) =>
        f.value('arrival_ms', 'p95') === '-' ? undefined : `${byProtocol(f, 'arrival_ms')}${clockText(f)}`,
      ),
      row('errors', (f) => errorText(f, 'media')),
    ],
  },
  {
    title: 'sockets',
    rows: [
      row('ready', (f) => byNamespace(f, 'socket_ready_count')),
      row('joined', (f) => byNamespace(f, 'join_confirmed_count')),
      row(
        'chat',
        (f, summary) =>
          `${f.total('chat_sent_count')} sent, ${arrivalsText(f, summary)}, p95 ${f.value('chat_delivery_since_due_ms', 'p95')}`,
      ),
      row('errors', (f) => joined([errorText(f, 'sockets'), errorText(f, 'chat')])),
    ],
  },
  {
    title: 'API',
    rows: [
      row(
        'calls',
        (f) =>
          `${f.total('api_call_count')} calls, ${f.total('api_failed_call_count')} failed, ${f.total('api_outcome_count', 'business')} "sold out" and the like`,
      ),
      row('orders', (_, { orders }) => ordersText(orders)),
      row('reads', (f) => spreadText(f, 'api_read_since_due_ms')),
      row('writes', (f) => spreadText(f, 'api_write_since_due_ms')),
      row('errors', (f) => errorText(f, 'api')),
    ],
  },
  {
    title: 'platform',
    rows: [row('alerts', (_, { alerts }) => alerts && alertsText(alerts))],
  },
  {
    title: 'execution',
    rows: [
      row(
        'viewers',
        (_, summary) =>
          `${formatJoined(summary.vus)}, ${summary.vus.maxConcurrent} at once, ${lostText(summary)}`,
      ),
      row(
        'run',
        (_, { run }) =>
          `${formatClock(run.measuredMs)} measured of ${formatClock(run.plannedMs)} planned, seed ${run.seed}, version ${run.version}`,
      ),
      row('target', (_, { run }) => run.target),
      row('errors', (f) => errorText(f, 'viewers')),
      row('folder', (_f, _s, place) => place?.folder),
    ],
  },
  {
    title: 'generator',
    rows: [
      row(
        'cost',
        (_, { generator, boxes }) =>
          `${formatValue(generator.cpuMsPerViewerSecond, 'ms')} CPU per viewer-second, ${generator.rssBytes === null ? '-' : formatBytes(generator.rssBytes)} resident${boxes === undefined ? '' : ' in the largest box'}${generator.memoryGrowth === undefined ? '' : `, ${memoryGrowthText(generator.memoryGrowth)}`}`,
      ),
      row(
        'lateness',
        (f, { generator }) =>
          `loop delay p99 ${formatValue(generator.eventLoopDelayP99Ms, 'ms')}, lagged ${laggedText(generator.laggedPct)}, ${f.total('action_late_count')} late actions`,
      ),
      row('machine', (_, { run, boxes }) =>
        boxes === undefined
          ? `${run.host}, ${workersText(run.workers)}, Node.js ${run.nodeVersion}`
          : `coordinator on ${run.host}, Node.js ${run.nodeVersion}`,
      ),
      row('boxes', (_, { run, boxes }) => boxes && `${boxesText(boxes)}; ${workersText(run.workers)} in all`),
      row('errors', (f) => errorText(f, 'generator')),
    ],
  },
];

/** The metrics of a summary as `Figures`. */
export function figuresOf({ metrics }: Pick<Summary, 'metrics'>): Figures {
  const counter = (name: CounterName) => {
    const metric = metrics[name];
    return metric?.kind === 'counter' ? metric : undefined;
  };
  return {
    total: (name, part) => (part === undefined ? counter(name)?.total : counter(name)?.parts?.[part]) ?? 0,
    parts: (name) => counter(name)?.parts ?? {},
    value(name, at, part) {
      const metric = metrics[name];
      if (metric?.kind !== 'histogram') return '-';
      return formatValue((part === undefined ? metric : metric.parts?.[part])?.[at], 'ms');
    },
    longestMs(name) {
      const metric = metrics[name];
      return metric?.kind === 'histogram' ? metric.max : undefined;
    },
  };
}

/** How well the clocks are known that latencies rest on; nothing where there are no latencies. */
function clockText(figures: Figures): string {
  const uncertaintyMs = figures.longestMs('latency_uncertainty_ms');
  if (figures.total('latency_unknown_clock_count') > 0) return `, ${uncertaintyWords(undefined)}`;
  return uncertaintyMs === undefined ? '' : `, ${uncertaintyWords(uncertaintyMs)}`;
}

/** Order ids come from the platform: nothing in them may move the terminal's cursor. */
function ordersText({ created, ids }: Summary['orders']): string | undefined {
  if (created === 0) return undefined;
  const shown = ids.slice(0, MAX_KINDS).map((id) => id.replaceAll(/[^\x20-\x7e]/g, '?'));
  const more = created - shown.length;
  return `${created} created: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What a box expected of others went with it when it was lost, or was never heard: a share of the rest would be of nothing. */
function arrivalsText(figures: Figures, { boxes = [], kpis }: Summary): string {
  const delivered = figures.total('chat_delivered_count');
  const unheard = kpis.some(({ id, reason }) => id.startsWith('chat_') && reason.endsWith(REACH_UNKNOWN));
  if (unheard || boxes.some(({ lost }) => lost !== undefined))
    return `${delivered} arrived at others (of how many is not known)`;
  return `${delivered} of ${figures.total('chat_expected_count')} arrived at others`;
}

function workersText(workers: number): string {
  return `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}

/** Shown at most; the rest is a number. */
const MAX_KINDS = 6;

function errorText(figures: Figures, part: ErrorPart): string | undefined {
  const kinds = errorKinds(
    (metric) => ({ total: figures.total(metric), byLabel: labelSums(figures.parts(metric)) }),
    part,
  );
  if (kinds.length === 0) return undefined;
  const shown = kinds.slice(0, MAX_KINDS).map(({ words, count }) => `${words} ${formatNumber(count)}`);
  const more = kinds.length - shown.length;
  return joined([...shown, more > 0 ? formatMoreKinds(more) : undefined]);
}

/** Parts by protocol and label, `flv.cut`, summed by label. */
function labelSums(parts: Readonly<Record<string, number>>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [path, count] of Object.entries(parts)) {
    const label = path.replace(/^(hls|flv)\.?/, '');
    if (label !== '') sums[label] = (sums[label] ?? 0) + count;
  }
  return sums;
}

function joined(texts: readonly (string | undefined)[]): string | undefined {
  const present = texts.filter((text) => text !== undefined);
  return present.length === 0 ? undefined : present.join(', ');
}

function longest(figures: Figures, name: HistogramName): string {
  const value = figures.value(name, 'max');
  return value === '-' ? '' : `, the longest ${value}`;
}

function seconds(figures: Figures, name: CounterName): string {
  return `${formatNumber(Math.round(figures.total(name) / 100) / 10)} s`;
}

function spreadText(figures: Figures, name: HistogramName): string | undefined {
  if (figures.value(name, 'p95') === '-') return undefined;
  return `p95 ${figures.value(name, 'p95')}, p99 ${figures.value(name, 'p99')}, max ${figures.value(name, 'max')} since due`;
}

/** To a tenth, as the validity rule says it. */
function laggedText(laggedPct: number | null): string {
  return laggedPct === null ? '-' : `${formatNumber(Math.round(laggedPct * 10) / 10)} %`;
}
