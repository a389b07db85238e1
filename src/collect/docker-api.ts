/** Answers of the Docker Engine API (reference v1.43 and later), read with care. All pure. */
import { branchOf, isTree, numberOf, parseJson, type Tree, textOf } from './json-tree.js';

/** One entry of `GET /containers/json?all=true`. */
export interface ListedContainer {
  readonly id: string;
  /** Its names without the slash before them; the first is its own. */
  readonly names: readonly string[];
  /** `running`, `exited`, `paused`, `restarting`, `created`, `removing`, `dead`. */
  readonly state: string;
  readonly createdS: number;
  /** Of docker compose; absent when it was not made by it. */
  readonly project?: string;
  readonly service?: string;
  /** From 1 on, of a service that has several. */
  readonly number?: string;
}

/** `GET /containers/{id}/json`. */
export interface InspectedContainer {
  readonly state: string;
  /** Another one after each start. */
  readonly startedAt: string;
  readonly exitCode: number | undefined;
  readonly oomKilled: boolean | undefined;
  /** `healthy`, `unhealthy`, `starting`; undefined without a health check. */
  readonly health: string | undefined;
  /** Starts by its restart policy; a start by hand is not among them. */
  readonly restartCount: number | undefined;
  /** Cores that it may use by quota and by set; undefined = no such limit. */
  readonly quotaCores: number | undefined;
  readonly setCores: number | undefined;
}

/** One line of `GET /containers/{id}/stats`. */
export interface StatsSample {
  /** When the engine looked, by its clock. */
  readonly readEpochMs: number;
  readonly cpuMs: number;
  readonly onlineCores: number | undefined;
  readonly periods: number | undefined;
  readonly throttledPeriods: number | undefined;
  /** Without the cache of files that can be given back. */
  readonly memoryBytes: number;
  readonly limitBytes: number | undefined;
  readonly swapBytes: number | undefined;
  readonly pids: number | undefined;
  /** Of all interfaces; undefined when it has none of its own. */
  readonly network:
    | { readonly rxBytes: number; readonly txBytes: number; readonly drops: number }
    | undefined;
  readonly block: { readonly readBytes: number; readonly writeBytes: number } | undefined;
}

/** The list; undefined when it is no such answer. Entries that are none are left out. */
export function parseContainers(body: string): readonly ListedContainer[] | undefined {
  const list = parseJson(body);
  if (!Array.isArray(list)) return undefined;
  return list.filter(isTree).flatMap((entry) => listedOf(entry) ?? []);
}

function listedOf(entry: Tree): ListedContainer | undefined {
  const { Id, Names, State, Created } = entry;
  const names = Array.isArray(Names) ? Names.filter((each) => typeof each === 'string') : [];
  if (typeof Id !== 'string' || !/^[0-9a-f]{12,64}$/i.test(Id) || names.length === 0) return undefined;
  const labels = branchOf(entry, 'Labels');
  const project = textOf(labels['com.docker.compose.project']);
  const service = textOf(labels['com.docker.compose.service']);
  const number = textOf(labels['com.docker.compose.container-number']);
  return {
    ...{ id: Id, names: names.map((each) => each.replace(/^\//, '')) },
    ...{ state: textOf(State) ?? 'unknown', createdS: numberOf(Created) ?? 0 },
    ...(project === undefined ? {} : { project }),
    ...(service === undefined ? {} : { service }),
    ...(number === undefined ? {} : { number }),
  };
}

/** What an inspection says; undefined when it is no such answer. */
export function parseInspect(body: string): InspectedContainer | undefined {
  const tree = parseJson(body);
  if (!isTree(tree)) return undefined;
  const state = branchOf(tree, 'State');
  const host = branchOf(tree, 'HostConfig');
  const status = textOf(state.Status);
  const startedAt = textOf(state.StartedAt);
  if (status === undefined || startedAt === undefined) return undefined;
  const health = textOf(branchOf(state, 'Health').Status);
  return {
    ...{ state: status, startedAt },
    exitCode: numberOf(state.ExitCode),
    oomKilled: typeof state.OOMKilled === 'boolean' ? state.OOMKilled : undefined,
    health: health === '' || health === 'none' ? undefined : health,
    restartCount: numberOf(tree.RestartCount),
    quotaCores: quotaOf(host),
    setCores: coresOfSet(textOf(host.CpusetCpus) ?? ''),
  };
}

/** Microseconds that a quota is counted over when nothing is said (kernel docs, sched-bwc). */
const DEFAULT_PERIOD_US = 100_000;

function quotaOf({ NanoCpus, CpuQuota, CpuPeriod }: Tree): number | undefined {
  const nano = numberOf(NanoCpus) ?? 0;
  if (nano > 0) return nano / 1e9;
  const quota = numberOf(CpuQuota) ?? 0;
  const period = numberOf(CpuPeriod) ?? 0;
  return quota > 0 ? quota / (period > 0 ? period : DEFAULT_PERIOD_US) : undefined;
}

/** `0-2,7` is 4 cores; undefined = no set, or none that can be read. */
export function coresOfSet(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const cores = new Set<number>();
  for (const part of text.split(',')) {
    const [, from, to = from] = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part) ?? [];
    if (from === undefined) return undefined;
    for (let core = Number(from); core <= Number(to); core++) cores.add(core);
  }
  return cores.size === 0 ? undefined : cores.size;
}

/**
 * One line of the stream. Undefined when it is none, and for the empty one that the engine sends for a container
 * that does not run or whose control group it cannot read: it has no time, or no memory at all.
 */
export function parseStats(line: string): StatsSample | undefined {
  const tree = parseJson(line);
  if (!isTree(tree)) return undefined;
  const readEpochMs = Date.parse(textOf(tree.read) ?? '');
  const cpu = branchOf(tree, 'cpu_stats');
  const usage = branchOf(cpu, 'cpu_usage');
  const memory = branchOf(tree, 'memory_stats');
  const cpuNs = numberOf(usage.total_usage);
  const usedBytes = numberOf(memory.usage);
  if (!(readEpochMs > 0) || cpuNs === undefined || usedBytes === undefined || usedBytes <= 0)
    return undefined;
  const detail = branchOf(memory, 'stats');
  const throttling = branchOf(cpu, 'throttling_data');
  const limitBytes = numberOf(memory.limit);
  return {
    ...{ readEpochMs, cpuMs: cpuNs / 1e6 },
    onlineCores: coresOnline(cpu, usage),
    periods: numberOf(throttling.periods),
    throttledPeriods: numberOf(throttling.throttled_periods),
    memoryBytes: Math.max(0, usedBytes - cacheOf(detail)),
    limitBytes: limitBytes !== undefined && limitBytes > 0 && limitBytes < NO_LIMIT ? limitBytes : undefined,
    swapBytes: numberOf(detail.total_swap) ?? numberOf(detail.swap),
    pids: numberOf(branchOf(tree, 'pids_stats').current),
    network: networkOf(tree),
    block: blockOf(branchOf(tree, 'blkio_stats')),
  };
}

const NO_LIMIT = 2 ** 60;

/** As `docker stats` has it: version 1 of control groups by `total_inactive_file`, version 2 by `inactive_file`. */
function cacheOf(detail: Tree): number {
  return numberOf(detail.total_inactive_file) ?? numberOf(detail.inactive_file) ?? 0;
}

function coresOnline(cpu: Tree, usage: Tree): number | undefined {
  const online = numberOf(cpu.online_cpus);
  if (online !== undefined && online > 0) return online;
  const each = usage.percpu_usage;
  return Array.isArray(each) && each.length > 0 ? each.length : undefined;
}

function networkOf(tree: Tree): StatsSample['network'] {
  const networks = Object.values(branchOf(tree, 'networks')).filter(isTree);
  if (networks.length === 0) return undefined;
  const sum = (name: string): number =>
    networks.reduce((total, each) => total + (numberOf(each[name]) ?? 0), 0);
  return {
    rxBytes: sum('rx_bytes'),
    txBytes: sum('tx_bytes'),
    drops: sum('rx_dropped') + sum('tx_dropped') + sum('rx_errors') + sum('tx_errors'),
  };
}

/** Version 1 writes `Read`, version 2 `read`; a list that is not there is not known. */
function blockOf(block: Tree): StatsSample['block'] {
  const list = block.io_service_bytes_recursive;
  if (!Array.isArray(list)) return undefined;
  const sum = (op: string): number =>
    list
      .filter(isTree)
      .filter((each) => textOf(each.op)?.toLowerCase() === op)
      .reduce((total, each) => total + (numberOf(each.value) ?? 0), 0);
  return { readBytes: sum('read'), writeBytes: sum('write') };
}
