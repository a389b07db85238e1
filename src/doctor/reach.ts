import { isLoopbackAddress } from '../net/allow-list.js';
import type { Connector } from '../net/connect.js';
import type { Finding } from './finding.js';

/** How a server is reached from here. */
export interface Reach {
  /** Of several connections, the median, ms; without TLS. */
  readonly connectMs: number;
  /** Both ends have the same address, or it is loopback. */
  readonly onThisMachine: boolean;
}

const TRIES = 5;
const PATIENCE_MS = 3000;
/** Within a region it is below a few ms; what is farther has lines of its own to break. */
const SAME_REGION_MS = 15;

/** Connects a few times, one after the other. Undefined = it does not let itself be connected to. */
export async function measureReach(
  connector: Connector,
  origin: string,
  nowMs: () => number,
): Promise<Reach | undefined> {
  const times: number[] = [];
  let onThisMachine = false;
  for (let i = 0; i < TRIES; i++) {
    const seen = await connectOnce(connector, origin, nowMs);
    if (seen === undefined) return undefined;
    times.push(seen.tookMs);
    onThisMachine ||= seen.sameAddress;
  }
  times.sort((a, b) => a - b);
  return { connectMs: times[TRIES >> 1] as number, onThisMachine };
}

function connectOnce(
  connector: Connector,
  origin: string,
  nowMs: () => number,
): Promise<{ readonly tookMs: number; readonly sameAddress: boolean } | undefined> {
  const { hostname, port, protocol } = new URL(origin);
  const usual = protocol === 'https:' ? 443 : 80;
  const startMs = nowMs();
  const socket = connector.open({ host: hostname, port: port === '' ? usual : Number(port), tls: false });
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(), PATIENCE_MS);
    const end = (seen?: { tookMs: number; sameAddress: boolean }): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    socket.once('connect', () => {
      const { remoteAddress = '', localAddress } = socket;
      const sameAddress = remoteAddress === localAddress || isLoopbackAddress(remoteAddress);
      end({ tookMs: nowMs() - startMs, sameAddress });
    });
    socket.once('error', () => end());
  });
}

/** What that means: the strategy wants the generator apart from the platform, and near it (4.3). Pure. */
export function reachFinding(name: string, reach: Reach | undefined, isOwnStage: boolean): Finding {
  const about = { id: 'reach', area: 'target' } as const;
  if (reach === undefined) return { ...about, severity: 'unknown', text: `${name}: no connection` };
  const took = `a connection takes ${reach.connectMs.toFixed(1)} ms`;
  if (isOwnStage) {
    const text = `${name} is the run's own stage, on this machine: its figures say nothing of a platform`;
    return { ...about, severity: 'warning', text, fix: '--target with the platform that is meant' };
  }
  if (reach.onThisMachine) {
    const text = `${name} is on this machine, or behind a tunnel that is: it and the generator take the CPU from each other (${took})`;
    const fix = 'run the generator on a machine of its own, in the same region (strategy 4.3)';
    return { ...about, severity: 'warning', text, fix };
  }
  if (reach.connectMs > SAME_REGION_MS) {
    const text = `${name} is far away: ${took}, so it is not of the same region; what the way there adds is judged as the platform's`;
    const fix = 'run the generator in the region of the platform (strategy 4.3)';
    return { ...about, severity: 'warning', text, fix };
  }
  return { ...about, severity: 'ok', text: `${name}: another machine, ${took}` };
}
