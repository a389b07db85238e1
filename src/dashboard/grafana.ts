import { GATE_GAUGE, HEALTH_GAUGE, INFO_GAUGE, PREFIX, promName } from './metric-table.js';

/** One panel: its queries, each with the words of its legend. */
interface PanelSpec {
  readonly title: string;
  readonly unit: 'short' | 's' | 'percentunit' | 'reqps' | 'bytes' | 'Bps' | 'none';
  readonly queries: readonly (readonly [query: string, legend: string])[];
  /** A single number in place of curves. */
  readonly isNumber?: true;
}

const RATE = '[$__rate_interval]';

/** A percentile of a merged histogram by protocol or kind. */
function percentile(metric: Parameters<typeof promName>[0], at: number, by: string): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${at / 100}, sum by (${labels}) (rate(${promName(metric)}_bucket${RATE})))`;
}

function perSecond(metric: Parameters<typeof promName>[0], by = ''): string {
  return `sum${by === '' ? '' : ` by (${by})`} (rate(${promName(metric)}${RATE}))`;
}

const PANELS: readonly PanelSpec[] = [
  {
    title: 'Run',
    unit: 'none',
    isNumber: true,
    queries: [[INFO_GAUGE.name, '{{profile}} {{phase}}']],
  },
  {
    title: 'Viewers',
    unit: 'short',
    queries: [
      [`${PREFIX}vus_wanted`, 'wanted'],
      [promName('vus_joined_count'), 'joined'],
      [promName('vus_watching_count'), 'with a picture'],
    ],
  },
  {
    title: 'Gate so far: mandatory rows',
    unit: 'short',
    queries: [[GATE_GAUGE.name, '{{state}}']],
  },
  {
    title: 'First frame',
    unit: 's',
    queries: [
      [percentile('first_frame_ms', 50, 'protocol'), '{{protocol}} p50'],
      [percentile('first_frame_ms', 95, 'protocol'), '{{protocol}} p95'],
    ],
  },
  {
    title: 'Latency, glass to glass',
    unit: 's',
    queries: [
      [percentile('latency_ms', 50, 'protocol'), '{{protocol}} p50'],
      [percentile('latency_ms', 95, 'protocol'), '{{protocol}} p95'],
    ],
  },
  {
    title: 'Rebuffering',
    unit: 'short',
    queries: [
      [promName('vus_rebuffering_count'), 'rebuffering now'],
      [promName('vus_frozen_count'), 'frozen now'],
      [perSecond('rebuffer_count', 'protocol'), '{{protocol}} rebuffers per second'],
    ],
  },
  {
    title: 'Share of the time watched that was waited',
    unit: 'percentunit',
    queries: [
      [
        `${perSecond('stalled_ms', 'protocol')} / (${perSecond('stalled_ms', 'protocol')} + ${perSecond('played_ms', 'protocol')})`,
        '{{protocol}}',
      ],
    ],
  },
  {
    title: 'API calls by outcome',
    unit: 'reqps',
    queries: [[perSecond('api_outcome_count', 'kind'), '{{kind}}']],
  },
  {
    title: 'API, p95',
    unit: 's',
    queries: [
      [percentile('api_read_since_due_ms', 95, ''), 'reads'],
      [percentile('api_write_since_due_ms', 95, ''), 'writes'],
    ],
  },
  {
    title: 'Sockets',
    unit: 'short',
    queries: [
      [promName('connections_open_count'), 'connections'],
      [promName('root_sessions_open_count'), '/ ready'],
      [promName('chat_sessions_open_count'), '/chat ready'],
      [promName('streaming_sessions_open_count'), '/streaming ready'],
      [perSecond('socket_disconnected_count', 'kind'), 'lost by {{kind}} per second'],
    ],
  },
  {
    title: 'Chat',
    unit: 's',
    queries: [[percentile('chat_delivery_since_due_ms', 95, ''), 'delivery p95']],
  },
  {
    title: 'Viewers lost',
    unit: 'short',
    queries: [[`sum by (kind) (${promName('vu_lost_count')})`, '{{kind}}']],
  },
  {
    title: 'Media received',
    unit: 'Bps',
    queries: [[perSecond('received_bytes', 'protocol'), '{{protocol}}']],
  },
  {
    title: 'Generator: can it be believed',
    unit: 'short',
    queries: [[HEALTH_GAUGE.name, '{{state}}']],
  },
  {
    title: 'Generator: lateness',
    unit: 's',
    queries: [[promName('event_loop_delay_p99_ms'), 'event loop p99']],
  },
  {
    title: 'Generator: memory',
    unit: 'bytes',
    queries: [[promName('rss_bytes'), 'resident']],
  },
];

const WIDTH = 8;
const HEIGHT = 8;
const COLUMNS = 24;
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own form of a variable
const SOURCE = { type: 'prometheus', uid: '${DS_PROMETHEUS}' } as const;

/** Every query of the dashboard. */
export function grafanaQueries(): string[] {
  return PANELS.flatMap(({ queries }) => queries.map(([query]) => query));
}

/** A dashboard to import into Grafana 10 and later: it asks for the Prometheus that scrapes `/metrics`. */
export function grafanaDashboard(): unknown {
  return {
    __inputs: [
      {
        name: 'DS_PROMETHEUS',
        label: 'Prometheus',
        type: 'datasource',
        pluginId: 'prometheus',
        pluginName: 'Prometheus',
      },
    ],
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
    ],
    uid: 'dorami-load',
    title: 'dorami-load',
    description: 'What the viewers of a load see, from /metrics of dorami-load --dashboard.',
    tags: ['dorami-load', 'load'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '5s',
    time: { from: 'now-15m', to: 'now' },
    timezone: 'browser',
    graphTooltip: 1,
    templating: { list: [] },
    annotations: { list: [] },
    panels: PANELS.map(panelOf),
  };
}

function panelOf({ title, unit, queries, isNumber }: PanelSpec, index: number): unknown {
  const perRow = COLUMNS / WIDTH;
  return {
    id: index + 1,
    type: isNumber ? 'stat' : 'timeseries',
    title,
    datasource: SOURCE,
    gridPos: { x: (index % perRow) * WIDTH, y: Math.floor(index / perRow) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: isNumber
      ? { textMode: 'name', reduceOptions: { calcs: ['lastNotNull'] } }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(([expr, legendFormat], at) => ({
      ...{ refId: String.fromCharCode(65 + at), datasource: SOURCE, expr, legendFormat, editorMode: 'code' },
    })),
  };
}
