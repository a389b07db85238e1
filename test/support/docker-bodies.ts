/**
 * Answers of a Docker Engine, written by hand after the reference of its API (v1.43 and later) and after what
 * `docker stats` is documented to make of them; none was recorded from an engine.
 */

export interface Container {
  id: string;
  name: string;
  state: string;
  startedAt: string;
  restartCount: number;
  exitCode: number;
  oomKilled: boolean;
  health?: string;
  host: Record<string, unknown>;
  labels: Record<string, string>;
  created: number;
  /** The next line of its stats. */
  stats: () => string;
}

export function container(name: string, change: Partial<Container> = {}): Container {
  return {
    ...{ id: idOf(name), name, state: 'running', startedAt: '2026-11-20T02:00:00.5Z', restartCount: 0 },
    ...{ exitCode: 0, oomKilled: false, host: {}, labels: {}, created: 1_700_000_000 },
    stats: () => statsV2({}),
    ...change,
  };
}

export function idOf(name: string): string {
  return Buffer.from(name.padEnd(32, '.')).toString('hex').slice(0, 64);
}

export function listBody(containers: readonly Container[]): string {
  return JSON.stringify(
    containers.map(({ id, name, state, created, labels }) => ({
      ...{ Id: id, Names: [`/${name}`], Image: 'image', State: state, Status: 'whatever', Created: created },
      Labels: labels,
    })),
  );
}

export function inspectBody(container: Container): string {
  const { id, name, state, startedAt, restartCount, exitCode, oomKilled, health, host } = container;
  return JSON.stringify({
    ...{ Id: id, Name: `/${name}`, RestartCount: restartCount },
    State: {
      ...{ Status: state, Running: state === 'running', OOMKilled: oomKilled, ExitCode: exitCode },
      ...{ StartedAt: startedAt, ...(health === undefined ? {} : { Health: { Status: health } }) },
    },
    HostConfig: { NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0, CpusetCpus: '', Memory: 0, ...host },
  });
}

export interface StatsChange {
  read?: string;
  cpuNs?: number;
  rxBytes?: number;
  txBytes?: number;
  readBytes?: number;
  writeBytes?: number;
  usage?: number;
  periods?: number;
  throttled?: number;
}

const READ = '2026-11-23T03:00:00.123456789Z';

/** A host with version 2 of control groups: no memory per controller, small letters for block devices. */
export function statsV2(change: StatsChange): string {
  const { read = READ, cpuNs = 5e9, rxBytes = 0, txBytes = 0, readBytes = 0, writeBytes = 0 } = change;
  const { usage = 300e6, periods = 0, throttled = 0 } = change;
  return JSON.stringify({
    ...{ read, preread: '0001-01-01T00:00:00Z', num_procs: 0, pids_stats: { current: 17, limit: 18_000 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { major: 259, minor: 0, op: 'read', value: readBytes },
        { major: 259, minor: 0, op: 'write', value: writeBytes },
      ],
      io_serviced_recursive: null,
    },
    cpu_stats: {
      cpu_usage: { total_usage: cpuNs, usage_in_kernelmode: 1e9, usage_in_usermode: 4e9 },
      ...{ system_cpu_usage: 1e15, online_cpus: 2 },
      throttling_data: { periods, throttled_periods: throttled, throttled_time: 0 },
    },
    memory_stats: {
      ...{ usage, limit: 1e9 },
      stats: { anon: 150e6, file: 150e6, active_file: 50e6, inactive_file: 100e6 },
    },
    networks: {
      eth0: {
        rx_bytes: rxBytes,
        tx_bytes: txBytes,
        rx_dropped: 1,
        tx_dropped: 0,
        rx_errors: 0,
        tx_errors: 0,
      },
      eth1: { rx_bytes: 1000, tx_bytes: 2000, rx_dropped: 0, tx_dropped: 0, rx_errors: 0, tx_errors: 0 },
    },
  });
}

/** A host with version 1. */
export function statsV1(): string {
  return JSON.stringify({
    read: READ,
    pids_stats: { current: 3 },
    blkio_stats: {
      io_service_bytes_recursive: [
        { major: 8, minor: 0, op: 'Read', value: 4e6 },
        { major: 8, minor: 0, op: 'Write', value: 1e6 },
        { major: 8, minor: 0, op: 'Sync', value: 5e6 },
        { major: 8, minor: 0, op: 'Total', value: 5e6 },
      ],
    },
    cpu_stats: {
      cpu_usage: { total_usage: 2e9, percpu_usage: [1e9, 5e8, 5e8, 0] },
      system_cpu_usage: 1e15,
      throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
    },
    memory_stats: {
      ...{ usage: 200e6, max_usage: 210e6, limit: 8e9 },
      stats: { cache: 120e6, inactive_file: 10e6, total_inactive_file: 80e6, total_swap: 3e6 },
    },
  });
}

/** What the engine sends for a container that does not run. */
export const STATS_OF_NOTHING = JSON.stringify({
  ...{ read: '0001-01-01T00:00:00Z', preread: '0001-01-01T00:00:00Z', pids_stats: {}, blkio_stats: {} },
  cpu_stats: { cpu_usage: { total_usage: 0 }, throttling_data: { periods: 0, throttled_periods: 0 } },
  memory_stats: {},
});
