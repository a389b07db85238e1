import { FEEDS, type Feed, tells } from './platform-feeds.js';
import {
  PLATFORM_METRICS,
  type PlatformData,
  type PlatformMetric,
  type PlatformPoint,
  type PlatformSeries,
} from './platform-series.js';

/** What is read of a line of system.ndjson; everything else in it is no matter here. */
export interface MeterLine {
  /** Run milliseconds. */
  readonly atMs: number;
  readonly spans_ms?: Readonly<Record<string, unknown>>;
  readonly gaps?: Readonly<Record<string, unknown>>;
  readonly restarted?: readonly unknown[];
  readonly absent?: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/** Points of one series; beyond it each two become one. */
const MAX_POINTS = 2048;
/** A misled pattern may find any number of containers. */
const MAX_SERIES = 600;
const MAX_RESTARTS = 100;

interface Open {
  readonly feed: Feed;
  /** As gaps and restarts name it. */
  readonly source: string;
  readonly label: string;
  points: Sum[];
  /** Readings that make one point. */
  each: number;
  readonly restartsAtMs: number[];
}

interface Sum {
  atMs: number;
  value: number;
  high: number;
  readings: number;
  spanMs: number;
}

/** Takes lines one by one, live or from the file, and keeps what rows of the gate are made of: bounded, however long the run. */
export class PlatformLog {
  readonly #open = new Map<string, Open>();
  readonly #absent = new Map<string, string>();
  #lines = 0;

  add(line: MeterLine): void {
    this.#lines++;
    for (const feed of FEEDS) {
      const section = recordOf(line[feed.section]);
      if (feed.byName !== true) this.#take(feed, feed.source, feed.label ?? feed.section, section, line);
      else
        for (const [name, values] of Object.entries(section ?? {}))
          this.#take(feed, sourceOf(feed, name), name, recordOf(values), line);
    }
    for (const source of Object.keys(line.gaps ?? {})) this.#noteSilence(source);
    for (const source of line.restarted ?? []) this.#noteRestart(String(source), line.atMs);
    for (const [place, why] of Object.entries(line.absent ?? {})) {
      if (typeof why === 'string' && this.#absent.size < MAX_SERIES) this.#absent.set(place, why);
    }
  }

  /** `everyMs`: how often the sources were asked. */
  data(everyMs: number): PlatformData {
    const series = [...this.#open.values()].map((open): PlatformSeries => {
      const { feed, label, points, restartsAtMs } = open;
      return {
        ...{ metric: feed.metric, source: label, points: points.map((sum) => pointOf(sum, feed, everyMs)) },
        ...(restartsAtMs.length === 0 ? {} : { restartsAtMs: [...restartsAtMs] }),
      };
    });
    return { everyMs, series, untold: this.#lines === 0 ? {} : this.#untold() };
  }

  #take(
    feed: Feed,
    source: string,
    label: string,
    values: Readonly<Record<string, unknown>> | undefined,
    line: MeterLine,
  ): void {
    const value = figureOf(feed, values, line);
    if (typeof value !== 'number' || !Number.isFinite(value)) return;
    const open = this.#of(feed, source, label);
    if (open === undefined) return;
    const span = line.spans_ms?.[source];
    const spanMs = feed.isCount && typeof span === 'number' && span > 0 ? span : 0;
    addTo(open, { atMs: line.atMs, value: value * feed.times, spanMs });
    // Every process of it is a new one.
    const { started, pids } = values ?? {};
    if (typeof started === 'number' && started > 0 && started === pids) this.#restart(open, line.atMs);
  }

  #of(feed: Feed, source: string, label: string): Open | undefined {
    const key = `${feed.metric}|${feed.section}|${label}`;
    const known = this.#open.get(key);
    if (known !== undefined || this.#open.size >= MAX_SERIES) return known;
    const open: Open = { feed, source, label, points: [], each: 1, restartsAtMs: [] };
    this.#open.set(key, open);
    return open;
  }

  /** A source that is asked and silent is one that the row misses, even if it never speaks. */
  #noteSilence(source: string): void {
    for (const feed of FEEDS) {
      if (!tells(feed, source)) continue;
      const name = feed.byName === true ? source.slice(feed.source.length).replace(/^\./, '') : '';
      // The engine itself is silent: its containers are missed by their own series, if there are any.
      if (feed.byName === true && name === '' && this.#has(feed)) continue;
      this.#of(feed, source, feed.byName === true ? name || source : (feed.label ?? feed.section));
    }
  }

  #has(feed: Feed): boolean {
    return [...this.#open.values()].some((open) => open.feed === feed);
  }

  #noteRestart(source: string, atMs: number): void {
    for (const open of this.#open.values()) if (open.source === source) this.#restart(open, atMs);
  }

  #restart({ restartsAtMs }: Open, atMs: number): void {
    if (restartsAtMs.length < MAX_RESTARTS && restartsAtMs.at(-1) !== atMs) restartsAtMs.push(atMs);
  }

  #untold(): Partial<Record<PlatformMetric, string>> {
    const told = new Set([...this.#open.values()].map(({ feed }) => feed.metric));
    const names = (Object.keys(PLATFORM_METRICS) as PlatformMetric[]).filter((name) => !told.has(name));
    return Object.fromEntries(names.map((name) => [name, this.#whyUntold(name)]));
  }

  #whyUntold(metric: PlatformMetric): string {
    const feeds = FEEDS.filter((feed) => feed.metric === metric);
    const why = feeds
      .flatMap(({ section, field }) => [this.#absent.get(`${section}.${field}`), this.#absent.get(section)])
      .find((words) => words !== undefined);
    return why ?? 'no source tells it';
  }
}

function figureOf(
  { field, perOwnViewer }: Feed,
  values: Readonly<Record<string, unknown>> | undefined,
  line: MeterLine,
): unknown {
  const value = values?.[field];
  if (perOwnViewer !== true) return value;
  const joined = recordOf(line.run)?.joined;
  return typeof value === 'number' && typeof joined === 'number' && joined > 0
    ? (value / joined) * 100
    : undefined;
}

function addTo(open: Open, { atMs, value, spanMs }: { atMs: number; value: number; spanMs: number }): void {
  const last = open.points.at(-1);
  const next: Sum = { atMs, value, high: value, readings: 1, spanMs };
  if (last !== undefined && last.readings < open.each)
    open.points[open.points.length - 1] = joined(last, next, open);
  else open.points.push(next);
  if (open.points.length <= MAX_POINTS) return;
  const halved: Sum[] = [];
  for (let i = 0; i < open.points.length; i += 2) {
    const [a, b] = [open.points[i] as Sum, open.points[i + 1]];
    halved.push(b === undefined ? a : joined(a, b, open));
  }
  open.points = halved;
  open.each *= 2;
}

function joined(a: Sum, b: Sum, { feed }: Open): Sum {
  const readings = a.readings + b.readings;
  const mean = (of: 'atMs' | 'value'): number => (a[of] * a.readings + b[of] * b.readings) / readings;
  return {
    atMs: mean('atMs'),
    value: feed.isCount === true ? a.value + b.value : mean('value'),
    high: Math.max(a.high, b.high),
    readings,
    spanMs: a.spanMs + b.spanMs,
  };
}

function pointOf({ atMs, value, high, readings, spanMs }: Sum, feed: Feed, everyMs: number): PlatformPoint {
  return {
    ...{ atMs: Math.round(atMs), value },
    ...(readings === 1 ? {} : { readings }),
    ...(high === value ? {} : { high }),
    ...(feed.isCount === true ? { spanMs: spanMs > 0 ? spanMs : readings * everyMs } : {}),
  };
}

function sourceOf({ source }: Feed, name: string): string {
  return source.endsWith('.') ? `${source}${name}` : `${source}.${name}`;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
