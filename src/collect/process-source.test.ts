import { describe, expect, it } from 'vitest';
import { createCgroupSource } from './cgroup-source.js';
import { FIELDS } from './fields.js';
import { KERNEL_FILES } from './make-sources.js';
import { createProcessSource, type KernelFiles } from './process-source.js';
import { parseStat, parseStatus } from './process-text.js';

const SIGNAL = new AbortController().signal;
const OS = { cores: 4, memoryBytes: 8e9 };

/** Made by hand after proc(5). */
const stat = (ticks: number, start = 100): string =>
  `7 (ngi) nx: w) S 1 7 7 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 3 0 ${start} 0 0`;
const STATUS = 'Name:\tx\nVmRSS:\t  3000 kB\nRssAnon:\t  2000 kB\nRssShmem:\t 500 kB\n';

function kernel(files: Record<string, string>, names: Record<string, readonly string[]> = {}): KernelFiles {
  return { text: (path) => files[path], names: (path) => names[path] };
}

describe('process text', () => {
  it('reads what stands behind a name with brackets and spaces in it', () => {
    expect(parseStat(stat(250))).toEqual({ cpuMs: 2500, threads: 3, startTicks: 100 });
    expect(parseStat('')).toBeUndefined();
    expect(parseStatus(STATUS)).toEqual({
      rssBytes: 3_072_000,
      anonymousBytes: 2_048_000,
      sharedBytes: 512_000,
    });
    expect(parseStatus('Name:\tkthreadd\n')).toBeUndefined();
  });
});

describe('createProcessSource', () => {
  it('adds the processes of a pattern; CPU is of the quota of their group', async () => {
    const files: Record<string, string> = {
      '/proc/7/cmdline': 'nginx: master\0',
      '/proc/8/cmdline': 'nginx: worker\0',
      '/proc/9/cmdline': 'vim\0nginx.conf\0',
      '/proc/7/stat': stat(100),
      '/proc/8/stat': stat(100),
      '/proc/7/status': STATUS,
      '/proc/8/status': STATUS,
      '/proc/7/cgroup': '0::/web\n',
      '/sys/fs/cgroup/web/cpu.max': '200000 100000',
      '/sys/fs/cgroup/web/memory.max': '46080000',
    };
    let nowMs = 0;
    const source = createProcessSource({
      ...{ name: 'nginx', who: { match: /^nginx: / }, os: OS, ownPid: 1 },
      files: kernel(files, {
        '/proc': ['1', '7', '8', '9', 'self'],
        '/proc/7/fd': ['0', '1'],
        '/proc/8/fd': ['0'],
      }),
      nowMs: () => nowMs,
    });
    expect((await source.read(SIGNAL)).values).not.toHaveProperty('cpu_pct');
    nowMs = 5000;
    files['/proc/7/stat'] = stat(300);
    files['/proc/8/stat'] = stat(400);
    const { values } = await source.read(SIGNAL);
    // 2 s and 3 s of CPU in 5 s are one core, half of the two that they may use.
    expect(values).toMatchObject({
      cpu_pct: 50,
      cpu_cores: 1,
      cpu_limit_cores: 2,
      pids: 2,
      threads: 6,
      fds: 3,
    });
    expect(values).toMatchObject({ mem_mb: 4.608, mem_pct: 10, rss_mb: 6.144, started: 0 });
    expect(Object.keys(FIELDS.process)).toEqual(expect.arrayContaining(Object.keys(values)));
  });

  it('a process with the same number that began later counts from its own begin', async () => {
    const files: Record<string, string> = { '/proc/7/stat': stat(9000), '/proc/7/status': STATUS };
    let nowMs = 0;
    const options = {
      name: 'x',
      who: { pid: 7 },
      os: OS,
      ownPid: 1,
      files: kernel(files),
      nowMs: () => nowMs,
    };
    const source = createProcessSource(options);
    await source.read(SIGNAL);
    nowMs = 1000;
    files['/proc/7/stat'] = stat(40, 500);
    const { values, absent } = await source.read(SIGNAL);
    expect(values).toMatchObject({ cpu_cores: 0.4, started: 1 });
    expect(values).not.toHaveProperty('fds');
    expect(absent).toHaveProperty('fds');
  });

  it('is a gap in words without such a process', async () => {
    const none = { name: 'x', os: OS, ownPid: 1, files: kernel({}, { '/proc': [] }), nowMs: () => 0 };
    await expect(createProcessSource({ ...none, who: { pid: 7 } }).read(SIGNAL)).rejects.toThrow(
      'no process 7',
    );
    const byName = createProcessSource({ ...none, who: { match: /srs/ } });
    await expect(byName.read(SIGNAL)).rejects.toThrow('no process has a command line like srs');
  });

  it('reads a real process: this one', async () => {
    const options = { name: 'own', who: { pid: process.pid }, os: OS, ownPid: 1, files: KERNEL_FILES };
    const source = createProcessSource({ ...options, nowMs: () => performance.now() });
    await source.read(SIGNAL);
    const { values } = await source.read(SIGNAL);
    const ownMb = process.memoryUsage().rss / 1e6;
    expect(values.rss_mb).toBeGreaterThan(ownMb * 0.7);
    expect(values.rss_mb).toBeLessThan(ownMb * 1.3);
    expect(values.fds).toBeGreaterThan(3);
    expect(values.threads).toBeGreaterThan(1);
  });
});

describe('createCgroupSource', () => {
  const read = async (files: Record<string, string>, later: Record<string, string>) => {
    const all = { ...files };
    let nowMs = 0;
    const source = createCgroupSource({
      name: 'r',
      path: 'r',
      files: kernel(all),
      os: OS,
      nowMs: () => nowMs,
    });
    await source.read(SIGNAL);
    nowMs = 1000;
    Object.assign(all, later);
    return (await source.read(SIGNAL)).values;
  };

  it('reads version 2, memory without the cache of files', async () => {
    const at = '/sys/fs/cgroup/r/';
    const values = await read(
      {
        [`${at}cpu.stat`]: 'usage_usec 1000000\nuser_usec 5\n',
        [`${at}cpu.max`]: '50000 100000\n',
        [`${at}memory.current`]: '300000000\n',
        [`${at}memory.max`]: '400000000\n',
        [`${at}memory.stat`]: 'anon 5\ninactive_file 100000000\n',
        [`${at}pids.current`]: '12\n',
      },
      { [`${at}cpu.stat`]: 'usage_usec 1250000\n' },
    );
    expect(values).toEqual({
      ...{
        cpu_pct: 50,
        cpu_cores: 0.25,
        cpu_limit_cores: 0.5,
        mem_mb: 200,
        mem_pct: 50,
        mem_limit_mb: 400,
        pids: 12,
      },
    });
  });

  it('reads version 1', async () => {
    const at = '/sys/fs/cgroup/';
    const values = await read(
      {
        [`${at}cpuacct/r/cpuacct.usage`]: '1000000000\n',
        [`${at}memory/r/memory.usage_in_bytes`]: '300000000\n',
        [`${at}memory/r/memory.stat`]: 'cache 1\ntotal_inactive_file 100000000\n',
      },
      { [`${at}cpuacct/r/cpuacct.usage`]: '3000000000\n' },
    );
    expect(values).toMatchObject({
      cpu_pct: 50,
      cpu_cores: 2,
      cpu_limit_cores: 4,
      mem_mb: 200,
      mem_limit_mb: 8000,
    });
  });
});
