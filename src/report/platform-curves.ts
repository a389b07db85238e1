import type { MeterLine } from '../stats/platform-log.js';

/** One stretch in which a source said nothing. */
export interface SilentSpan {
  readonly source: string;
  readonly fromMs: number;
  /** Absent = until the last line. */
  readonly toMs?: number;
  readonly why: string;
}

/** A source whose numbers began anew. */
export interface Restart {
  readonly source: string;
  readonly atMs: number;
}

interface Bucket {
  sum: number;
  count: number;
}

/** Points that a curve is kept by, over the planned length of the run. */
const MAX_POINTS = 1000;
const MIN_BUCKET_MS = 1000;
/** Fields of all sources together. */
const MAX_CURVES = 1500;
const MAX_SPANS = 200;
/** A reading speaks of the interval before it; a line that comes this much later than that does not. */
const REACH = 1.6;
/** Sections that are no meter's. */
const NO_METERS: ReadonlySet<string> = new Set([
  'atMs',
  'interval_ms',
  'spans_ms',
  'gaps',
  'absent',
  'restarted',
]);

/** What the platform's own meters said over a run, as charts are drawn from it: bounded, however long it was. */
export class PlatformCurves {
  readonly #bucketMs: number;
  readonly #everyMs: number;
  /** By place (`redis.ops_per_sec`, `process.srs.cpu_pct`), then by number of the bucket. */
  readonly #curves = new Map<string, Map<number, Bucket>>();
  readonly #open = new Map<string, { fromMs: number; why: string }>();
  readonly #silent: SilentSpan[] = [];
  readonly #restarts: Restart[] = [];
  #lines = 0;
  #lastAtMs: number | undefined;

  constructor(plannedMs: number, everyMs: number) {
    this.#bucketMs = Math.max(MIN_BUCKET_MS, plannedMs / MAX_POINTS);
    this.#everyMs = everyMs;
  }

  get lines(): number {
    return this.#lines;
  }

  add(line: MeterLine): void {
    const { atMs } = line;
    this.#lines++;
    this.#noteHole(atMs);
    this.#lastAtMs = atMs;
    for (const [section, values] of Object.entries(line)) {
      if (!NO_METERS.has(section)) this.#take(section, values, atMs, 2);
    }
    this.#noteGaps(line.gaps ?? {}, atMs);
    for (const source of line.restarted ?? []) {
      if (this.#restarts.length < MAX_SPANS) this.#restarts.push({ source: String(source), atMs });
    }
  }

  /** Names of one section that have entries of their own: processes, containers. */
  names(section: string): string[] {
    const names = [...this.#curves.keys()]
      .filter((place) => place.startsWith(`${section}.`))
      .map((place) => place.slice(section.length + 1, place.lastIndexOf('.')));
    return [...new Set(names)].sort();
  }

  /** The mean of a figure in `[fromMs, toMs)`; undefined where nothing was read: a line must not bridge it. */
  at(place: string, fromMs: number, toMs: number): number | undefined {
    const curve = this.#curves.get(place);
    if (curve === undefined) return undefined;
    const first = Math.floor(fromMs / this.#bucketMs);
    const within = Math.max(first, Math.ceil(toMs / this.#bucketMs) - 1);
    // A reading speaks of the interval before it.
    const reach = Math.floor((toMs + this.#everyMs * REACH) / this.#bucketMs);
    let sum = 0;
    let count = 0;
    for (let number = first; number <= Math.max(within, reach); number++) {
      const bucket = curve.get(number);
      if (bucket !== undefined) {
        sum += bucket.sum;
        count += bucket.count;
      }
      if (number >= within && count > 0) break;
    }
    return count === 0 ? undefined : sum / count;
  }

  has(place: string): boolean {
    return this.#curves.has(place);
  }

  /** By time. */
  silent(): readonly SilentSpan[] {
    const open = [...this.#open].map(([source, { fromMs, why }]) => ({ source, fromMs, why }));
    return [...this.#silent, ...open].sort((a, b) => a.fromMs - b.fromMs);
  }

  restarts(): readonly Restart[] {
    return this.#restarts;
  }

  #take(place: string, value: unknown, atMs: number, depth: number): void {
    if (typeof value === 'number' && Number.isFinite(value)) this.#add(place, value, atMs);
    else if (depth > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value))
        this.#take(`${place}.${name}`, inner, atMs, depth - 1);
    }
  }

  #add(place: string, value: number, atMs: number): void {
    const curve = this.#curves.get(place) ?? new Map<number, Bucket>();
    if (!this.#curves.has(place)) {
      if (this.#curves.size >= MAX_CURVES) return;
      this.#curves.set(place, curve);
    }
    const number = Math.floor(atMs / this.#bucketMs);
    const bucket = curve.get(number);
    if (bucket !== undefined) {
      bucket.sum += value;
      bucket.count++;
      // A run that goes on for ever beyond its plan is drawn no further.
    } else if (curve.size < 2 * MAX_POINTS) curve.set(number, { sum: value, count: 1 });
  }

  /** No line at all for more than an interval: the collector itself was gone. */
  #noteHole(atMs: number): void {
    const last = this.#lastAtMs;
    if (last === undefined || atMs - last < this.#everyMs * 2.5) return;
    this.#push({ source: 'collector', fromMs: last, toMs: atMs, why: 'it wrote nothing' });
  }

  #noteGaps(gaps: Readonly<Record<string, unknown>>, atMs: number): void {
    for (const [source, why] of Object.entries(gaps)) {
      if (!this.#open.has(source) && this.#open.size < MAX_SPANS)
        this.#open.set(source, { fromMs: atMs, why: String(why) });
    }
    for (const [source, { fromMs, why }] of this.#open) {
      if (source in gaps) continue;
      this.#open.delete(source);
      this.#push({ source, fromMs, toMs: atMs, why });
    }
  }

  #push(span: SilentSpan): void {
    if (this.#silent.length < MAX_SPANS) this.#silent.push(span);
  }
}
