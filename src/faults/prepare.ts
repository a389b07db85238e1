import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { isAddress } from '../scenarios/address.js';
import type { Peer, RealAction } from '../scenarios/real-fault.js';
import type { Change } from './change.js';
import { containerFacts } from './container-plan.js';
import { addressWords, linkIsUp, routeWords } from './link-plan.js';
import { distinct, peerProblems, type ResolvedPeer } from './peers.js';
import { findProcesses, ownAmong } from './processes.js';
import { type RunTool, runTool } from './run-tool.js';
import { jsonOf } from './steps.js';
import { rootHandle } from './throttle-plan.js';

/** What a run knows that its faults must know. */
export interface FaultWorld {
  /** Hosts of the target's URLs. */
  readonly targetHosts: readonly string[];
}

/** Why a fault cannot be made here and now; each problem one line. */
export class FaultRefused extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'FaultRefused';
    this.problems = problems;
  }
}

/**
 * The change that makes a fault, as things are now; nothing is changed yet.
 * @throws {FaultRefused} with all that stands against it
 */
export async function prepareChange(
  action: RealAction,
  world: FaultWorld,
  run: RunTool = runTool,
): Promise<Change> {
  switch (action.on) {
    case 'process':
      return prepareProcess(action);
    case 'container':
      return prepareContainer(action, run);
    case 'network':
      if (process.geteuid?.() !== 0)
        throw new FaultRefused(['only root may change the network of this machine']);
      return prepareNetwork(action, world, run);
  }
}

type NetworkAction = Extract<RealAction, { on: 'network' }>;

async function prepareNetwork(action: NetworkAction, world: FaultWorld, run: RunTool): Promise<Change> {
  if (action.do === 'link-down') return prepareLink(action.interface, run);
  const { direction, peers: named } =
    action.do === 'partition' ? action.cut : { direction: 'out' as const, peers: action.peers };
  const all = action.do === 'throttle' && action.interface !== undefined && named.length === 0;
  const peers = all ? [] : await guardedPeers(named, world);
  const plain = peers.map(({ address, port }) => ({ address, ...(port === undefined ? {} : { port }) }));
  if (action.do === 'throttle') {
    const dev = action.interface ?? (await deviceTo(peers, run));
    await checkQueue(dev, run);
    const handle = `d${randomBytes(2).toString('hex').slice(1)}`;
    return { kind: 'throttle', interface: dev, handle, bitsPerS: action.bitsPerS, peers: plain };
  }
  await checkTables(plain, run);
  return { kind: 'partition', chain: `DORAMI-${randomBytes(6).toString('hex')}`, direction, peers: plain };
}

/** Those who are named, or the hosts of the target, by address; none that must stay in reach. */
async function guardedPeers(named: readonly Peer[], world: FaultWorld): Promise<readonly ResolvedPeer[]> {
  const wanted: readonly Peer[] = named.length > 0 ? named : world.targetHosts.map((host) => ({ host }));
  if (wanted.length === 0) throw new FaultRefused(['there is no target: name a peer']);
  const peers: ResolvedPeer[] = [];
  for (const peer of wanted) {
    const { port } = peer;
    for (const address of await addressesOf(peer.host))
      peers.push({ address, peer, named: named.length > 0, ...(port === undefined ? {} : { port }) });
  }
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  const problems = peerProblems(peers, own);
  if (problems.length > 0) throw new FaultRefused(problems);
  return distinct(peers);
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isAddress(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new FaultRefused([`${host} has no address (${(error as NodeJS.ErrnoException).code})`]);
  }
}

async function checkTables(peers: readonly { readonly address: string }[], run: RunTool): Promise<void> {
  const families = new Set(peers.map(({ address }) => isAddress(address)));
  const problems: string[] = [];
  for (const family of families) {
    const end = await run([family === 6 ? 'ip6tables' : 'iptables', '-w', '5', '-S', 'INPUT']);
    if (!end.ok) problems.push(end.problem);
  }
  if (problems.length > 0) throw new FaultRefused(problems);
}

/** The interface that leads to all of them. */
async function deviceTo(peers: readonly ResolvedPeer[], run: RunTool): Promise<string> {
  const devices = new Set<string>();
  for (const { address } of peers) devices.add(await routeDevice(address, run));
  const [dev] = devices;
  if (dev === undefined || devices.size > 1)
    throw new FaultRefused([`the peers are reached over ${[...devices].join(' and ')}: name one interface`]);
  return dev;
}

async function routeDevice(address: string, run: RunTool): Promise<string> {
  const end = await run(['ip', '-j', 'route', 'get', address]);
  const [route] = (end.ok ? ((jsonOf(end.stdout) ?? []) as { dev?: unknown }[]) : []) as { dev?: unknown }[];
  if (typeof route?.dev === 'string') return route.dev;
  throw new FaultRefused([`there is no way to ${address}${end.ok ? '' : ` (${end.problem})`}`]);
}

async function checkQueue(dev: string, run: RunTool): Promise<void> {
  const end = await run(['tc', '-j', 'qdisc', 'show', 'dev', dev]);
  if (!end.ok) throw new FaultRefused([end.problem]);
  const handle = rootHandle(end.stdout);
  if (handle === undefined || handle === '0:') return;
  throw new FaultRefused([`${dev} has a queue of its own already (${handle}), which would be lost`]);
}

async function prepareLink(dev: string, run: RunTool): Promise<Change> {
  if (dev === 'lo') throw new FaultRefused(['lo is how this machine talks to itself, the run too']);
  const link = await run(['ip', '-j', 'link', 'show', 'dev', dev]);
  if (!link.ok) throw new FaultRefused([link.problem]);
  if (linkIsUp(link.stdout) !== true) throw new FaultRefused([`${dev} is down already`]);
  const addresses = addressWords((await run(['ip', '-6', '-j', 'addr', 'show', 'dev', dev])).stdout);
  const routes: string[][] = [];
  for (const family of [4, 6] as const) {
    const { stdout } = await run(['ip', `-${family}`, '-j', 'route', 'show', 'table', 'all', 'dev', dev]);
    try {
      routes.push(...routeWords(stdout, family));
    } catch (error) {
      throw new FaultRefused([`${dev}: ${(error as Error).message}`]);
    }
  }
  return { kind: 'link-down', interface: dev, addresses, routes };
}

async function prepareProcess(action: Extract<RealAction, { on: 'process' }>): Promise<Change> {
  const { pidof, pidFile, start } = action;
  const choice = { ...(pidof === undefined ? {} : { pidof }), ...(pidFile === undefined ? {} : { pidFile }) };
  const found = await findProcesses(choice);
  const whose = pidof ?? pidFile ?? '';
  if (found.length === 0) throw new FaultRefused([`no process runs: ${whose}`]);
  if (found.some(({ pid }) => pid < 2))
    throw new FaultRefused([`${whose} is the first process of this machine`]);
  if (found.length > MAX_PROCESSES)
    throw new FaultRefused([`${whose}: ${found.length} processes, more than ${MAX_PROCESSES}`]);
  const own = await ownAmong(found);
  if (own.length > 0) throw new FaultRefused([`${whose} is this run itself (${own.join(', ')})`]);
  const refused = found.filter(({ pid }) => !maySignal(pid)).map(({ pid }) => pid);
  if (refused.length > 0)
    throw new FaultRefused([`${whose} belongs to somebody else (${refused.join(', ')})`]);
  const processes = found.map(({ pid, startTicks }) => ({ pid, startTicks }));
  if (action.do === 'pause') return { kind: 'process-paused', ...choice, processes };
  return {
    kind: 'process-killed',
    ...choice,
    processes,
    ...(start === undefined ? {} : { start: [...start] }),
  };
}

const MAX_PROCESSES = 64;

function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}

async function prepareContainer(
  { do: what, container, network }: Extract<RealAction, { on: 'container' }>,
  run: RunTool,
): Promise<Change> {
  const end = await run(['docker', 'inspect', '--type', 'container', container]);
  const facts = end.ok ? containerFacts(end.stdout) : undefined;
  if (facts === undefined)
    throw new FaultRefused([end.ok ? `docker says nothing of ${container}` : end.problem]);
  if (!facts.running) throw new FaultRefused([`container ${container} does not run`]);
  if (facts.paused) throw new FaultRefused([`container ${container} is paused already`]);
  if (what !== 'disconnect')
    return { kind: what === 'kill' ? 'container-killed' : 'container-paused', container };
  const names = Object.keys(facts.networks);
  const name = network ?? (names.length === 1 ? names[0] : undefined);
  const known = name === undefined ? undefined : facts.networks[name];
  if (name === undefined || known === undefined) {
    const on = names.length === 0 ? 'none' : names.join(', ');
    throw new FaultRefused([`which network container ${container} is taken off is not said: it is on ${on}`]);
  }
  return {
    kind: 'container-disconnected',
    container,
    network: name,
    aliases: [...known.aliases],
    ...(known.ip === undefined ? {} : { ip: known.ip }),
  };
}
