import { isAddress } from './address.js';

/** Seen from the machine that makes it: what it sends, what it gets, or both is lost. */
export const CUT_DIRECTIONS = ['in', 'out', 'both'] as const;
export type CutDirection = (typeof CUT_DIRECTIONS)[number];

/** Who is cut off; without a port all of TCP to and from the host. */
export interface Peer {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port?: number;
}

/** A cut through this machine's own network. */
export interface Cut {
  readonly direction: CutDirection;
  /** Empty = the hosts of the target. */
  readonly peers: readonly Peer[];
}

/** Processes of this machine, found when the fault begins. */
export interface ProcessChoice {
  /** Name of a program, as `pidof` takes it. */
  readonly pidof?: string | undefined;
  /** Absolute path of a file with one process id. */
  readonly pidFile?: string | undefined;
}

/** A fault that is made on this machine itself. */
export type RealAction =
  | { readonly on: 'network'; readonly do: 'partition'; readonly cut: Cut }
  /** What this machine sends is held to a rate: all of an interface, or what goes to the peers. */
  | {
      readonly on: 'network';
      readonly do: 'throttle';
      readonly bitsPerS: number;
      readonly interface?: string;
      readonly peers: readonly Peer[];
    }
  | { readonly on: 'network'; readonly do: 'link-down'; readonly interface: string }
  /** `kill`: SIGKILL, and `start` (a program and its arguments) afterwards; `pause`: SIGSTOP, and SIGCONT afterwards. */
  | ({
      readonly on: 'process';
      readonly do: 'kill' | 'pause';
      readonly start?: readonly string[];
    } & ProcessChoice)
  /** By the docker command. `network` = what it is taken off; absent = the only one it has. */
  | {
      readonly on: 'container';
      readonly do: 'kill' | 'pause' | 'disconnect';
      readonly container: string;
      readonly network?: string;
    };

/** Names as the kernel takes them (15 bytes), and none that a program could read as an option. */
export const INTERFACE_NAME = /^[A-Za-z0-9_.][A-Za-z0-9_.:@-]{0,14}$/;
/** Names and ids of containers and their networks, as Docker has them. */
export const CONTAINER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
/** Name of a program: one path component. */
export const PROGRAM_NAME = /^[^\s/\p{Cc}-][^/\p{Cc}]{0,63}$/u;
/** Path of a file with a process id. */
export const PID_FILE = /^\/[^\p{Cc}]{1,400}$/u;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*\.?$/;

/** `10.0.0.5`, `media.example.com:8080`, `[fd00::1]:80`; undefined = no peer. */
export function parsePeer(text: string): Peer | undefined {
  const whole = text.trim();
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(whole) ?? [];
  const host = bracketed ?? plain ?? (isAddress(whole) === 6 ? whole : undefined);
  if (host === undefined) return undefined;
  if (bracketed !== undefined && isAddress(host) !== 6) return undefined;
  if (isAddress(host) === 0 && (!HOST_NAME.test(host) || /^[\d.]+$/.test(host))) return undefined;
  if (portText === undefined) return { host };
  const port = Number(portText);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** As `parsePeer` reads it. */
export function peerWords({ host, port }: Peer): string {
  if (port === undefined) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const RATE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const LEAST_BITS_PER_S = 8000;
const MOST_BITS_PER_S = 100e9;

/** `500k`, `2.5M`, `1G` or bits per second as a number, 8k to 100G; undefined = no rate. */
export function parseBitRate(value: unknown): number | undefined {
  const [, number, unit = ''] =
    /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:bit(?:\/s)?)?$/i.exec(String(value).trim()) ?? [];
  if (number === undefined) return undefined;
  const bits = Math.round(Number(number) * (RATE_UNITS[unit.toLowerCase()] ?? Number.NaN));
  return bits >= LEAST_BITS_PER_S && bits <= MOST_BITS_PER_S ? bits : undefined;
}

/** `2.5 Mbit/s`. */
export function bitRateWords(bitsPerS: number): string {
  if (bitsPerS >= 1e9) return `${bitsPerS / 1e9} Gbit/s`;
  return bitsPerS >= 1e6 ? `${bitsPerS / 1e6} Mbit/s` : `${bitsPerS / 1e3} kbit/s`;
}

/** What a real fault is, for plans and reports: `network partition (both ways, 10.0.0.5)`. */
export function realWords(action: RealAction): string {
  if (action.on === 'container') {
    const off = action.network === undefined ? '' : ` from ${action.network}`;
    return `container ${action.do} ${action.container}${action.do === 'disconnect' ? off : ''}`;
  }
  if (action.on === 'process') return `process ${action.do} ${action.pidof ?? action.pidFile ?? ''}`;
  switch (action.do) {
    case 'partition':
      return `network partition (real, ${cutWords(action.cut)})`;
    case 'throttle': {
      const on = action.interface === undefined ? [] : [`on ${action.interface}`];
      const to = action.peers.length === 0 ? [] : [`to ${action.peers.map(peerWords).join(', ')}`];
      const where = on.length + to.length === 0 ? ['to the target'] : [...on, ...to];
      return `network throttle to ${bitRateWords(action.bitsPerS)} of what is sent ${where.join(' ')}`;
    }
    case 'link-down':
      return `network link-down ${action.interface}`;
  }
}

const WAYS: Readonly<Record<CutDirection, string>> = {
  in: 'incoming only',
  out: 'outgoing only',
  both: 'both ways',
};

function cutWords({ direction, peers }: Cut): string {
  return `${WAYS[direction]}, ${peers.length === 0 ? 'the target' : peers.map(peerWords).join(', ')}`;
}
