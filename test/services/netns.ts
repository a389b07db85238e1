import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { programPath } from './available.js';

/** A machine of its own on a small network: a namespace with one interface and one address. */
export interface Box {
  /** Of the namespace, as `ip netns exec` takes it. */
  readonly name: string;
  /** On the bridge that all boxes of a network share. */
  readonly address: string;
  /** Its interface to the bridge. */
  readonly device: string;
  /** The same call, made in it: the process that is spawned becomes that of the program itself. */
  wrap(program: string, args: readonly string[]): readonly [program: string, args: string[]];
  /** Runs a program in it to its end. */
  exec(program: string, ...args: readonly string[]): Executed;
  /** Starts a program in it. */
  spawn(program: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
}

export interface Executed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Seen from the first box: what it sends to the second, what it gets from there, or both is lost. */
export type PartitionDirection = 'out' | 'in' | 'both';

/** Boxes on one bridge. The bridge has no way out, and no address in the test's own namespace. */
export interface Network {
  readonly boxes: readonly Box[];
  /**
   * Nothing passes between two boxes in this direction, and nothing is closed: packets are dropped. What was cut in
   * the other direction, or between others, stays as it is.
   */
  partition(from: Box, to: Box, direction?: PartitionDirection): void;
  /** Takes back all cuts between two boxes; none is fine. */
  heal(from: Box, to: Box): void;
  /** Cuts two boxes off for so long, and heals them whatever happens meanwhile. */
  partitionFor(from: Box, to: Box, forMs: number, direction?: PartitionDirection): Promise<void>;
  /** Kills what still runs in the boxes, and removes all. May be called again. */
  remove(): void;
}

/** Of all networks that tests make: `dl-PID-N`; names of interfaces are no longer than 15. */
const PREFIX = 'dlt';
let made = 0;

/** Why this process cannot make namespaces, in words; undefined = it can. */
export function noNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root: run the tests as root';
  if (programPath('ip') === undefined)
    return 'ip is not installed (npm run services, or apt-get install iproute2)';
  const probe = `${PREFIX}${process.pid}p`;
  const done = ip(['netns', 'add', probe]);
  ip(['netns', 'del', probe]);
  return done.code === 0 ? undefined : `no network namespace can be made: ${done.stderr.trim()}`;
}

/**
 * Makes `count` boxes with the addresses 10.77.0.1, 10.77.0.2 and so on: each network is closed in itself, so that
 * several of them may have the same ones. They go with this process, and what a killed one left goes here.
 * @throws Error when the kernel refuses; nothing is left then
 */
export function makeNetwork(count: number): Network {
  removeOrphans();
  const id = `${PREFIX}${process.pid}n${made++}`;
  const hub = `${id}h`;
  const names = Array.from({ length: count }, (_, index) => `${id}b${index}`);
  let removed = false;
  const remove = (): void => {
    if (removed) return;
    removed = true;
    process.removeListener('exit', remove);
    for (const name of [...names, hub]) removeNamespace(name);
  };
  process.once('exit', remove);
  try {
    must(['netns', 'add', hub]);
    must(['-n', hub, 'link', 'add', 'br0', 'type', 'bridge']);
    must(['-n', hub, 'link', 'set', 'br0', 'up']);
    const boxes = names.map((name, index) => makeBox(hub, name, index + 1));
    const cuts = new Map<string, () => void>();
    return { boxes, remove, ...cutting(cuts) };
  } catch (error) {
    remove();
    throw error;
  }
}

function makeBox(hub: string, name: string, number: number): Box {
  const address = `10.77.0.${number}`;
  must(['netns', 'add', name]);
  must(['-n', hub, 'link', 'add', `p${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  must(['-n', hub, 'link', 'set', `p${number}`, 'master', 'br0', 'up']);
  must(['-n', name, 'link', 'set', 'lo', 'up']);
  must(['-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
  must(['-n', name, 'link', 'set', 'eth0', 'up']);
  const wrap: Box['wrap'] = (program, args) => [ipPath(), ['netns', 'exec', name, program, ...args]];
  return {
    ...{ name, address, device: 'eth0', wrap },
    exec: (program, ...args) => ip(wrap(program, args)[1]),
    spawn: (program, args, options = {}) => spawn(...wrap(program, args), options),
  };
}

function cutting(cuts: Map<string, () => void>): Pick<Network, 'partition' | 'heal' | 'partitionFor'> {
  const cut = (sender: Box, receiver: Box): void => {
    const key = `${sender.name} ${receiver.name}`;
    if (cuts.has(key)) return;
    const rule = ['OUTPUT', '-d', receiver.address, '-j', 'DROP'];
    tables(sender, ['-I', ...rule]);
    cuts.set(key, () => tables(sender, ['-D', ...rule]));
  };
  const partition = (from: Box, to: Box, direction: PartitionDirection = 'both'): void => {
    if (direction !== 'in') cut(from, to);
    if (direction !== 'out') cut(to, from);
  };
  const heal = (from: Box, to: Box): void => {
    for (const key of [`${from.name} ${to.name}`, `${to.name} ${from.name}`]) {
      cuts.get(key)?.();
      cuts.delete(key);
    }
  };
  return {
    partition,
    heal,
    async partitionFor(from, to, forMs, direction) {
      partition(from, to, direction);
      try {
        await new Promise((resolve) => setTimeout(resolve, forMs));
      } finally {
        heal(from, to);
      }
    },
  };
}

function tables(box: Box, args: readonly string[]): void {
  const done = box.exec(programPath('iptables') ?? 'iptables', '-w', '5', ...args);
  if (done.code !== 0) throw new Error(`iptables ${args.join(' ')} in ${box.name}: ${done.stderr.trim()}`);
}

/** Whatever a test process that is gone has left behind. */
function removeOrphans(): void {
  for (const name of readFolder('/run/netns')) {
    const pid = new RegExp(`^${PREFIX}(\\d+)[np]`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

/** A namespace lives as long as a process in it does. */
function removeNamespace(name: string): void {
  for (const pid of ip(['netns', 'pids', name]).stdout.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  ip(['netns', 'del', name]);
}

function readFolder(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function must(args: readonly string[]): void {
  const done = ip(args);
  if (done.code !== 0) throw new Error(`ip ${args.join(' ')}: ${done.stderr.trim()}`);
}

function ip(args: readonly string[]): Executed {
  const { status, stdout, stderr, error } = spawnSync(ipPath(), [...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, stdout: stdout ?? '', stderr: error?.message ?? stderr ?? '' };
}

function ipPath(): string {
  return programPath('ip') ?? 'ip';
}
