import type { OverTime } from '../over-time.js';
import type { PlatformCurves } from '../platform-curves.js';
import type { ReportInput } from '../report-input.js';
import type { ChartUnit } from '../run-curves.js';
import { type DrawnChart, type DrawnCurve, highestTable, saidOf } from './chart-data.js';

/** A chart of the platform's own meters. */
interface PlatformChart {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly unit: ChartUnit;
  /** Places in a line of system.ndjson: `section.field`, or `section.*.field` for one curve per name. */
  readonly curves: readonly (readonly [place: string, label: string])[];
  /** What one of the line's unit is in the chart's. */
  readonly times?: number;
}

const MB = 1e6;

const CHARTS: readonly PlatformChart[] = [
  {
    id: 'platform-cpu',
    title: 'CPU',
    about: 'Of each container and process, % of what it may use.',
    unit: '%',
    curves: [
      ['docker.*.cpu_pct', ''],
      ['process.*.cpu_pct', ''],
    ],
  },
  {
    id: 'platform-memory',
    title: 'Memory',
    about: 'Of each container and process, without the cache of files.',
    unit: 'bytes',
    times: MB,
    curves: [
      ['docker.*.mem_mb', ''],
      ['process.*.mem_mb', ''],
    ],
  },
  {
    id: 'platform-nginx-times',
    title: 'nginx: times',
    about: 'Of requests that are neither media nor sockets, as its log tells.',
    unit: 'ms',
    curves: [
      ['nginx.rt_p50_ms', 'request p50'],
      ['nginx.rt_p95_ms', 'request p95'],
      ['nginx.urt_p95_ms', 'upstream p95'],
      ['nginx.uct_p95_ms', 'upstream connect p95'],
    ],
  },
  {
    id: 'platform-nginx-rate',
    title: 'nginx: lines per second and connections',
    about: 'Lines of its access log per second, and open connections.',
    unit: 'count',
    curves: [
      ['nginx.req_per_sec', 'lines per second'],
      ['nginx.connections_active', 'connections'],
    ],
  },
  {
    id: 'platform-nginx-errors',
    title: 'nginx: errors',
    about: 'Answers with an error in each interval, neither media nor sockets unless it says so.',
    unit: 'count',
    curves: [
      ['nginx.error_4xx', '4xx'],
      ['nginx.error_5xx', '5xx'],
      ['nginx.error_499', '499'],
      ['nginx.media_5xx', 'media 5xx'],
    ],
  },
  {
    id: 'platform-srs-clients',
    title: 'SRS: clients',
    about: 'As its HTTP API counts them: HLS viewers that have gone stay for a while.',
    unit: 'count',
    curves: [
      ['srs.clients_flv', 'FLV'],
      ['srs.clients_hls', 'HLS'],
      ['srs.publishers', 'publishers'],
    ],
  },
  {
    id: 'platform-srs-rate',
    title: 'SRS: kbit/s',
    about: 'What comes in from the publisher and what goes out.',
    unit: 'count',
    curves: [
      ['srs.recv_now_kbps', 'in'],
      ['srs.send_now_kbps', 'out'],
    ],
  },
  {
    id: 'platform-backend',
    title: 'Backend: times',
    about: 'Its health endpoint, and the lag of its event loop where it tells.',
    unit: 'ms',
    curves: [
      ['backend.health_ms', 'health'],
      ['backend.event_loop_lag_ms', 'event loop'],
    ],
  },
  {
    id: 'platform-backend-heap',
    title: 'Backend: heap',
    about: 'As its monitoring endpoint tells.',
    unit: 'bytes',
    times: MB,
    curves: [
      ['backend.heap_used_mb', 'heap'],
      ['backend.external_mb', 'external'],
    ],
  },
  {
    id: 'platform-redis',
    title: 'Redis: operations per second, clients, evicted keys',
    about: 'As INFO tells.',
    unit: 'count',
    curves: [
      ['redis.ops_per_sec', 'operations per second'],
      ['redis.connected_clients', 'clients'],
      ['redis.evicted_keys', 'evicted'],
      ['redis.viewers_set', 'members of the room'],
    ],
  },
  {
    id: 'platform-redis-memory',
    title: 'Redis: memory',
    about: 'Data and what belongs to it, and what its process has.',
    unit: 'bytes',
    times: MB,
    curves: [
      ['redis.used_memory_mb', 'used'],
      ['redis.rss_mb', 'resident'],
    ],
  },
  {
    id: 'platform-postgres',
    title: 'PostgreSQL: sessions and transactions',
    about: 'Sessions of all clients, those that wait, transactions per second, deadlocks in each interval.',
    unit: 'count',
    curves: [
      ['postgres.connections', 'sessions'],
      ['postgres.active_connections', 'active'],
      ['postgres.waiting_queries', 'waiting'],
      ['postgres.transactions_per_sec', 'transactions per second'],
      ['postgres.deadlocks', 'deadlocks'],
    ],
  },
  {
    id: 'platform-postgres-cache',
    title: 'PostgreSQL: cache hits',
    about: 'Of the blocks of each interval.',
    unit: '%',
    curves: [['postgres.cache_hit_pct', 'hits']],
  },
  {
    id: 'platform-generator',
    title: 'Machines: CPU',
    about:
      'Of all cores: the machine of the run (of its coordinator, with load boxes), and the one of the platform where it is asked for.',
    unit: '%',
    curves: [
      ['generator.cpu_pct', 'machine of the run'],
      ['generator.cpu_steal_pct', 'machine of the run: given to other machines'],
      ['host.cpu_pct', 'host of the platform'],
    ],
  },
];

/** More lines in one chart are no picture. */
const MAX_CURVES = 8;

/** Charts of everything that the platform's own meters said, in the order of the table; none for what is not there. */
export function platformCharts(
  curves: PlatformCurves,
  over: OverTime,
  { record }: Pick<ReportInput, 'record'>,
): DrawnChart[] {
  return CHARTS.flatMap((chart) => {
    const drawn = drawnCurves(chart, curves, over);
    if (drawn.length === 0) return [];
    const left = drawn.length - MAX_CURVES;
    const shown = drawn.slice(0, MAX_CURVES);
    const { id, title, unit } = chart;
    const about =
      left > 0 ? `${chart.about} The ${MAX_CURVES} highest; ${left} more are in system.ndjson.` : chart.about;
    return [
      {
        ...{ id, title, about, unit, curves: shown, bounds: [] },
        said: saidOf(title, unit, shown, over.stretches),
        numbers: highestTable(shown, unit, over, record),
      },
    ];
  });
}

function drawnCurves(chart: PlatformChart, curves: PlatformCurves, { stretches }: OverTime): DrawnCurve[] {
  const { times = 1 } = chart;
  const places = chart.curves.flatMap(([place, label]) => {
    const [section = '', field = ''] = place.split('.*.');
    if (!place.includes('.*.')) return curves.has(place) ? [{ place, label }] : [];
    return curves
      .names(section)
      .map((name) => ({ place: `${section}.${name}.${field}`, label: name }))
      .filter((one) => curves.has(one.place));
  });
  const drawn = places.map(({ place, label }) => ({
    label,
    values: stretches.map(({ fromMs, toMs }) => {
      const value = curves.at(place, fromMs, toMs);
      return value === undefined ? null : Number((value * times).toPrecision(5));
    }),
  }));
  const high = (values: readonly (number | null)[]): number =>
    Math.max(...values.map((value) => value ?? Number.NEGATIVE_INFINITY));
  const known = drawn.filter(({ values }) => values.some((value) => value !== null));
  const most = known.length > MAX_CURVES ? [...known].sort((a, b) => high(b.values) - high(a.values)) : known;
  return most.map((curve, color) => ({ ...curve, color: color % MAX_CURVES }));
}
