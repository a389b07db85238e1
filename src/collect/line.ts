import type { Look } from './collector.js';
import type { Source, Values } from './reading.js';

/**
 * One line of `system.ndjson`: the sections of the strategy's appendix B, extended by the fields of `fields.ts`. A
 * field that is not there is not known; zero is always a measured zero.
 */
export interface SystemLine {
  /** When the sources were asked, ISO 8601 in UTC with ms. */
  readonly timestamp: string;
  /** The same instant in run milliseconds, negative before the first viewer; only within a run. */
  readonly atMs?: number;
  /** ms since the line before; absent in the first. */
  readonly interval_ms?: number;
  readonly process?: Readonly<Record<string, Values>>;
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

interface LineParts {
  readonly epochMs: number;
  readonly intervalMs: number | undefined;
  readonly looks: readonly { readonly source: Source; readonly look: Look }[];
  readonly absent: Readonly<Record<string, string>>;
}

export function lineOf({ epochMs, intervalMs, looks, absent }: LineParts): SystemLine {
  const sections: Record<string, Record<string, unknown>> = {};
  const spans: Record<string, number> = {};
  const gaps: Record<string, string> = {};
  const restarted: string[] = [];
  const missing: Record<string, string> = { ...absent };
  for (const { source, look } of looks) {
    if ('gap' in look) {
      gaps[source.name] = look.gap;
      continue;
    }
    const { section, key } = source;
    const { values, spanMs } = look.reading;
    const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));
    const before = sections[section] ?? {};
    sections[section] = key === undefined ? { ...before, ...fields } : { ...before, [key]: fields };
    if (spanMs !== undefined) spans[source.name] = rounded(spanMs);
    if (look.reading.restarted === true) restarted.push(source.name);
    const place = key === undefined ? section : `${section}.${key}`;
    for (const [field, why] of Object.entries(look.reading.absent ?? {})) missing[`${place}.${field}`] = why;
  }
  return {
    timestamp: new Date(epochMs).toISOString(),
    ...(intervalMs === undefined ? {} : { interval_ms: rounded(intervalMs) }),
    ...sections,
    ...{ spans_ms: spans, gaps, restarted, absent: missing },
  };
}

/** A thousandth is more than any of the sources knows. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
