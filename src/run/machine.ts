import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/** What this process may use of the machine; absent = this system does not say. */
export interface Machine {
  /** Cores that may be used: affinity and the quota of the control group; a quota may be a fraction. */
  readonly cores: number;
  /** Physical memory, or the control group's limit if that is lower. */
  readonly memoryBytes: number;
  /** Files and sockets that this process may hold open. Node raises its soft limit to the hard one by itself. */
  readonly openFiles?: number;
  /** Ports for connections to one address and port of a target. */
  readonly ephemeralPorts?: number;
}

/** Reads a file of /proc or /sys; absent = it is not there. */
export type ReadText = (path: string) => string | undefined;

/** Reads what this process may use. Never throws: what cannot be read is unknown. */
export function readMachine(read: ReadText = readText, os: OsFacts = osFacts()): Machine {
  const groups = parseCgroups(read('/proc/self/cgroup') ?? '');
  const quota = least(groups.cpu.map((folder) => quotaOf(folder, read)));
  const limit = least(groups.memory.map((folder) => memoryLimitOf(folder, read)));
  const openFiles = parseOpenFiles(read('/proc/self/limits') ?? '');
  const ephemeralPorts = parsePortRange(read('/proc/sys/net/ipv4/ip_local_port_range') ?? '');
  return {
    cores: Math.min(os.cores, quota ?? os.cores),
    memoryBytes: Math.min(os.memoryBytes, limit ?? os.memoryBytes),
    ...(openFiles !== undefined ? { openFiles } : {}),
    ...(ephemeralPorts !== undefined ? { ephemeralPorts } : {}),
  };
}

export interface OsFacts {
  /** By affinity. */
  readonly cores: number;
  readonly memoryBytes: number;
}

function osFacts(): OsFacts {
  return { cores: availableParallelism(), memoryBytes: totalmem() };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The folders that may limit this process, from /proc/self/cgroup (cgroups(7)): its own group and all above it. In a
 * container the named path is often the host's and not to be seen: the root of the mount is then the own group.
 */
export function parseCgroups(text: string): { readonly cpu: string[]; readonly memory: string[] } {
  const folders = { cpu: [] as string[], memory: [] as string[] };
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    const names = controllers.split(',');
    // Version 2 has one tree and no controllers in its line.
    if (controllers === '') {
      folders.cpu.push(...withParents('/sys/fs/cgroup', path));
      folders.memory.push(...withParents('/sys/fs/cgroup', path));
    }
    if (names.includes('cpu')) folders.cpu.push(...withParents('/sys/fs/cgroup/cpu', path));
    if (names.includes('memory')) folders.memory.push(...withParents('/sys/fs/cgroup/memory', path));
  }
  return folders;
}

function withParents(mount: string, path: string): string[] {
  const folders = [mount];
  for (const part of path.split('/')) if (part !== '') folders.push(`${folders.at(-1)}/${part}`);
  return folders;
}

function quotaOf(folder: string, read: ReadText): number | undefined {
  const both = read(`${folder}/cpu.max`);
  if (both !== undefined) return parseCpuMax(both);
  return parseCpuMax(
    `${read(`${folder}/cpu.cfs_quota_us`) ?? ''} ${read(`${folder}/cpu.cfs_period_us`) ?? ''}`,
  );
}

/** `50000 100000` -> 0.5 cores; `max 100000` and `-1 100000` are no limit (kernel docs, cgroup-v2 and sched-bwc). */
export function parseCpuMax(text: string): number | undefined {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return undefined;
  return quota / period;
}

function memoryLimitOf(folder: string, read: ReadText): number | undefined {
  return parseMemoryLimit(read(`${folder}/memory.max`) ?? read(`${folder}/memory.limit_in_bytes`) ?? '');
}

/** Version 1 says "no limit" with a number near 2^63. */
const NO_LIMIT_BYTES = 2 ** 60;

/** `memory.max` or `memory.limit_in_bytes` in bytes; undefined = no limit. */
export function parseMemoryLimit(text: string): number | undefined {
  if (!/^\d+\s*$/.test(text)) return undefined;
  const bytes = Number(text);
  return bytes > 0 && bytes < NO_LIMIT_BYTES ? bytes : undefined;
}

/** The soft limit of open files from /proc/self/limits (proc(5)); undefined = none, or not said. */
export function parseOpenFiles(text: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+|unlimited)\s/m.exec(text) ?? [];
  return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
}

/** How many ports `ip_local_port_range` (ip(7)) names. */
export function parsePortRange(text: string): number | undefined {
  const [, from, to] = /^\s*(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(to) < Number(from)) return undefined;
  return Number(to) - Number(from) + 1;
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
