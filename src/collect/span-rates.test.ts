import { describe, expect, it } from 'vitest';
import { createCgroupSource } from './cgroup-source.js';
import { createMachineSource } from './machine-source.js';
import type { KernelFiles } from './process-source.js';
import { createProcessSource } from './process-source.js';
import type { Source } from './reading.js';
import { spanRates } from './span-rates.js';

const OS = { cores: 2, memoryBytes: 8e9 };
const SIGNAL = new AbortController().signal;
/** CPU so far, ms: the kernel counts it in steps of 10. */
let cpuMs = 0;
let nowMs = 0;

const files: KernelFiles = {
  names: () => [],
  text: (path) =>
    ({
      '/proc/7/stat': `7 (srs) S 1 7 7 0 -1 0 0 0 0 0 ${cpuMs / 10} 0 0 0 20 0 3 0 100 0 0`,
      '/proc/7/status': 'RssAnon:\t100 kB\nRssFile:\t50 kB\nRssShmem:\t0 kB\nVmRSS:\t150 kB\n',
      '/proc/stat': `cpu ${cpuMs / 10} 0 0 ${(nowMs * 2 - cpuMs) / 10} 0 0 0 0 0 0\ncpu0 0\ncpu1 0\n`,
      '/proc/meminfo':
        'MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 600 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
      '/sys/fs/cgroup/srs/cpu.stat': `usage_usec ${cpuMs * 1000}\n`,
      '/sys/fs/cgroup/srs/memory.current': '1000000',
      '/sys/fs/cgroup/srs/memory.stat': 'inactive_file 0\n',
    })[path],
};

const SOURCES: readonly (readonly [string, () => Source])[] = [
  [
    'a process',
    () => createProcessSource({ name: 'p', who: { pid: 7 }, files, os: OS, ownPid: 1, nowMs: () => nowMs }),
  ],
  [
    'a control group',
    () => createCgroupSource({ name: 'g', path: 'srs', files, os: OS, nowMs: () => nowMs }),
  ],
  ['a machine', () => createMachineSource({ section: 'host', files, nowMs: () => nowMs })],
];

describe('what is per time', () => {
  it('is absent over a moment, with the reason, and there over half a second', () => {
    const of = (ms: number) => spanRates(ms, (span) => ({ per_s: 1000 / span }));
    expect(of(499)).toEqual({ values: {}, absent: { per_s: 'over 499 ms a rate says nothing' } });
    expect(of(0).values).toEqual({});
    expect(of(500)).toEqual({ values: { per_s: 2 }, absent: {} });
    expect(spanRates(undefined, () => ({ per_s: 1 }))).toEqual({ values: {}, absent: {} });
  });

  it.each(SOURCES)('CPU of %s is not told of two steps of the kernel', async (_name, create) => {
    [cpuMs, nowMs] = [0, 10_000];
    const source = create();
    await source.read(SIGNAL);
    [cpuMs, nowMs] = [20, 10_020];
    const moment = await source.read(SIGNAL);
    expect(moment.values).not.toHaveProperty('cpu_pct');
    expect(moment.absent?.cpu_pct).toBe('over 20 ms a rate says nothing');
    [cpuMs, nowMs] = [1020, 11_020];
    expect((await source.read(SIGNAL)).values.cpu_pct).toBeCloseTo(50, 0);
  });
});
