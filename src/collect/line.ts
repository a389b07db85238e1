import type { Look } from './collector.js';
import { fitted } from './fit-line.js';
import type { Part, Reading, Source, Values } from './reading.js';

/**
 * One line of `system.ndjson`: the sections of the strategy's appendix B, extended by the fields of `fields.ts`. A
 * field that is not there is not known; zero is always a measured zero.
 */
export interface SystemLine {
  /** When the sources were asked, ISO 8601 in UTC with ms. */
  readonly timestamp: string;
  /** The same instant in run milliseconds, negative before the first viewer; only within a run. */
  readonly atMs?: number;
  /** Our own viewers at that instant, of this machine; only within a run. Never a figure of the platform. */
  readonly run?: { readonly joined: number; readonly watching: number };
  /** ms since the line before; absent in the first. */
  readonly interval_ms?: number;
  readonly docker?: Readonly<Record<string, Values>>;
  readonly process?: Readonly<Record<string, Values>>;
  readonly host?: Values;
  readonly generator?: Values;
  readonly nginx?: Values;
  readonly srs?: Values;
  readonly backend?: Values;
  readonly redis?: Values;
  readonly postgres?: Values;
  readonly metrics?: Readonly<Record<string, Values>>;
  /** By source: ms that its counts and rates are made of. After a gap it is longer than the interval. */
  readonly spans_ms: Readonly<Record<string, number>>;
  /** By source: why it says nothing this time. */
  readonly gaps: Readonly<Record<string, string>>;
  /** Sources whose cumulative numbers began anew. */
  readonly restarted: readonly string[];
  /** By section or field: why it is never there. */
  readonly absent: Readonly<Record<string, string>>;
}

/** A line of a run: on the axis of everything else that it measured. */
export type RunSystemLine = SystemLine & { readonly atMs: number };

/** What a line is made of. */
export interface LineParts {
  readonly epochMs: number;
  readonly intervalMs: number | undefined;
  readonly looks: readonly { readonly source: Source; readonly look: Look }[];
  readonly absent: Readonly<Record<string, string>>;
}

export function lineOf({ epochMs, intervalMs, looks, absent }: LineParts): SystemLine {
  const line = new LineBuilder(absent);
  for (const { source, look } of looks) {
    const { name, section, key } = source;
    if ('gap' in look) line.gaps[name] = look.gap;
    else if (look.reading.parts === undefined) line.take(name, section, key, look.reading);
    else for (const part of look.reading.parts) line.takePart(name, section, part);
  }
  const { sections, spans, gaps, restarted, missing } = line;
  return fitted({
    timestamp: new Date(epochMs).toISOString(),
    ...(intervalMs === undefined ? {} : { interval_ms: rounded(intervalMs) }),
    ...sections,
    ...{ spans_ms: spans, gaps, restarted, absent: missing },
  });
}

class LineBuilder {
  readonly sections: Record<string, Record<string, unknown>> = {};
  readonly spans: Record<string, number> = {};
  readonly gaps: Record<string, string> = {};
  readonly restarted: string[] = [];
  readonly missing: Record<string, string>;

  constructor(absent: Readonly<Record<string, string>>) {
    this.missing = { ...absent };
  }

  take(name: string, section: string, key: string | undefined, reading: Reading): void {
    const { values, spanMs } = reading;
    const fields = Object.fromEntries(
      Object.entries(values).map(([field, value]) => [field, rounded(value)]),
    );
    const before = this.sections[section] ?? {};
    this.sections[section] = key === undefined ? { ...before, ...fields } : { ...before, [key]: fields };
    if (spanMs !== undefined) this.spans[name] = rounded(spanMs);
    if (reading.restarted === true) this.restarted.push(name);
    const place = key === undefined ? section : `${section}.${key}`;
    for (const [field, why] of Object.entries(reading.absent ?? {})) this.missing[`${place}.${field}`] = why;
  }

  /** Each of several has a name of its own for its gap, its span and its restart. */
  takePart(source: string, section: string, part: Part): void {
    const name = `${source}.${part.key}`;
    if ('gap' in part) this.gaps[name] = part.gap;
    else this.take(name, section, part.key, part.reading);
  }
}

/** A thousandth is more than any of the sources knows. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
