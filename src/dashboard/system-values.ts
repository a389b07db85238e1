import type { SystemLine } from '../collect/line.js';
import type { ContainerState, SourceGap } from './state.js';

/** A number of a line by `section.field`; undefined where it is not known. */
export function systemValue(line: SystemLine | undefined, path: string): number | undefined {
  const [section = '', field = ''] = path.split('.');
  return numberIn(sectionOf(line, section), field);
}

/** Why a line does not have a number: the gap of its source, or what never tells it. */
export function whyAbsent(line: SystemLine, path: string, source: string): string | undefined {
  const [section = ''] = path.split('.');
  return line.gaps[source] ?? line.absent[path] ?? line.absent[section];
}

/** Whether a line speaks of a section at all, by values, a gap or the begin of counting. */
export function hasSection(line: SystemLine | undefined, section: string): boolean {
  if (line === undefined) return false;
  if (sectionOf(line, section) !== undefined) return true;
  return Object.keys(line.gaps).some((source) => source === section || source.startsWith(`${section}.`));
}

/** Sources that said nothing, by name. */
export function gapsOf(line: SystemLine | undefined): SourceGap[] {
  return Object.entries(line?.gaps ?? {})
    .map(([source, why]) => ({ source, why }))
    .sort((a, b) => a.source.localeCompare(b.source));
}

/** Containers and what stands for one where there is no Docker; the name of both is told apart by its section. */
export function containersOf(line: SystemLine | undefined): ContainerState[] {
  const found = new Map<string, ContainerState>();
  for (const section of ['docker', 'process']) {
    for (const [name, values] of Object.entries(sectionOf(line, section) ?? {})) {
      const key = found.has(name) ? `${name} (${section})` : name;
      const field = (id: string): number | null => numberIn(values, id) ?? null;
      found.set(key, {
        name: key,
        cpuPct: field('cpu_pct'),
        memPct: field('mem_pct'),
        memMb: field('mem_mb'),
        pids: field('pids'),
      });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function sectionOf(
  line: SystemLine | undefined,
  section: string,
): Readonly<Record<string, unknown>> | undefined {
  const value = (line as Readonly<Record<string, unknown>> | undefined)?.[section];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function numberIn(values: unknown, field: string): number | undefined {
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, field)) return undefined;
  const value = (values as Record<string, unknown>)[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
