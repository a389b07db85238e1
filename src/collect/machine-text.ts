/** What the kernel tells of the whole machine, as text; all pure. proc(5). */

export interface CpuTimes {
  /** In ticks; only their growth against each other says something. */
  readonly total: number;
  readonly idle: number;
  readonly steal: number;
  readonly cores: number;
}

/** `/proc/stat`; waiting for a disk counts as idle. Undefined for a text that is none. */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const [, line] = /^cpu\s+(\d[\d ]*)$/m.exec(text) ?? [];
  if (line === undefined) return undefined;
  // Times of guests are already in those of user and nice.
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .map(Number);
  return {
    total: user + nice + system + idle + wait + irq + soft + steal,
    idle: idle + wait,
    steal,
    cores: (text.match(/^cpu\d+ /gm) ?? []).length,
  };
}

export interface MachineMemory {
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}

/** `/proc/meminfo`; undefined for a text that is none. */
export function parseMemory(text: string): MachineMemory | undefined {
  const bytes = (name: string): number => {
    const [, kb] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
    return kb === undefined ? Number.NaN : Number(kb) * 1024;
  };
  const memory = {
    totalBytes: bytes('MemTotal'),
    availableBytes: bytes('MemAvailable'),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  };
  return Object.values(memory).every(Number.isFinite) ? memory : undefined;
}

/** One number behind a name in a line of `/proc/net/sockstat`, e.g. `TCP: inuse 27 orphan 0 tw 3`. */
export function socketCount(text: string, protocol: string, name: string): number | undefined {
  const [, found] = new RegExp(`^${protocol}:.*\\b${name} (\\d+)`, 'm').exec(text) ?? [];
  return found === undefined ? undefined : Number(found);
}

/** The first number of a text, as in `/proc/loadavg` and `/proc/sys/fs/file-nr`. */
export function firstNumber(text: string): number | undefined {
  const [found] = /^\d+(?:\.\d+)?(?=\s|$)/.exec(text.trim()) ?? [];
  return found === undefined ? undefined : Number(found);
}
