import type { Measure, Share } from './thresholds.js';

/** What the engine reads of a line of `system.ndjson`; whatever else is there, or is no number, is not known. */
export type AlertLine = Readonly<Record<string, unknown>>;

/** A number of a line, with the name of its container, process or class where there are several. */
export interface Measured {
  readonly name: string;
  /** Finite. */
  readonly value: number;
}

/** Numbers of one threshold in one line; what is not known is not in it. `per_minute` gives the count. */
export function measure(line: AlertLine, what: Measure): Measured[] {
  switch (what.kind) {
    case 'value':
      return what.paths
        .flatMap((path) => valuesAt(line, path))
        .filter(({ name }) => what.named?.test(name) ?? true);
    case 'sum':
      return unnamed(total(line, what.paths));
    case 'per_minute':
      return unnamed(numberAt(line, what.path));
    case 'share':
      return Object.entries(what.of).flatMap(([name, share]) => {
        const value = percent(line, share);
        return value === undefined ? [] : [{ name, value }];
      });
  }
}

/** The number at `section.field`; undefined when it is not there or none. */
export function numberAt(line: AlertLine, path: string): number | undefined {
  const value = path.split('.').reduce<unknown>(own, line);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function valuesAt(line: AlertLine, path: string): Measured[] {
  const [section = '', star, field = ''] = path.split('.');
  if (star !== '*') return unnamed(numberAt(line, path));
  const names = own(line, section);
  if (typeof names !== 'object' || names === null) return [];
  return Object.entries(names).flatMap(([name, values]) => {
    const value = own(values, field);
    return typeof value === 'number' && Number.isFinite(value) ? [{ name: `${section}.${name}`, value }] : [];
  });
}

function own(of: unknown, key: string): unknown {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, key)) return undefined;
  return (of as Record<string, unknown>)[key];
}

function unnamed(value: number | undefined): Measured[] {
  return value === undefined ? [] : [{ name: '', value }];
}

/** One that is not known makes the total unknown. */
function total(line: AlertLine, paths: readonly string[]): number | undefined {
  return paths.reduce<number | undefined>((sum, path) => {
    const value = numberAt(line, path);
    return sum === undefined || value === undefined ? undefined : sum + value;
  }, 0);
}

function percent(line: AlertLine, { part, whole, few }: Share): number | undefined {
  const parts = total(line, part);
  const all = total(line, whole);
  if (parts === undefined || all === undefined || all <= 0) return undefined;
  if (few !== undefined && parts > 0 && parts < few.part && all < few.whole) return undefined;
  return (100 * parts) / all;
}
