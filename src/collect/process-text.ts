/** What the kernel tells of a process and of a control group, as text; all pure. proc(5), kernel docs cgroup-v2. */

/** USER_HZ: the unit of times in /proc on every Linux that Node runs on. */
const TICKS_PER_S = 100;

export interface ProcessStat {
  /** CPU time of user and kernel since it began, ms. */
  readonly cpuMs: number;
  readonly threads: number;
  /** With the pid it tells one process from another that got the same number. */
  readonly startTicks: number;
}

/** `/proc/PID/stat`; the name in brackets may hold anything. Undefined for a text that is none. */
export function parseStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, threads, start] = [11, 12, 17, 19].map((index) => Number(fields[index] ?? Number.NaN));
  if (![user, system, threads, start].every(Number.isFinite)) return undefined;
  const ticks = (user as number) + (system as number);
  return {
    cpuMs: (ticks * 1000) / TICKS_PER_S,
    threads: threads as number,
    startTicks: start as number,
  };
}

export interface ProcessMemory {
  readonly rssBytes: number;
  /** Of its own: heap and stacks, no files. */
  readonly anonymousBytes: number;
  /** Shared with others, e.g. a database's buffers. */
  readonly sharedBytes: number;
}

/** `/proc/PID/status`; undefined for a kernel thread or a zombie, which have no memory. */
export function parseStatus(text: string): ProcessMemory | undefined {
  const bytes = (name: string): number | undefined => {
    const [, kb] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
    return kb === undefined ? undefined : Number(kb) * 1024;
  };
  const rssBytes = bytes('VmRSS');
  if (rssBytes === undefined) return undefined;
  return { rssBytes, anonymousBytes: bytes('RssAnon') ?? rssBytes, sharedBytes: bytes('RssShmem') ?? 0 };
}

/** One number behind a name in a file of `name value` lines (`cpu.stat`, `memory.stat`). */
export function statValue(text: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
