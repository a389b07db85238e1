import { parseOpenFiles } from '../run/machine.js';
import { Deltas } from './deltas.js';
import { firstNumber, parseCpuTimes, parseMemory, socketCount } from './machine-text.js';
import type { KernelFiles } from './process-source.js';
import { statValue } from './process-text.js';
import type { Source, Values } from './reading.js';
import { spanRates } from './span-rates.js';

export interface MachineSourceOptions {
  /** Whose machine this is: the platform's, or the generator's. */
  readonly section: 'host' | 'generator';
  readonly files: KernelFiles;
  nowMs(): number;
}

const MB = 1e6;
/** vmstat counts pages. */
const PAGE_BYTES = 4096;

/** This machine, by its kernel's files; what is not to be read is absent with the reason. */
export function createMachineSource({ section, files, nowMs }: MachineSourceOptions): Source {
  const deltas = new Deltas();
  return {
    name: section,
    section,
    read: async () => {
      const at = (path: string): string => files.text(`/proc/${path}`) ?? '';
      const cpu = parseCpuTimes(at('stat'));
      const memory = parseMemory(at('meminfo'));
      if (cpu === undefined || memory === undefined) throw new Error('the kernel tells no CPU or no memory');
      const [pagesIn, pagesOut] = ['pswpin', 'pswpout'].map((name) => statValue(at('vmstat'), name));
      const pages = pagesIn === undefined || pagesOut === undefined ? {} : { pagesIn, pagesOut };
      const { total, idle, steal } = cpu;
      const { by, spanMs, restarted } = deltas.take({ total, idle, steal, ...pages }, nowMs());
      const rates = spanRates(by === undefined ? undefined : spanMs, () => cpuShares(by ?? {}));
      const known = {
        load1: firstNumber(at('loadavg')),
        tcp_sockets: tcpSockets(at('net/sockstat'), at('net/sockstat6')),
        tcp_time_wait: socketCount(at('net/sockstat'), 'TCP', 'tw'),
        files_open: firstNumber(at('sys/fs/file-nr')),
        files_limit: parseOpenFiles(at('self/limits')),
      };
      const told = Object.entries(known).filter((pair): pair is [string, number] => pair[1] !== undefined);
      const missing = Object.keys(known).filter((name) => known[name as keyof typeof known] === undefined);
      const absent = Object.fromEntries(missing.map((name) => [name, 'the kernel does not tell it']));
      return {
        values: {
          cores: cpu.cores,
          ...memoryValues(memory),
          ...Object.fromEntries(told),
          ...(by === undefined ? {} : swapped(by)),
          ...rates.values,
        },
        absent: { ...absent, ...rates.absent },
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted,
      };
    },
  };
}

function memoryValues(memory: NonNullable<ReturnType<typeof parseMemory>>): Values {
  const { totalBytes, availableBytes, swapTotalBytes, swapFreeBytes } = memory;
  const usedBytes = Math.max(0, totalBytes - availableBytes);
  return {
    mem_mb: usedBytes / MB,
    mem_pct: totalBytes > 0 ? (usedBytes / totalBytes) * 100 : 0,
    mem_limit_mb: totalBytes / MB,
    swap_mb: Math.max(0, swapTotalBytes - swapFreeBytes) / MB,
    swap_limit_mb: swapTotalBytes / MB,
  };
}

function cpuShares({ total = 0, idle = 0, steal = 0 }: Values): Values {
  return total > 0
    ? { cpu_pct: ((total - idle - steal) / total) * 100, cpu_steal_pct: (steal / total) * 100 }
    : {};
}

function swapped({ pagesIn, pagesOut }: Values): Values {
  return pagesIn === undefined || pagesOut === undefined
    ? {}
    : { swap_in_mb: (pagesIn * PAGE_BYTES) / MB, swap_out_mb: (pagesOut * PAGE_BYTES) / MB };
}

function tcpSockets(v4: string, v6: string): number | undefined {
  const four = socketCount(v4, 'TCP', 'inuse');
  return four === undefined ? undefined : four + (socketCount(v6, 'TCP6', 'inuse') ?? 0);
}
