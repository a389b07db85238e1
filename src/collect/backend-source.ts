import { Deltas } from './deltas.js';
import type { FetchText } from './fetch-text.js';
import { parsePrometheus } from './prometheus-text.js';
import type { Reading, Source, Values } from './reading.js';
import { spanRates } from './span-rates.js';

/** A health endpoint: its status is a value (503 is an answer), no answer is a gap. */
export function createHealthSource(url: string, fetchText: FetchText): Source {
  return {
    name: 'backend.health',
    section: 'backend',
    read: async (signal) => {
      const { status, tookMs } = await fetchText(url, signal);
      return { values: { health_status: status, health_ms: tookMs } };
    },
  };
}

export interface EndpointOptions {
  /** The key below `metrics`. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetchText: FetchText;
}

/** An endpoint that answers JSON, e.g. the platform's admin monitoring: numbers by where they stand in it. */
export function createJsonSource(
  { name, url, headers, fetchText }: EndpointOptions,
  paths: Readonly<Record<string, string>>,
): Source {
  return {
    name: `metrics.${name}`,
    section: 'metrics',
    key: name,
    read: async (signal) => {
      const { status, body } = await fetchText(url, signal, headers);
      if (status !== 200) throw new Error(`answered ${status}`);
      return pickNumbers(body, paths);
    },
  };
}

/** Numbers of a JSON text by path (`data.memory.heapUsed`); what is none is absent. @throws {Error} for no JSON */
export function pickNumbers(body: string, paths: Readonly<Record<string, string>>): Reading {
  let root: unknown;
  try {
    root = JSON.parse(body);
  } catch {
    throw new Error('the answer is no JSON');
  }
  const values: Record<string, number> = {};
  const absent: Record<string, string> = {};
  for (const [field, path] of Object.entries(paths)) {
    const found = path
      .split('.')
      .reduce<unknown>(
        (at, key) =>
          typeof at === 'object' && at !== null && Object.hasOwn(at, key)
            ? (at as Record<string, unknown>)[key]
            : undefined,
        root,
      );
    if (typeof found === 'number' && Number.isFinite(found)) values[field] = found;
    else absent[field] = `the answer has no number at ${path}`;
  }
  return { values, absent };
}

/** More of one page is not kept. */
const MAX_SAMPLES = 200;

/** A page of Prometheus metrics: those whose names are wanted, cumulative ones as growth per second. */
export function createPrometheusSource(
  { name, url, headers, fetchText }: EndpointOptions,
  wanted: readonly string[],
  nowMs: () => number,
): Source {
  const deltas = new Deltas();
  return {
    name: `metrics.${name}`,
    section: 'metrics',
    key: name,
    read: async (signal) => {
      const { status, body } = await fetchText(url, signal, headers);
      if (status !== 200) throw new Error(`answered ${status}`);
      const { gauges, counters, missing } = chosen(body, wanted);
      const { by, spanMs, restarted } = deltas.take(counters, nowMs());
      const grown = Object.entries(by ?? {});
      const rates = spanRates(spanMs, (ms) =>
        Object.fromEntries(grown.map(([key, growth]) => [`${key}:per_s`, (growth * 1000) / ms])),
      );
      return {
        values: { ...gauges, ...rates.values },
        absent: {
          ...rates.absent,
          ...Object.fromEntries(missing.map((each) => [each, 'the page has no such metric'])),
        },
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted,
      };
    },
  };
}

function chosen(body: string, wanted: readonly string[]) {
  const gauges: Record<string, number> = {};
  const counters: Record<string, number> = {};
  const samples = parsePrometheus(body).filter(({ name }) => wanted.some((want) => fits(name, want)));
  if (samples.length > MAX_SAMPLES)
    throw new Error(`${samples.length} samples are wanted, at most ${MAX_SAMPLES}`);
  for (const { name, labels, value, isCumulative } of samples) {
    (isCumulative ? counters : gauges)[labels === '' ? name : `${name}{${labels}}`] = value;
  }
  const missing = wanted.filter((want) => !samples.some(({ name }) => fits(name, want)));
  return { gauges: gauges as Values, counters: counters as Values, missing };
}

/** A name, or the begin of names with `*` at its end. */
function fits(name: string, want: string): boolean {
  return want.endsWith('*') ? name.startsWith(want.slice(0, -1)) : name === want;
}
