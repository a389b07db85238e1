import { readMachine } from '../run/machine.js';
import { Deltas } from './deltas.js';
import { type ProcessMemory, type ProcessStat, parseStat, parseStatus } from './process-text.js';
import type { Reading, Source } from './reading.js';
import { spanRates } from './span-rates.js';

/** Files of the kernel; absent = not there or not for us. */
export interface KernelFiles {
  text(path: string): string | undefined;
  names(path: string): readonly string[] | undefined;
}

export interface ProcessSourceOptions {
  readonly name: string;
  /** One process, or all whose command line matches; their numbers are added. */
  readonly who: { readonly pid: number } | { readonly match: RegExp };
  readonly files: KernelFiles;
  /** Of this machine. */
  readonly os: { readonly cores: number; readonly memoryBytes: number };
  readonly ownPid: number;
  nowMs(): number;
}

interface Process {
  readonly pid: string;
  readonly stat: ProcessStat;
  readonly memory: ProcessMemory;
  readonly fds: number | undefined;
}

const MB = 1e6;

/**
 * Processes of this machine by number or command line. CPU is in % of what they may use: the quota of their control
 * group (version 1 or 2), else the machine's cores.
 */
export function createProcessSource(options: ProcessSourceOptions): Source {
  const deltas = new Map<string, Deltas>();
  let lastAtMs: number | undefined;
  return {
    name: `process.${options.name}`,
    section: 'process',
    key: options.name,
    read: async () => {
      const found = pidsOf(options).flatMap((pid) => readProcess(pid, options.files) ?? []);
      if (found.length === 0) throw new Error(noneWords(options));
      const atMs = options.nowMs();
      const spanMs = lastAtMs === undefined ? undefined : atMs - lastAtMs;
      lastAtMs = atMs;
      const growth = takeGrowth(found, deltas, atMs);
      return readingOf(found, limitsOf(found[0] as Process, options), growth, spanMs);
    },
  };
}

interface CpuGrowth {
  readonly cpuMs: number;
  readonly begun: number;
}

/** A process that was not there before has used all its time since then; of one that has gone the rest is not known. */
function takeGrowth(found: readonly Process[], deltas: Map<string, Deltas>, atMs: number): CpuGrowth {
  const now = new Set<string>();
  let cpuMs = 0;
  let begun = 0;
  for (const { pid, stat } of found) {
    const id = `${pid}:${stat.startTicks}`;
    now.add(id);
    const known = deltas.get(id);
    const delta = known ?? new Deltas();
    deltas.set(id, delta);
    const { by } = delta.take({ cpuMs: stat.cpuMs }, atMs);
    cpuMs += known === undefined ? stat.cpuMs : (by?.cpuMs ?? 0);
    if (known === undefined) begun++;
  }
  for (const id of [...deltas.keys()]) if (!now.has(id)) deltas.delete(id);
  return { cpuMs, begun };
}

function readingOf(
  found: readonly Process[],
  limits: { readonly cores: number; readonly memoryBytes: number },
  { cpuMs, begun }: CpuGrowth,
  spanMs: number | undefined,
): Reading {
  const sum = (of: (each: Process) => number): number => found.reduce((total, each) => total + of(each), 0);
  const shared = Math.max(...found.map(({ memory }) => memory.sharedBytes));
  const memoryBytes = sum(({ memory }) => memory.anonymousBytes) + shared;
  const hidden = found.some(({ fds }) => fds === undefined);
  const rates = spanRates(spanMs, (ms) => ({
    cpu_pct: (cpuMs / ms / limits.cores) * 100,
    cpu_cores: cpuMs / ms,
  }));
  return {
    values: {
      ...rates.values,
      ...(spanMs === undefined ? {} : { started: begun }),
      cpu_limit_cores: limits.cores,
      mem_mb: memoryBytes / MB,
      mem_pct: (memoryBytes / limits.memoryBytes) * 100,
      rss_mb: sum(({ memory }) => memory.rssBytes) / MB,
      mem_limit_mb: limits.memoryBytes / MB,
      pids: found.length,
      threads: sum(({ stat }) => stat.threads),
      ...(hidden ? {} : { fds: sum(({ fds }) => fds ?? 0) }),
    },
    absent: {
      ...rates.absent,
      ...(hidden ? { fds: 'the processes of another user do not show their open files' } : {}),
    },
    ...(spanMs === undefined ? {} : { spanMs }),
  };
}

function pidsOf({ who, files, ownPid }: ProcessSourceOptions): readonly string[] {
  if ('pid' in who) return [String(who.pid)];
  return (files.names('/proc') ?? []).filter((name) => {
    if (!/^\d+$/.test(name) || name === String(ownPid)) return false;
    const line = (files.text(`/proc/${name}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
    return line !== '' && who.match.test(line);
  });
}

function readProcess(pid: string, files: KernelFiles): Process | undefined {
  const stat = parseStat(files.text(`/proc/${pid}/stat`) ?? '');
  const memory = parseStatus(files.text(`/proc/${pid}/status`) ?? '');
  if (stat === undefined || memory === undefined) return undefined;
  return { pid, stat, memory, fds: files.names(`/proc/${pid}/fd`)?.length };
}

/** The tightest limit of its control group and of those above; they are all in the same one, or should be. */
function limitsOf({ pid }: Process, { files, os }: ProcessSourceOptions) {
  return readMachine((path) => files.text(path.replace('/proc/self/', `/proc/${pid}/`)), os);
}

function noneWords({ who }: ProcessSourceOptions): string {
  return 'pid' in who ? `no process ${who.pid}` : `no process has a command line like ${who.match.source}`;
}
