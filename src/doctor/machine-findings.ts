import { formatBytes } from '../report/figures.js';
import { type CarryInput, sharesOf } from '../run/carry.js';
import type { Finding, Severity } from './finding.js';
import type { MachineFacts } from './machine-facts.js';

/** What the strategy asks of a generator for 500 viewers (4.3). */
const STRATEGY = { cores: 4, memoryBytes: 4e9, files: 8192 } as const;
/** Estimates of CPU and memory are right within a third. */
const ESTIMATE_ERROR = 1.33;
/** Of the cores, by others: beyond it a worker is late more often than the gate allows. */
const MOST_OTHERS_SHARE = 0.2;
/** Reading these costs no system call. */
const FAST_CLOCKS: readonly string[] = [
  'tsc',
  'kvm-clock',
  'arch_sys_counter',
  'hyperv_clocksource_tsc_page',
];
const LEAST_NODE: readonly [number, number] = [20, 19];

export interface MachineInput extends CarryInput {
  readonly machine: MachineFacts;
  /** As `process.versions.node`. */
  readonly node: string;
  /** Cores that others use now; absent = not known. */
  readonly othersCores?: number | undefined;
}

/** What is to be said of this machine for this load. Pure. */
export function machineFindings(input: MachineInput): readonly Finding[] {
  const findings = [coresFinding, memoryFinding, filesFinding, portsFinding, swapFinding, othersFinding];
  return [
    ...findings.flatMap((one) => one(input)),
    ...trackingFindings(input),
    ...clockFindings(input.machine),
    nodeFinding(input.node),
  ];
}

function finding(id: string, severity: Severity, text: string, fix?: string): Finding {
  const needed = severity === 'error' || severity === 'warning';
  return { id, area: 'machine', severity, text, ...(needed && fix !== undefined ? { fix } : {}) };
}

function share(input: MachineInput, limit: string): number {
  const of = sharesOf(input, input.config.maxVus).filter((one) => one.limit === limit);
  return Math.max(0, ...of.map((one) => one.share));
}

function severityOf(used: number, isAsked: boolean, sure = 1): Severity {
  if (used > sure) return 'error';
  return used > 1 || !isAsked ? 'warning' : 'ok';
}

function coresFinding(input: MachineInput): Finding[] {
  const { machine, config, speed } = input;
  const used = Math.max(share(input, 'CPU'), share(input, 'worker CPU'));
  const { cores, machineCores } = machine;
  const quota = cores < machineCores ? ` of ${machineCores} (a quota or affinity takes the others)` : '';
  const text = `${round(cores)} cores${quota}, each ${round(speed)} times as fast as the reference: ${config.maxVus} viewers take about ${percent(used)} of what may be used`;
  const severity = severityOf(used, cores >= STRATEGY.cores, ESTIMATE_ERROR);
  const fix =
    used > 1
      ? 'a machine with more cores, more --workers, fewer --vus, or several boxes'
      : `a machine with ${STRATEGY.cores} cores, as the strategy has it for 500 viewers (4.3)`;
  return [finding('cores', severity, text, fix)];
}

function memoryFinding(input: MachineInput): Finding[] {
  const { machine, config } = input;
  const used = share(input, 'memory');
  const free = machine.freeMemoryBytes;
  const wantedBytes = used * machine.memoryBytes;
  const tooLittle = free !== undefined && wantedBytes > free;
  const text = `${formatBytes(machine.memoryBytes)} of memory${free === undefined ? '' : `, ${formatBytes(free)} free`}: ${config.maxVus} viewers take about ${formatBytes(wantedBytes)}`;
  const least = severityOf(used, machine.memoryBytes >= STRATEGY.memoryBytes * 0.95, ESTIMATE_ERROR);
  const severity = tooLittle && least === 'ok' ? 'warning' : least;
  return [
    finding(
      'memory',
      severity,
      text,
      used > 1 || tooLittle
        ? 'free memory, a larger machine, or fewer --vus'
        : 'a machine with 4 GB, as the strategy has it for 500 viewers (4.3)',
    ),
  ];
}

function filesFinding(input: MachineInput): Finding[] {
  const { openFiles, softFiles, hardFiles } = input.machine;
  if (openFiles === undefined)
    return [finding('nofile', 'unknown', 'how many files may be open is not said here')];
  const used = share(input, 'descriptors');
  const wanted = Math.ceil(used * openFiles);
  const limits = `soft ${softFiles ?? 'unlimited'}, hard ${hardFiles ?? 'unlimited'}`;
  const text = `nofile ${openFiles} (${limits}): ${input.config.maxVus} viewers take about ${wanted}`;
  const severity = severityOf(used, openFiles >= STRATEGY.files);
  const fix = `ulimit -n 65536 before the start, or LimitNOFILE=65536 of its service (the strategy asks for ${STRATEGY.files} at least, 4.3)`;
  return [finding('nofile', severity, text, fix)];
}

function portsFinding(input: MachineInput): Finding[] {
  const { ephemeralPorts, timeWait } = input.machine;
  if (ephemeralPorts === undefined)
    return [finding('ports', 'unknown', 'how many ports connections may have is not said here')];
  const addresses = Math.max(1, input.config.localIps.length);
  const left = ephemeralPorts - (timeWait ?? 0) / addresses;
  const used = share(input, 'ports') * (ephemeralPorts / Math.max(1, left));
  const waiting = timeWait === undefined ? '' : `, ${timeWait} connections in TIME_WAIT`;
  const text = `${ephemeralPorts} ports for connections of one address${waiting}: the run takes about ${percent(used)} of what is free`;
  const fix =
    'sysctl net.ipv4.ip_local_port_range="1024 65535" and net.ipv4.tcp_tw_reuse=1, or --local-ips with more addresses';
  return [finding('ports', used > 1 ? 'error' : used > 0.5 ? 'warning' : 'ok', text, fix)];
}

/** What a firewall of this machine can keep apart: it drops packets of connections beyond. */
function trackingFindings({ machine: { conntrack }, config }: MachineInput): Finding[] {
  if (conntrack === undefined) return [];
  // Those that have ended stay for two minutes; HLS and the API come with new ones all the time.
  const wanted = config.maxVus * 10;
  const { count, max } = conntrack;
  const text = `connection tracking knows ${count} of at most ${max} connections: the run adds about ${wanted}`;
  const severity = count + wanted > max ? 'error' : 'ok';
  return [finding('conntrack', severity, text, `sysctl net.netfilter.nf_conntrack_max=${max * 4}`)];
}

function swapFinding({ machine: { swapUsedBytes } }: MachineInput): Finding[] {
  if (swapUsedBytes === undefined) return [];
  const used = swapUsedBytes > 64e6;
  const text = used ? `${formatBytes(swapUsedBytes)} of memory are swapped out` : 'nothing is swapped out';
  return [
    finding(
      'swap',
      used ? 'warning' : 'ok',
      text,
      'free memory and swapoff -a: a viewer that is fetched from disk is late',
    ),
  ];
}

function othersFinding({ machine, othersCores }: MachineInput): Finding[] {
  if (othersCores === undefined)
    return [finding('other_load', 'unknown', 'how busy others keep this machine is not said here')];
  const text = `others use ${round(othersCores)} of ${round(machine.machineCores)} cores now`;
  const severity = othersCores > machine.machineCores * MOST_OTHERS_SHARE ? 'warning' : 'ok';
  return [
    finding(
      'other_load',
      severity,
      text,
      'stop what else runs here: the generator would be late, and the run invalid',
    ),
  ];
}

function clockFindings({ clockSource, clockSetBy }: MachineFacts): Finding[] {
  const source =
    clockSource === undefined
      ? finding('clock_source', 'unknown', 'which clock the system reads is not said here')
      : finding(
          'clock_source',
          FAST_CLOCKS.includes(clockSource) ? 'ok' : 'warning',
          `clock source ${clockSource}`,
          'tsc or kvm-clock: reading any other costs a system call, and viewers read it all the time',
        );
  const sync =
    clockSetBy === undefined
      ? finding(
          'clock_sync',
          'unknown',
          'nobody was found who sets the clock here (a container cannot see it)',
        )
      : finding('clock_sync', 'ok', `${clockSetBy} sets the clock`);
  return [source, sync];
}

function nodeFinding(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor);
  const fix = `Node.js ${leastMajor}.${leastMinor} or later`;
  return finding('node', isOld ? 'error' : 'ok', `Node.js ${node}`, fix);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
