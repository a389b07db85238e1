import { parseCpuMax, parseMemoryLimit } from '../run/machine.js';
import { Deltas } from './deltas.js';
import type { KernelFiles } from './process-source.js';
import { statValue } from './process-text.js';
import type { Source } from './reading.js';
import { spanRates } from './span-rates.js';

export interface CgroupSourceOptions {
  readonly name: string;
  /** Below `/sys/fs/cgroup`, e.g. `system.slice/nginx.service`. */
  readonly path: string;
  readonly files: KernelFiles;
  readonly os: { readonly cores: number; readonly memoryBytes: number };
  nowMs(): number;
}

interface CgroupState {
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly cacheBytes: number;
  readonly pids: number | undefined;
  readonly cores: number | undefined;
  readonly limitBytes: number | undefined;
}

const ROOT = '/sys/fs/cgroup';
const MB = 1e6;

/** A control group, version 2 or 1: a service of systemd, a container. Memory is without the cache of files. */
export function createCgroupSource({ name, path, files, os, nowMs }: CgroupSourceOptions): Source {
  const deltas = new Deltas();
  return {
    name: `process.${name}`,
    section: 'process',
    key: name,
    read: async () => {
      const state = readV2(path, files) ?? readV1(path, files);
      if (state === undefined) throw new Error(`no control group ${path} with CPU and memory`);
      const { by, spanMs, restarted } = deltas.take({ cpuMs: state.cpuMs }, nowMs());
      const cores = Math.min(state.cores ?? os.cores, os.cores);
      const limitBytes = Math.min(state.limitBytes ?? os.memoryBytes, os.memoryBytes);
      const usedBytes = Math.max(0, state.memoryBytes - state.cacheBytes);
      const rates = spanRates(by === undefined ? undefined : spanMs, (ms) => {
        const used = (by?.cpuMs ?? 0) / ms;
        return { cpu_pct: (used / cores) * 100, cpu_cores: used };
      });
      return {
        values: {
          ...rates.values,
          cpu_limit_cores: cores,
          mem_mb: usedBytes / MB,
          mem_pct: (usedBytes / limitBytes) * 100,
          mem_limit_mb: limitBytes / MB,
          ...(state.pids === undefined ? {} : { pids: state.pids }),
        },
        absent: rates.absent,
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted,
      };
    },
  };
}

function readV2(path: string, files: KernelFiles): CgroupState | undefined {
  const at = (file: string): string => files.text(`${ROOT}/${path}/${file}`) ?? '';
  const usec = statValue(at('cpu.stat'), 'usage_usec');
  const memory = at('memory.current');
  if (usec === undefined || !/^\d+\s*$/.test(memory)) return undefined;
  return {
    cpuMs: usec / 1000,
    memoryBytes: Number(memory),
    cacheBytes: statValue(at('memory.stat'), 'inactive_file') ?? 0,
    pids: wholeOf(at('pids.current')),
    cores: parseCpuMax(at('cpu.max')),
    limitBytes: parseMemoryLimit(at('memory.max')),
  };
}

function readV1(path: string, files: KernelFiles): CgroupState | undefined {
  const at = (controller: string, file: string): string =>
    files.text(`${ROOT}/${controller}/${path}/${file}`) ?? '';
  const nsec = wholeOf(at('cpuacct', 'cpuacct.usage'));
  const memoryBytes = wholeOf(at('memory', 'memory.usage_in_bytes'));
  if (nsec === undefined || memoryBytes === undefined) return undefined;
  return {
    cpuMs: nsec / 1e6,
    memoryBytes,
    cacheBytes: statValue(at('memory', 'memory.stat'), 'total_inactive_file') ?? 0,
    pids: wholeOf(at('pids', 'pids.current')),
    cores: parseCpuMax(`${at('cpu', 'cpu.cfs_quota_us')} ${at('cpu', 'cpu.cfs_period_us')}`),
    limitBytes: parseMemoryLimit(at('memory', 'memory.limit_in_bytes')),
  };
}

function wholeOf(text: string): number | undefined {
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
