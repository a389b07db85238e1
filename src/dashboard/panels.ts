import type { ThresholdId } from '../alerts/thresholds.js';
import { uncertaintyWords } from '../clock/clock-words.js';
import type { SystemLine } from '../collect/line.js';
import { type ERROR_SOURCES, type ErrorKind, type ErrorPart, errorKinds } from '../report/error-kinds.js';
import { formatMoreKinds } from '../report/figures.js';
import { faultFields } from '../report/live-fault.js';
import { type LiveState, lostBoxes } from '../report/live-state.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import type { RecentWindow } from '../stats/recent.js';
import { createView, type View } from '../stats/view.js';
import { NOT_COLLECTED } from './charts.js';
import type { Rates } from './rates.js';
import type { Figure, FigureGroup, FigureTone, FigureUnit, PanelId, PanelLine, PanelState } from './state.js';
import { hasSection, systemValue, whyAbsent } from './system-values.js';
import type { Tones } from './tones.js';

/** What the figures of all panels are made of. */
export interface PanelInput {
  readonly live: LiveState;
  readonly totals: Totals;
  readonly recent: RecentWindow;
  readonly rates: Rates | undefined;
  /** The newest line of the platform; absent = it is not asked, or its last line is too old. */
  readonly line: SystemLine | undefined;
  /** Why there is no line. */
  readonly whyNoLine: string;
  readonly tones: Tones;
  /** The run has ended. */
  readonly isOver: boolean;
}

interface Reading extends PanelInput {
  /** Boxes of which nobody knows what they do now. */
  readonly lost: ReadonlySet<string>;
  readonly view: View;
}

/** What one of our own figures is read from. */
interface OwnSpec {
  readonly id: string;
  readonly label: string;
  /** Its label where the run goes over load boxes, if that is another. */
  readonly overBoxes?: string;
  readonly unit: FigureUnit;
  value(reading: Reading): number | undefined;
  tone?(value: number, reading: Reading): FigureTone | undefined;
}

/** A figure of the platform: a field of its line, and the alerts that colour it. */
type PlatformSpec = readonly [
  path: string,
  source: string,
  label: string,
  unit: FigureUnit,
  alerts?: readonly ThresholdId[],
];

interface PanelSpec {
  readonly id: PanelId;
  readonly own: readonly OwnSpec[];
  readonly platform: readonly {
    readonly section: string;
    /** Its title where the run goes over load boxes, if that is another. */
    readonly overBoxes?: string;
    readonly title: string;
    readonly fields: readonly PlatformSpec[];
  }[];
  readonly errors: readonly ErrorPart[];
  lines?(reading: Reading): readonly PanelLine[];
}

const badAbove =
  (limit: number) =>
  (value: number): FigureTone | undefined =>
    value > limit ? 'bad' : undefined;
const bad = badAbove(0);
const warn = (value: number): FigureTone | undefined => (value > 0 ? 'warn' : undefined);

function own(
  id: string,
  label: string,
  unit: FigureUnit,
  value: OwnSpec['value'],
  tone?: OwnSpec['tone'],
): OwnSpec {
  return { id, label, unit, value, ...(tone ? { tone } : {}) };
}

const STREAMING: PanelSpec = {
  id: 'streaming',
  own: [
    own('watching', 'viewers with a picture', 'count', ({ live }) => live.watching),
    own('wanted', 'wanted', 'count', ({ live }) => live.wanted),
    own('joined', 'joined everywhere', 'count', ({ live }) => live.joined),
    own('lost', 'lost', 'count', ({ live }) => live.lost, bad),
    own('rebuffering', 'rebuffering now', 'count', ({ live }) => live.rebuffering, warn),
    own('rebuffers', 'rebuffers so far', 'count', ({ live }) => live.rebuffers),
    own('frozen', 'frozen now', 'count', ({ live }) => live.frozen, warn),
    own('first_flv', 'first frame FLV p95', 'ms', ({ live }) => live.firstFrameMs.flv),
    own('first_hls', 'first frame HLS p95', 'ms', ({ live }) => live.firstFrameMs.hls),
    own('delay_flv', 'delay FLV p95, 10 s', 'ms', ({ live }) => live.delayMs.flv),
    own('delay_hls', 'delay HLS p95, 10 s', 'ms', ({ live }) => live.delayMs.hls),
  ],
  platform: [
    {
      section: 'srs',
      title: 'SRS says',
      fields: [
        ['srs.recv_kbps', 'srs.api', 'bitrate in', 'kbit/s', ['srs-bitrate-low', 'srs-bitrate-high']],
        ['srs.send_now_kbps', 'srs.api', 'bitrate out', 'kbit/s'],
        ['srs.clients', 'srs.api', 'clients', 'count', ['srs-clients']],
        ['srs.publishers', 'srs.api', 'publishers', 'count', ['srs-publisher', 'srs-streams']],
        ['srs.publisher_uptime_s', 'srs.api', 'publishing for', 's'],
        ['srs.dropped_frame_lines', 'srs.log', 'frame drops, last look', 'count', ['srs-frame-drops']],
        ['srs.disconnect_lines', 'srs.log', 'disconnects, last look', 'count', ['srs-disconnects']],
      ],
    },
  ],
  errors: ['media', 'viewers'],
  lines: ({ live }) => {
    const { clockUncertaintyMs: uncertainty, fault } = live;
    const clock =
      uncertainty === undefined
        ? []
        : uncertainty === 'unknown'
          ? [{ text: `delay: ${uncertaintyWords(undefined)}`, tone: 'warn' as const }]
          : [{ text: `delay: ${uncertaintyWords(uncertainty)}` }];
    if (fault === undefined) return clock;
    const { what, who, missing } = faultFields(fault);
    const words = [what, who, ...(missing === undefined ? [] : [missing])].join(', ');
    return [{ text: `fault: ${words}`, tone: 'warn' }, ...clock];
  },
};

const API: PanelSpec = {
  id: 'api',
  own: [
    own('calls', 'calls, 10 s', 'per_s', ({ rates }) => rates?.callsPerS),
    own('failed', 'failed, 10 s', '%', ({ rates }) => rates?.failedPct, badAbove(1)),
    own('reads', 'reads p95, 10 s', 'ms', ({ recent }) => recent.p95Ms('api_read_since_due_ms', '-')),
    own('writes', 'writes p95, 10 s', 'ms', ({ recent }) => recent.p95Ms('api_write_since_due_ms', '-')),
    own('reads_99', 'reads p99 so far', 'ms', ({ view }) =>
      view.spread('api_read_since_due_ms').percentileMs(99),
    ),
    own('writes_99', 'writes p99 so far', 'ms', ({ view }) =>
      view.spread('api_write_since_due_ms').percentileMs(99),
    ),
  ],
  platform: [
    {
      section: 'nginx',
      title: 'nginx says',
      fields: [
        ['nginx.req_per_sec', 'nginx.log', 'requests', 'per_s'],
        ['nginx.error_4xx', 'nginx.log', '4xx, last look', 'count', ['nginx-4xx']],
        ['nginx.error_5xx', 'nginx.log', '5xx, last look', 'count', ['nginx-5xx', 'nginx-502', 'nginx-504']],
        ['nginx.rt_p50_ms', 'nginx.log', 'rt p50', 'ms'],
        ['nginx.rt_p95_ms', 'nginx.log', 'rt p95', 'ms', ['nginx-rt-p95']],
        ['nginx.rt_p99_ms', 'nginx.log', 'rt p99', 'ms', ['nginx-rt-p99']],
        ['nginx.urt_p95_ms', 'nginx.log', 'upstream p95', 'ms', ['nginx-urt-p95']],
      ],
    },
    {
      section: 'backend',
      title: 'The backend says',
      fields: [
        ['backend.health_status', 'backend.health', 'health', 'status', ['backend-health']],
        ['backend.health_ms', 'backend.health', 'health in', 'ms'],
        ['backend.heap_used_mb', 'backend.monitoring', 'heap', 'MB', ['backend-heap']],
        ['backend.event_loop_lag_ms', 'backend.monitoring', 'event loop', 'ms', ['backend-loop-lag']],
      ],
    },
    {
      section: 'postgres',
      title: 'PostgreSQL says',
      fields: [
        ['postgres.active_connections', 'postgres', 'active connections', 'count', ['postgres-connections']],
        ['postgres.waiting_queries', 'postgres', 'waiting queries', 'count', ['postgres-waiting']],
        ['postgres.cache_hit_pct', 'postgres', 'cache hits', '%', ['postgres-cache']],
        ['postgres.deadlocks', 'postgres', 'deadlocks, last look', 'count', ['postgres-deadlocks']],
        ['postgres.slow_queries', 'postgres', 'slow queries', 'count', ['postgres-slow']],
        ['postgres.transactions_per_sec', 'postgres', 'transactions', 'per_s'],
      ],
    },
  ],
  errors: ['api'],
};

const SOCKETS: PanelSpec = {
  id: 'sockets',
  own: [
    own('open', 'connections open', 'count', ({ totals, lost }) =>
      gaugeNow(totals, 'connections_open_count', lost),
    ),
    own('root', '/ ready', 'count', ({ totals, lost }) => gaugeNow(totals, 'root_sessions_open_count', lost)),
    own('chat_open', '/chat ready', 'count', ({ totals, lost }) =>
      gaugeNow(totals, 'chat_sessions_open_count', lost),
    ),
    own('streaming_open', '/streaming ready', 'count', ({ totals, lost }) =>
      gaugeNow(totals, 'streaming_sessions_open_count', lost),
    ),
    own('announced', 'viewers, by the platform', 'count', ({ totals, lost }) =>
      gaugeNow(totals, 'platform_viewers_count', lost),
    ),
    own(
      'disconnected',
      'disconnects so far',
      'count',
      ({ view }) => view.count('socket_disconnected_count'),
      warn,
    ),
    own('ready_95', 'ready p95 so far', 'ms', ({ view }) => view.spread('socket_ready_ms').percentileMs(95)),
    own('chat_rate', 'chat deliveries, 10 s', 'per_s', ({ rates }) => rates?.chatPerS),
    own('chat', 'chat p95, 10 s', 'ms', ({ live }) => live.chatMs),
  ],
  platform: [
    {
      section: 'nginx',
      title: 'nginx says',
      fields: [
        ['nginx.connections_active', 'nginx.status', 'connections', 'count', ['nginx-connections']],
        ['nginx.socket_5xx', 'nginx.log', 'sockets 5xx, last look', 'count', ['nginx-5xx']],
      ],
    },
    {
      section: 'redis',
      title: 'Redis says',
      fields: [
        ['redis.connected_clients', 'redis', 'clients', 'count', ['redis-clients']],
        ['redis.used_memory_mb', 'redis', 'memory', 'MB', ['redis-memory']],
        ['redis.ops_per_sec', 'redis', 'operations', 'per_s', ['redis-ops']],
        ['redis.evicted_keys', 'redis', 'evicted, last look', 'count', ['redis-evicted']],
        ['redis.hit_pct', 'redis', 'hits', '%', ['redis-hits']],
        ['redis.viewers_set', 'redis', 'set of viewers', 'count'],
      ],
    },
  ],
  errors: ['sockets', 'chat'],
};

const HEALTH_TONES = { ok: 'good', strained: 'warn', invalid: 'invalid' } as const;
const HEALTH_WORDS = {
  ok: 'ok: what is measured can be believed',
  strained: 'strained: half way to a run that counts for nothing',
  invalid: 'invalid if it ended now',
} as const;

const GENERATOR: PanelSpec = {
  id: 'generator',
  own: [
    own('loop', 'event loop p99', 'ms', ({ live }) => live.generator.loopMs, badAbove(50)),
    own('lagged', 'viewer-time held up', '%', ({ live }) => live.generator.laggedPct, badAbove(1)),
    own('cpu', 'CPU per viewer-second', 'ms', ({ live }) => live.generator.cpuMsPerViewerSecond),
    {
      ...own('rss', 'memory', 'bytes', ({ live }) => live.generator.rssBytes),
      overBoxes: 'memory, largest box',
    },
  ],
  platform: [
    {
      section: 'generator',
      title: 'Its machine says',
      overBoxes: "The coordinator's machine says",
      fields: [
        ['generator.cpu_pct', 'generator', 'CPU, all cores', '%'],
        ['generator.cpu_steal_pct', 'generator', 'given to other machines', '%'],
        ['generator.mem_pct', 'generator', 'memory', '%'],
        ['generator.swap_mb', 'generator', 'swap', 'MB'],
        ['generator.tcp_time_wait', 'generator', 'in TIME_WAIT', 'count'],
      ],
    },
  ],
  errors: ['generator'],
  lines: ({ live, isOver }) => {
    const { health, why } = live.generator;
    const words = isOver && health === 'invalid' ? 'the run is invalid' : HEALTH_WORDS[health];
    const text = why === undefined ? words : `${words}: ${why}`;
    return [{ text, tone: HEALTH_TONES[health] }];
  },
};

/** Every field of the platform's line that is shown. */
export function platformPaths(): string[] {
  return PANELS.flatMap(({ platform }) => platform.flatMap(({ fields }) => fields.map(([path]) => path)));
}

const PANELS: readonly PanelSpec[] = [STREAMING, API, SOCKETS, GENERATOR];

/** Kinds of errors that a panel names; the others are a number. */
const MAX_KINDS = 4;

/** The figures of all panels. Pure. */
export function panelsOf(input: PanelInput): PanelState[] {
  const reading = { ...input, view: createView(input.totals), lost: lostBoxes(input.live.boxes) };
  return PANELS.map(({ id, own: specs, platform, errors, lines }) => ({
    id,
    groups: [
      {
        title: id === 'generator' ? 'The generator' : 'Our viewers see',
        figures: specs.map((spec) => ownFigure(spec, reading)),
      },
      ...platformGroups(platform, reading),
    ],
    lines: [...(lines?.(reading) ?? []), ...errorLines(errors, reading.view)],
  }));
}

function ownFigure(
  { id, label: own, overBoxes = own, unit, value, tone }: OwnSpec,
  reading: Reading,
): Figure {
  const label = reading.live.boxes === undefined ? own : overBoxes;
  const seen = value(reading);
  if (seen === undefined) return { id, label, unit, value: null, why: 'nothing measured yet' };
  return figureOf(id, label, unit, seen, tone?.(seen, reading));
}

function figureOf(
  id: string,
  label: string,
  unit: FigureUnit,
  value: number,
  tone: FigureTone | undefined,
): Figure {
  return { id, label, unit, value, ...(tone === undefined ? {} : { tone }) };
}

/** Without a line one note stands for all of them; a section that the collector does not have is left out. */
function platformGroups(groups: PanelSpec['platform'], reading: Reading): FigureGroup[] {
  const { line } = reading;
  const [first] = groups;
  if (line === undefined) {
    const isOurs = first?.section === 'generator';
    return first === undefined || isOurs
      ? []
      : [{ title: 'The platform says', figures: [], note: reading.whyNoLine }];
  }
  return groups
    .filter(({ section }) => hasSection(line, section))
    .map(({ title, overBoxes = title, fields }) => ({
      title: reading.live.boxes === undefined ? title : overBoxes,
      figures: fields.flatMap(([path, source, label, unit, alerts = []]): Figure[] => {
        const value = systemValue(line, path);
        if (value !== undefined) return [figureOf(path, label, unit, value, reading.tones.of(line, alerts))];
        const why = whyAbsent(line, path, source);
        return [{ id: path, label, unit, value: null, why: why ?? 'not in the last line' }];
      }),
    }));
}

function errorLines(parts: readonly ErrorPart[], view: View): PanelLine[] {
  const read = (metric: (typeof ERROR_SOURCES)[number]['metric']) => ({
    total: view.count(metric),
    byLabel: view.byLabel(metric),
  });
  const kinds: ErrorKind[] = parts
    .flatMap((part) => errorKinds(read, part))
    .sort((a, b) => b.count - a.count);
  const named = kinds
    .slice(0, MAX_KINDS)
    .map(({ words, count }) => ({ text: `${words} ${count}`, tone: 'bad' as const }));
  const more = kinds.length - named.length;
  return more > 0 ? [...named, { text: formatMoreKinds(more) }] : named;
}

/** What the panels say while there is no line: never asked, or silent. */
export function whyNoLine(lastAgoMs: number | undefined): string {
  return lastAgoMs === undefined
    ? NOT_COLLECTED
    : `Nothing new from the collector for ${Math.round(lastAgoMs / 1000)} s.`;
}
