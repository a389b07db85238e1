import { isAddress } from '../scenarios/address.js';
import { type Peer, peerWords } from '../scenarios/real-fault.js';

/** An address that is to be cut off. */
export interface ResolvedPeer {
  readonly address: string;
  readonly port?: number;
  /** As it was written, or as a URL of the target has it. */
  readonly peer: Peer;
  /** By the profile; else it is a host of the target. */
  readonly named: boolean;
}

/**
 * Why peers may not be cut off, all reasons at once. Pure.
 *
 * | peer | refused |
 * |---|---|
 * | loopback or an address of this machine, of the target | always: it was not named |
 * | the same, named without a port | all that this machine says to itself would be lost |
 * | the same, named with a port | no |
 * | no address of one machine (0.0.0.0, multicast) | always |
 *
 * (peers.test.ts repeats the table)
 */
export function peerProblems(peers: readonly ResolvedPeer[], ownAddresses: readonly string[]): string[] {
  return peers.flatMap(({ address, port, peer, named }) => {
    const words = peerWords(peer);
    const is = words === address || words === `${address}:${port}` ? words : `${words} (${address})`;
    if (isNobody(address)) return [`${is} is no address of one machine`];
    const isOwn = isLoopback(address) || ownAddresses.includes(address);
    if (!isOwn || (named && port !== undefined)) return [];
    const example = peerWords({ host: address, port: port ?? 8080 });
    return [`${is} is this machine itself: name it with its port (peer: "${example}")`];
  });
}

function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === '::1' || /^::ffff:127\./i.test(address);
}

function isNobody(address: string): boolean {
  if (isAddress(address) === 4) {
    const first = Number(address.split('.')[0]);
    return first === 0 || first >= 224;
  }
  return /^(::|::0)$/.test(address) || /^ff/i.test(address);
}

/** Each address once, those with a port beside those without. */
export function distinct(peers: readonly ResolvedPeer[]): readonly ResolvedPeer[] {
  const seen = new Map(peers.map((one) => [`${one.address} ${one.port ?? ''}`, one]));
  return [...seen.values()];
}
