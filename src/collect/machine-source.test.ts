import { describe, expect, it } from 'vitest';
import { FIELDS } from './fields.js';
import { createMachineSource } from './machine-source.js';
import { parseCpuTimes, parseMemory } from './machine-text.js';

const SIGNAL = new AbortController().signal;

/** Written by hand after proc(5). */
const FILES: Record<string, string> = {
  '/proc/stat':
    'cpu  1000 100 500 8000 200 50 50 100 900 0\ncpu0 500 50 250 4000 100 25 25 50 450 0\ncpu1 500 50 250 4000 100 25 25 50 450 0\nintr 1\n',
  '/proc/meminfo':
    'MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    6000000 kB\nSwapCached:        12345 kB\nSwapTotal:       2000000 kB\nSwapFree:        1500000 kB\n',
  '/proc/vmstat': 'nr_free_pages 1\npswpin 100\npswpout 200\n',
  '/proc/loadavg': '1.25 0.50 0.10 2/300 12345\n',
  '/proc/net/sockstat': 'sockets: used 300\nTCP: inuse 27 orphan 0 tw 3 alloc 30 mem 2\nUDP: inuse 5 mem 1\n',
  '/proc/net/sockstat6': 'TCP6: inuse 4\n',
  '/proc/sys/fs/file-nr': '2048\t0\t9223372036854775807\n',
  '/proc/self/limits': 'Max open files            1024                 1048576              files     \n',
};

function machine(files: Record<string, string>) {
  let nowMs = 0;
  const source = createMachineSource({
    section: 'generator',
    files: { text: (path) => files[path], names: () => undefined },
    nowMs: () => nowMs,
  });
  return { read: () => source.read(SIGNAL), to: (ms: number) => (nowMs = ms) };
}

describe('this machine by its kernel', () => {
  it('memory and swap are known at once, CPU and swapping from the second look on', async () => {
    const files = { ...FILES };
    const { read, to } = machine(files);
    const first = await read();
    expect(first.values).toMatchObject({
      ...{ cores: 2, load1: 1.25, tcp_sockets: 31, tcp_time_wait: 3, files_open: 2048, files_limit: 1024 },
      ...{ mem_mb: 2048, mem_pct: 25, swap_mb: 512, swap_limit_mb: 2048 },
    });
    expect(first.values).not.toHaveProperty('cpu_pct');
    expect(first.values).not.toHaveProperty('swap_out_mb');
    to(5000);
    // Of 1000 ticks: 300 busy, 50 stolen, 600 idle, 50 waiting for a disk. A guest's time is in that of user.
    files['/proc/stat'] = 'cpu  1200 100 600 8600 250 50 50 150 1100 0\ncpu0 0\ncpu1 0\n';
    files['/proc/vmstat'] = 'pswpin 100\npswpout 1200\n';
    const second = await read();
    expect(second.spanMs).toBe(5000);
    expect(second.values.cpu_pct).toBeCloseTo(30, 9);
    expect(second.values.cpu_steal_pct).toBeCloseTo(5, 9);
    expect(second.values).toMatchObject({ swap_in_mb: 0, swap_out_mb: 4.096 });
    expect(Object.keys(FIELDS.generator)).toEqual(expect.arrayContaining(Object.keys(second.values)));
  });

  it('what the kernel does not tell is absent with the reason, and a kernel that tells nothing is a gap', async () => {
    const files = { ...FILES };
    delete files['/proc/net/sockstat'];
    const { values, absent } = await machine(files).read();
    expect(values).not.toHaveProperty('tcp_sockets');
    expect(Object.keys(absent ?? {})).toEqual(['tcp_sockets', 'tcp_time_wait']);
    await expect(machine({}).read()).rejects.toThrow('no CPU or no memory');
    expect(parseCpuTimes('cpu x\n')).toBeUndefined();
    expect(parseMemory('MemTotal: 5 kB\n')).toBeUndefined();
  });
});
