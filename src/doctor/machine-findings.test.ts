import { describe, expect, it } from 'vitest';
import { DEFAULT_PROFILE } from '../scenarios/profiles.js';
import { othersCores, readCpuTime, readMachineFacts } from './machine-facts.js';
import { type MachineInput, machineFindings } from './machine-findings.js';

const FILES: Readonly<Record<string, string>> = {
  '/proc/self/limits':
    'Limit  Soft  Hard  Units\nMax open files            65536                65536                files\n',
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/meminfo':
    'MemTotal: 8000000 kB\nMemAvailable:    6000000 kB\nSwapTotal: 1000000 kB\nSwapFree: 1000000 kB\n',
  '/proc/net/sockstat': 'sockets: used 9\nTCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1\n',
  '/proc/sys/net/netfilter/nf_conntrack_count': '10\n',
  '/proc/sys/net/netfilter/nf_conntrack_max': '262144\n',
  '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  '/run/systemd/timesync/synchronized': '',
};

function input(files: Readonly<Record<string, string>> = {}, more: Partial<MachineInput> = {}): MachineInput {
  const all = { ...FILES, ...files };
  const config = {
    ...{ maxVus: 500, workers: 4, mix: { hls: 70, flv: 30 }, writes: true, localIps: [] },
    profile: DEFAULT_PROFILE,
    target: { kind: 'platform', loopback: false } as unknown as MachineInput['config']['target'],
  };
  const machine = readMachineFacts((path) => all[path], { cores: 8, memoryBytes: 8e9 });
  return { machine, config, speed: 1, node: '20.20.2', othersCores: 0.1, ...more };
}

function told(one: MachineInput): string[] {
  return machineFindings(one)
    .filter(({ severity }) => severity !== 'ok')
    .map(({ id, severity }) => `${id} ${severity}`);
}

describe('the machine of the generator', () => {
  it('with room for the load has nothing to be said of', () => {
    expect(told(input())).toEqual([]);
    expect(machineFindings(input()).map(({ id }) => id)).toEqual([
      ...['cores', 'memory', 'nofile', 'ports', 'swap', 'other_load', 'conntrack'],
      ...['clock_source', 'clock_sync', 'node'],
    ]);
  });

  const limits = (count: number): Readonly<Record<string, string>> => ({
    '/proc/self/limits': `Max open files            ${count}                 ${count}                  files\n`,
  });

  it('with nofile 256 cannot hold 500 viewers, and says what to write', () => {
    const nofile = machineFindings(input(limits(256))).find(({ id }) => id === 'nofile');
    expect(nofile?.severity).toBe('error');
    expect(nofile?.text).toBe('nofile 256 (soft 256, hard 256): 500 viewers take about 1080');
    expect(nofile?.fix).toMatch(/ulimit -n 65536/);
  });

  it('with enough descriptors for the viewers, but fewer than the strategy asks for, is warned of', () => {
    expect(told(input(limits(2048)))).toEqual(['nofile warning']);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'swapped-out memory',
      { '/proc/meminfo': 'MemAvailable: 6000000 kB\nSwapTotal: 900000 kB\nSwapFree: 1 kB\n' },
      'swap warning',
    ],
    ['little free memory', { '/proc/meminfo': 'MemAvailable: 100000 kB\n' }, 'memory warning'],
    [
      'a slow clock',
      { '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'hpet\n' },
      'clock_source warning',
    ],
    [
      'a full table of connections',
      { '/proc/sys/net/netfilter/nf_conntrack_max': '4096\n' },
      'conntrack error',
    ],
    [
      'no ports left',
      { '/proc/net/sockstat': 'TCP: inuse 5 orphan 0 tw 28000 alloc 7 mem 1\n' },
      'ports error',
    ],
    ['few ports', { '/proc/sys/net/ipv4/ip_local_port_range': '60000 60999\n' }, 'ports error'],
  ])('with %s is told of it', (_, files, words) => {
    expect(told(input(files))).toEqual([words]);
  });

  it('that others keep busy, that is slow or that runs an old Node is told of it', () => {
    expect(told(input({}, { othersCores: 2 }))).toEqual(['other_load warning']);
    expect(told(input({}, { speed: 0.25 }))).toEqual(['cores warning']);
    expect(told(input({}, { speed: 0.1 }))).toEqual(['cores error']);
    expect(told(input({}, { node: '18.1.0' }))).toEqual(['node error']);
  });

  it('that says nothing of itself is unknown, not fine', () => {
    const machine = readMachineFacts(() => undefined, { cores: 8, memoryBytes: 8e9 });
    const silent = { ...input(), machine };
    expect(told({ ...silent, othersCores: undefined })).toEqual([
      ...[
        'nofile unknown',
        'ports unknown',
        'other_load unknown',
        'clock_source unknown',
        'clock_sync unknown',
      ],
    ]);
  });
});

describe('what others use of the machine', () => {
  it('is what is busy without ourselves', () => {
    const at = (text: string) => readCpuTime(() => text) ?? { busy: 0, all: 0 };
    const [before, after] = [
      at('cpu  100 0 0 900 0 0 0 0 0 0\ncpu0 1'),
      at('cpu  200 0 0 1000 0 0 0 0 0 0\n'),
    ];
    const both = [before, after] as const;
    expect(othersCores(both, { cores: 4, ownMs: 500, tookMs: 1000 })).toBeCloseTo(1.5);
    expect(othersCores(both, { cores: 4, ownMs: 5000, tookMs: 1000 })).toBe(0);
    expect(othersCores([before, before], { cores: 4, ownMs: 0, tookMs: 1000 })).toBeUndefined();
    expect(readCpuTime(() => undefined)).toBeUndefined();
  });
});
