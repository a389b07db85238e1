import type { ThresholdId } from '../alerts/thresholds.js';
import type { SystemLine } from '../collect/line.js';
import type { LiveState } from '../report/live-state.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import type { FigureUnit } from './state.js';
import { containersOf, systemValue } from './system-values.js';

/** What a point of the curves is made of. */
export interface TrendInput {
  readonly live: LiveState;
  readonly totals: Totals;
  readonly callsPerS: number | undefined;
  readonly apiP95Ms: number | undefined;
  /** Absent = the platform is not asked, or its last line is too old. */
  readonly line: SystemLine | undefined;
}

interface CurveSpec {
  readonly key: string;
  readonly label: string;
  /** Number of a colour of the page's palette. */
  readonly color: number;
  readonly dash?: true;
  value(input: TrendInput): number | undefined;
}

export interface TrendChart {
  readonly id: string;
  readonly title: string;
  readonly unit: FigureUnit;
  readonly curves: readonly CurveSpec[];
  /** One curve more per container: keys begin with it. */
  readonly perContainer?: string;
  /** The alert whose bound is drawn. */
  readonly limit?: ThresholdId;
  /** Said while there is nothing to draw. */
  readonly empty: string;
}

export const NOT_COLLECTED = 'Not asked: start the run with --collect FILE.';

/** All charts of the last minutes, in order (strategy 3.8: CPU, memory, connections). */
export const TREND_CHARTS: readonly TrendChart[] = [
  {
    id: 'cpu',
    title: 'CPU per container',
    unit: '%',
    curves: [],
    perContainer: 'cpu:',
    limit: 'container-cpu',
    empty: NOT_COLLECTED,
  },
  {
    id: 'memory',
    title: 'Memory per container',
    unit: '%',
    curves: [],
    perContainer: 'mem:',
    limit: 'container-memory',
    empty: NOT_COLLECTED,
  },
  {
    id: 'connections',
    title: 'Connections',
    unit: 'count',
    curves: [
      {
        key: 'sockets',
        label: 'our sockets',
        color: 0,
        value: ({ totals }) => gaugeNow(totals, 'connections_open_count'),
      },
      {
        key: 'nginx',
        label: 'nginx',
        color: 1,
        value: ({ line }) => systemValue(line, 'nginx.connections_active'),
      },
      { key: 'srs', label: 'SRS clients', color: 2, value: ({ line }) => systemValue(line, 'srs.clients') },
      {
        key: 'redis',
        label: 'Redis clients',
        color: 4,
        value: ({ line }) => systemValue(line, 'redis.connected_clients'),
      },
    ],
    empty: 'Nothing yet.',
  },
  {
    id: 'viewers',
    title: 'Viewers',
    unit: 'count',
    curves: [
      { key: 'wanted', label: 'wanted', color: 3, dash: true, value: ({ live }) => live.wanted },
      { key: 'watching', label: 'with a picture', color: 0, value: ({ live }) => live.watching },
      {
        key: 'troubled',
        label: 'rebuffering or frozen',
        color: 1,
        value: ({ live }) => live.rebuffering + live.frozen,
      },
    ],
    empty: 'Nothing yet.',
  },
  {
    id: 'delay',
    title: 'Delay and answers, p95',
    unit: 'ms',
    curves: [
      { key: 'delay_flv', label: 'FLV picture', color: 0, value: ({ live }) => live.delayMs.flv },
      { key: 'delay_hls', label: 'HLS picture', color: 1, value: ({ live }) => live.delayMs.hls },
      { key: 'api', label: 'API reads', color: 2, value: ({ apiP95Ms }) => apiP95Ms },
      { key: 'chat', label: 'chat', color: 4, value: ({ live }) => live.chatMs },
    ],
    empty: 'Nothing yet.',
  },
  {
    id: 'calls',
    title: 'Requests per second',
    unit: 'per_s',
    curves: [
      { key: 'calls', label: 'calls of our viewers', color: 0, value: ({ callsPerS }) => callsPerS },
      {
        key: 'nginx_rate',
        label: 'nginx, all',
        color: 1,
        value: ({ line }) => systemValue(line, 'nginx.req_per_sec'),
      },
    ],
    empty: 'Nothing yet.',
  },
];

/** The values of all curves at one instant. */
export function trendValues(input: TrendInput): Record<string, number | undefined> {
  const values: Record<string, number | undefined> = {};
  for (const { curves } of TREND_CHARTS) for (const { key, value } of curves) values[key] = value(input);
  for (const { name, cpuPct, memPct } of containersOf(input.line)) {
    values[`cpu:${name}`] = cpuPct ?? undefined;
    values[`mem:${name}`] = memPct ?? undefined;
  }
  return values;
}
