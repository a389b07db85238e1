import type { ChangeOf } from './change.js';
import { jsonOf, type StepPlan, type ToolEnd } from './steps.js';

type ContainerChange = ChangeOf<'container-killed' | 'container-paused' | 'container-disconnected'>;

/** What `docker inspect` says of a container, as far as it is asked. */
export interface ContainerFacts {
  readonly running: boolean;
  readonly paused: boolean;
  /** By name. */
  readonly networks: Readonly<Record<string, { readonly aliases: readonly string[]; readonly ip?: string }>>;
}

/** By the docker command: killed and started, paused and unpaused, taken off a network and put back as it was. */
export function containerPlan(change: ContainerChange): StepPlan {
  const { container } = change;
  const [make, undo] = callsOf(change);
  return {
    make: [{ argv: ['docker', ...make] }],
    look: [['docker', 'inspect', '--type', 'container', container]],
    see([end]) {
      if (end === undefined || !end.ok) return seenContainer(end);
      const facts = containerFacts(end.stdout);
      if (facts === undefined) return { unseen: `docker says nothing of ${container}` };
      return isThere(change, facts) ? 'there' : 'gone';
    },
    undo: [{ argv: ['docker', ...undo] }],
  };
}

function callsOf(change: ContainerChange): [string[], string[]] {
  const { container } = change;
  switch (change.kind) {
    case 'container-killed':
      return [
        ['kill', container],
        ['start', container],
      ];
    case 'container-paused':
      return [
        ['pause', container],
        ['unpause', container],
      ];
    case 'container-disconnected': {
      const { network, aliases, ip } = change;
      const asBefore = [
        ...(ip === undefined ? [] : ['--ip', ip]),
        ...aliases.flatMap((name) => ['--alias', name]),
      ];
      return [
        ['network', 'disconnect', network, container],
        ['network', 'connect', ...asBefore, network, container],
      ];
    }
  }
}

function isThere(change: ContainerChange, { running, paused, networks }: ContainerFacts): boolean {
  if (change.kind === 'container-killed') return !running;
  if (change.kind === 'container-paused') return paused;
  return !Object.hasOwn(networks, change.network);
}

function seenContainer(end: ToolEnd | undefined): 'gone' | { readonly unseen: string } {
  if (/no such (container|object)/i.test(end?.problem ?? '')) return 'gone';
  return { unseen: end?.problem ?? 'nothing was looked at' };
}

interface Inspected {
  readonly State?: { readonly Running?: unknown; readonly Paused?: unknown };
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<
      Record<
        string,
        {
          readonly Aliases?: readonly unknown[] | null;
          readonly IPAMConfig?: { IPv4Address?: unknown } | null;
        }
      >
    >;
  };
}

/** Reads `docker inspect --type container NAME`; undefined when it is no such thing. */
export function containerFacts(stdout: string): ContainerFacts | undefined {
  const [found] = ((): Inspected[] => {
    const read = jsonOf(stdout);
    return Array.isArray(read) ? (read as Inspected[]) : [];
  })();
  if (found?.State === undefined) return undefined;
  const networks = Object.entries(found.NetworkSettings?.Networks ?? {}).map(([name, one]) => {
    const ip = one.IPAMConfig?.IPv4Address;
    const aliases = (one.Aliases ?? []).filter((alias): alias is string => typeof alias === 'string');
    return [name, { aliases, ...(typeof ip === 'string' && ip !== '' ? { ip } : {}) }] as const;
  });
  const { Running, Paused } = found.State;
  return { running: Running === true, paused: Paused === true, networks: Object.fromEntries(networks) };
}
