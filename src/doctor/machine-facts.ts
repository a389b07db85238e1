import { type Machine, type OsFacts, type ReadText, readMachine } from '../run/machine.js';

/** What this machine is like, as far as the system says it; absent = it does not. */
export interface MachineFacts extends Machine {
  /** Of the whole machine, beside what this process may use of them. */
  readonly machineCores: number;
  readonly softFiles?: number;
  readonly hardFiles?: number;
  readonly freeMemoryBytes?: number;
  readonly swapUsedBytes?: number;
  /** Connections that wait for late packets; each keeps a port of its address. */
  readonly timeWait?: number;
  readonly conntrack?: { readonly count: number; readonly max: number };
  readonly clockSource?: string;
  /** Who sets the clock by others'; absent = nobody was found, which a container cannot tell. */
  readonly clockSetBy?: string;
}

/** What is read of /proc and /sys. Never throws: what cannot be read is unknown. */
export function readMachineFacts(read: ReadText, os: OsFacts): MachineFacts {
  const limits = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)\s/m.exec(
    read('/proc/self/limits') ?? '',
  );
  const memory = read('/proc/meminfo') ?? '';
  const kilobytes = (name: string): number | undefined =>
    number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(memory)?.[1]);
  const [swapKb, swapFreeKb] = [kilobytes('SwapTotal'), kilobytes('SwapFree')];
  const count = number(read('/proc/sys/net/netfilter/nf_conntrack_count'));
  const max = number(read('/proc/sys/net/netfilter/nf_conntrack_max'));
  const availableKb = kilobytes('MemAvailable');
  return withoutAbsent({
    ...readMachine(read, os),
    machineCores: os.cores,
    softFiles: number(limits?.[1]),
    hardFiles: number(limits?.[2]),
    freeMemoryBytes: availableKb === undefined ? undefined : availableKb * 1024,
    swapUsedBytes:
      swapKb === undefined || swapFreeKb === undefined ? undefined : (swapKb - swapFreeKb) * 1024,
    timeWait: number(/^TCP:.*\stw (\d+)/m.exec(read('/proc/net/sockstat') ?? '')?.[1]),
    conntrack: count === undefined || max === undefined ? undefined : { count, max },
    clockSource:
      read('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim() || undefined,
    clockSetBy: TIME_DAEMONS.find(([path]) => read(path) !== undefined)?.[1],
  });
}

/** A file that says that the clock is being set, and by whom. */
const TIME_DAEMONS: readonly (readonly [string, string])[] = [
  ['/run/systemd/timesync/synchronized', 'systemd-timesyncd'],
  ['/run/chrony/chronyd.pid', 'chronyd'],
  ['/run/chronyd.pid', 'chronyd'],
  ['/run/ntpd.pid', 'ntpd'],
];

/** CPU time of the machine since it started, from /proc/stat (proc(5)); the unit is the same for both. */
export interface CpuTime {
  readonly busy: number;
  readonly all: number;
}

export function readCpuTime(read: ReadText): CpuTime | undefined {
  const [, line] = /^cpu\s+([\d ]+)/m.exec(read('/proc/stat') ?? '') ?? [];
  if (line === undefined) return undefined;
  // user nice system idle iowait irq softirq steal; guests are in user already.
  const times = line.trim().split(/\s+/).map(Number).slice(0, 8);
  const all = times.reduce((sum, one) => sum + one, 0);
  return { all, busy: all - (times[3] ?? 0) - (times[4] ?? 0) };
}

/** Cores that others used between two looks. `ownMs`: CPU time of this process meanwhile. */
export function othersCores(
  [before, after]: readonly [CpuTime, CpuTime],
  { cores, ownMs, tookMs }: { readonly cores: number; readonly ownMs: number; readonly tookMs: number },
): number | undefined {
  const all = after.all - before.all;
  if (all <= 0 || tookMs <= 0) return undefined;
  return Math.max(0, ((after.busy - before.busy) / all) * cores - ownMs / tookMs);
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

function withoutAbsent(facts: Loose<MachineFacts>): MachineFacts {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as unknown as MachineFacts;
}
