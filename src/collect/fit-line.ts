import type { SystemLine } from './line.js';

/** Six hours of lines, one every 5 s, stay below 500 MB however much is asked for. */
export const MAX_LINE_BYTES = 110_000;

/** What a configuration can make any number of; the first that goes is what no row of the gate is made of. */
const GROWING = ['metrics', 'process', 'docker'] as const;

/** A line that is not longer than it may be: what does not fit is a gap of each of its sources. */
export function fitted(line: SystemLine): SystemLine {
  let fits = line;
  for (const section of GROWING) {
    if (bytesOf(fits) <= MAX_LINE_BYTES) return fits;
    fits = without(fits, section);
  }
  return fits;
}

function without(line: SystemLine, section: (typeof GROWING)[number]): SystemLine {
  const { [section]: left = {}, ...rest } = line;
  const why = `does not fit into a line of ${MAX_LINE_BYTES / 1000} kB`;
  const gaps = Object.keys(left).map((key) => [`${section}.${key}`, why]);
  const others = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(`${section}.`)));
  return {
    ...rest,
    spans_ms: others(line.spans_ms),
    gaps: { ...line.gaps, ...Object.fromEntries(gaps) },
    restarted: line.restarted.filter((name) => !name.startsWith(`${section}.`)),
    absent: others(line.absent),
  };
}

function bytesOf(line: SystemLine): number {
  return Buffer.byteLength(JSON.stringify(line));
}
