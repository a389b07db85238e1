import { describe, expect, it } from 'vitest';
import {
  parseCgroups,
  parseCpuMax,
  parseMemoryLimit,
  parseOpenFiles,
  parsePortRange,
  readMachine,
} from './machine.js';

const OS = { cores: 8, memoryBytes: 16e9 };
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                96365                processes
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
`;

/** A machine of files. */
function machineOf(files: Readonly<Record<string, string>>) {
  return readMachine((path) => files[path], OS);
}

describe('what this process may use', () => {
  it('is what the system says where there are no control groups', () => {
    expect(machineOf({})).toEqual({ cores: 8, memoryBytes: 16e9 });
  });

  it('is the least of all groups above it (version 2)', () => {
    const machine = machineOf({
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/a/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/a/b/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/a/memory.max': 'max\n',
      '/sys/fs/cgroup/a/b/memory.max': '1000000\n',
    });
    expect(machine).toEqual({ cores: 1.5, memoryBytes: 1_000_000 });
  });

  it('is that of the mount where a container does not see its own path (version 1)', () => {
    const machine = machineOf({
      '/proc/self/cgroup': '4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '2000000000\n',
    });
    expect(machine).toEqual({ cores: 0.5, memoryBytes: 2e9 });
  });

  it('knows files and ports', () => {
    const machine = machineOf({
      '/proc/self/limits': LIMITS,
      '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
    });
    expect(machine).toMatchObject({ openFiles: 1024, ephemeralPorts: 28_232 });
  });

  it('can be read here, whatever this machine is', () => {
    const { cores, memoryBytes } = readMachine();
    expect(cores).toBeGreaterThan(0);
    expect(memoryBytes).toBeGreaterThan(0);
  });
});

describe('parsers of kernel texts', () => {
  it.each([
    ['max 100000', undefined],
    ['50000 100000\n', 0.5],
    ['-1 100000', undefined],
    ['0 100000', undefined],
    ['50000', undefined],
    ['', undefined],
    ['rubbish here', undefined],
  ])('cpu.max %j is %s cores', (text, cores) => expect(parseCpuMax(text)).toBe(cores));

  it.each([
    ['max\n', undefined],
    ['9223372036854771712\n', undefined],
    ['1048576\n', 1_048_576],
    ['', undefined],
    ['-1', undefined],
  ])('a memory limit of %j is %s', (text, bytes) => expect(parseMemoryLimit(text)).toBe(bytes));

  it.each([
    [LIMITS, 1024],
    [LIMITS.replace('1024  ', 'unlimited'), undefined],
    ['', undefined],
  ])('open files', (text, files) => expect(parseOpenFiles(text)).toBe(files));

  it.each([
    ['32768 60999', 28_232],
    ['5 4', undefined],
    ['', undefined],
  ])('ports %j', (text, ports) => expect(parsePortRange(text)).toBe(ports));

  it('finds no group in rubbish', () => {
    expect(parseCgroups('rubbish\n\n1:cpu\n')).toEqual({ cpu: [], memory: [] });
  });
});
