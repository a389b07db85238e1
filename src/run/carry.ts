import { MAX_VUS } from '../config/live.js';
import type { RunConfig } from '../config.js';
import { formatBytes } from '../report/figures.js';
import type { Machine } from './machine.js';

/**
 * What one viewer costs on the machine of bench/README.md: media from its tables, the rest from runs of 100 to 300
 * viewers there. CPU in ms per second watched; right within a third or so, and so are the words made of it.
 */
const COST = {
  flvMs: 0.6,
  hlsMs: 1.1,
  /** Its sockets, its player's tick, its share of ticks and histograms. */
  sessionMs: 0.2,
  /** One read of the API. */
  callMs: 1,
  /** One chat message that arrives. */
  messageMs: 0.01,
  memoryBytes: 300_000,
  /** A WebSocket, and media or the API: HLS and API connections are short. */
  sockets: 2,
} as const;

/** What the process has before the first viewer. */
const BASE = { memoryBytes: 180e6, files: 80 } as const;

/** The stage on the same machine, beside it. */
const STAGE = { mediaMs: 0.55, messageMs: 0.015, memoryBytes: 140e6, bytesPerViewer: 50_000 } as const;

/** Above it a worker's event loop is late more often than the gate allows; the rest belongs to the system. */
const WORKER_SHARE = 0.9;
const MACHINE_SHARE = 0.9;
const MEMORY_SHARE = 0.8;

export interface CarryInput {
  readonly machine: Machine;
  /** Beside the machine of bench/README.md; 1 = as fast. */
  readonly speed: number;
  readonly config: Pick<
    RunConfig,
    'maxVus' | 'workers' | 'mix' | 'profile' | 'writes' | 'target' | 'localIps'
  >;
}

/** How many viewers of a load this machine carries: an estimate, which refuses nothing. */
export interface Carry {
  readonly vus: number;
  /** What runs out first. */
  readonly limit: 'worker CPU' | 'CPU' | 'memory' | 'descriptors' | 'ports';
}

/** The largest number of viewers that every limit allows. Pure. */
export function carries(input: CarryInput): Carry {
  const needs = needsOf(input);
  // Each need grows with the number of viewers, so the first one that is broken stays broken.
  let [carried, tooMany] = [0, MAX_VUS + 1];
  while (tooMany - carried > 1) {
    const vus = (carried + tooMany) >> 1;
    if (needs.every(({ share }) => share(vus) <= 1)) carried = vus;
    else tooMany = vus;
  }
  const first = needs.reduce((a, b) => (b.share(tooMany) > a.share(tooMany) ? b : a));
  return { vus: carried, limit: first.limit };
}

/** How much of each thing that has an end `vus` viewers use: above 1 is too much. Pure. */
export function sharesOf(
  input: CarryInput,
  vus: number,
): readonly { readonly limit: Carry['limit']; readonly share: number }[] {
  return needsOf(input).map(({ limit, share }) => ({ limit, share: share(vus) }));
}

interface Need {
  readonly limit: Carry['limit'];
  /** Share of what is there that `vus` viewers use; above 1 is too many. */
  share(vus: number): number;
}

function needsOf({ machine, speed, config }: CarryInput): Need[] {
  const withStage = config.target.kind === 'stage';
  const viewerCores = (vus: number): number => (vus * viewerMs(config, vus)) / 1000 / speed;
  const stageCores = (vus: number): number => (withStage ? (vus * stageMs(config, vus)) / 1000 / speed : 0);
  const stageBytes = (vus: number): number =>
    withStage ? STAGE.memoryBytes + vus * STAGE.bytesPerViewer : 0;
  // Each local address has ports of its own.
  const addresses = Math.max(1, config.localIps.length);
  const { openFiles = Number.POSITIVE_INFINITY, ephemeralPorts = Number.POSITIVE_INFINITY } = machine;
  return [
    { limit: 'worker CPU', share: (vus) => viewerCores(vus) / (config.workers * WORKER_SHARE) },
    { limit: 'CPU', share: (vus) => (viewerCores(vus) + stageCores(vus)) / (machine.cores * MACHINE_SHARE) },
    {
      limit: 'memory',
      share: (vus) =>
        (BASE.memoryBytes + vus * COST.memoryBytes + stageBytes(vus)) / (machine.memoryBytes * MEMORY_SHARE),
    },
    { limit: 'descriptors', share: (vus) => (BASE.files + vus * COST.sockets) / openFiles },
    { limit: 'ports', share: (vus) => (vus * COST.sockets) / addresses / ephemeralPorts },
  ];
}

function viewerMs({ mix, profile, ...config }: CarryInput['config'], vus: number): number {
  const { productsEveryMs } = profile.rates;
  const calls = productsEveryMs === undefined ? 0 : 1000 / productsEveryMs;
  const media = (mix.flv * COST.flvMs + mix.hls * COST.hlsMs) / (mix.flv + mix.hls);
  return (
    media + COST.sessionMs + calls * COST.callMs + messagesPerS({ profile, ...config }, vus) * COST.messageMs
  );
}

function stageMs(config: CarryInput['config'], vus: number): number {
  return STAGE.mediaMs + messagesPerS(config, vus) * STAGE.messageMs;
}

/** Every message of everybody arrives at everybody. */
function messagesPerS(
  { profile, writes }: Pick<CarryInput['config'], 'profile' | 'writes'>,
  vus: number,
): number {
  const { chatEveryMs } = profile.rates;
  return chatEveryMs === undefined || !writes ? 0 : (vus * 1000) / chatEveryMs;
}

/** The estimate as it stands in `run.json`. */
export interface CarryRecord extends Carry {
  readonly speed: number;
  readonly line: string;
  /** Also a note of the summary; absent = the run fits. */
  readonly warning?: string;
}

/** The estimate of this machine for this load, with its words. Takes a moment of CPU to see how fast the machine is. */
export async function estimateCarry(machine: Machine, config: CarryInput['config']): Promise<CarryRecord> {
  const { machineSpeed } = await import('../preflight/calibrate.js');
  const input = { machine, config, speed: await machineSpeed() };
  return { ...carries(input), speed: input.speed, ...carryWords(input) };
}

/** Its lines for the terminal. */
export function carryLines({ line, warning }: CarryRecord): string[] {
  return [`machine    ${line}`, ...(warning === undefined ? [] : [`machine    ! ${warning}`])];
}

/** What is said of it before the run. */
export function carryWords(input: CarryInput): Pick<CarryRecord, 'line' | 'warning'> {
  const { vus, limit } = carries(input);
  const asked = input.config.maxVus;
  const about = roughly(vus);
  const line = `${machineText(input.machine)}: about ${about} viewers of this load, then ${limit} run${limit === 'ports' || limit === 'descriptors' ? '' : 's'} out`;
  if (asked <= vus) return { line };
  const warning = `this machine carries about ${about} viewers of this load (${limit}), asked for are ${asked}: the run may come out invalid`;
  return { line, warning };
}

/** Two digits are more than an estimate deserves, three would be a lie. */
function roughly(vus: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, vus))) - 1);
  return Math.floor(vus / step) * step;
}

function machineText({ cores, memoryBytes, openFiles, ephemeralPorts }: Machine): string {
  return [
    `${Math.round(cores * 10) / 10} core${cores === 1 ? '' : 's'}`,
    formatBytes(memoryBytes),
    ...(openFiles === undefined ? [] : [`${openFiles} descriptors`]),
    ...(ephemeralPorts === undefined ? [] : [`${ephemeralPorts} ports`]),
  ].join(', ');
}
