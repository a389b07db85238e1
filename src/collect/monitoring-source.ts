import { pickNumbers } from './backend-source.js';
import type { FetchText } from './fetch-text.js';
import type { Source } from './reading.js';

/** Fields of the backend that its monitoring endpoint may tell, by what their unit measures. */
export const MONITORING_FIELDS = {
  rss_mb: 'memory',
  heap_used_mb: 'memory',
  heap_total_mb: 'memory',
  external_mb: 'memory',
  event_loop_lag_ms: 'time',
} as const;

export type MonitoringField = keyof typeof MONITORING_FIELDS;

/** What one of a unit is in MB or ms. */
export const UNITS = {
  memory: { bytes: 1e-6, kib: 1024e-6, mib: 1.048576, mb: 1 },
  time: { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 },
} as const;

/** Where the answer has a field, and in what unit. */
export interface FieldPlace {
  readonly at: string;
  readonly unit: string;
}

export interface MonitoringOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetchText: FetchText;
  readonly places: Readonly<Partial<Record<MonitoringField, FieldPlace | undefined>>>;
}

const UNPLACED = 'the configuration does not say where the answer has it';

/**
 * The platform's admin monitoring. How its answer is built is not laid down anywhere: each field is where the
 * configuration says, and one that it does not name is absent.
 */
export function createMonitoringSource({ url, headers, fetchText, places }: MonitoringOptions): Source {
  const names = Object.keys(MONITORING_FIELDS) as MonitoringField[];
  const placed = names.filter((name) => places[name] !== undefined);
  const paths = Object.fromEntries(placed.map((name) => [name, places[name]?.at ?? '']));
  const unplaced = names.filter((name) => places[name] === undefined).map((name) => [name, UNPLACED]);
  return {
    name: 'backend.monitoring',
    section: 'backend',
    read: async (signal) => {
      const { status, body } = await fetchText(url, signal, headers);
      if (status !== 200) throw new Error(`answered ${status}`);
      const { values, absent } = pickNumbers(body, paths);
      const scaled = Object.entries(values).map(([name, value]) => [
        name,
        value * factorOf(name as MonitoringField, places),
      ]);
      return { values: Object.fromEntries(scaled), absent: { ...absent, ...Object.fromEntries(unplaced) } };
    },
  };
}

function factorOf(name: MonitoringField, places: MonitoringOptions['places']): number {
  const units: Readonly<Record<string, number>> = UNITS[MONITORING_FIELDS[name]];
  return units[places[name]?.unit ?? ''] ?? Number.NaN;
}
