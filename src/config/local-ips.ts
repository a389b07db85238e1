import { BlockList, isIP } from 'node:net';
import type { ConfigIssue } from '../errors.js';
import type { RunTarget } from './target.js';
import { isLoopbackHost } from './values.js';

/** Most addresses that `--local-ips` may mean: each is tried before the run. */
const MAX_LOCAL_IPS = 1024;
const WANTED =
  'addresses of this machine such as 10.0.0.5, 127.0.0.2-127.0.0.20 or 10.0.0.16/28, with commas between';

/**
 * `--local-ips`: single addresses (IPv4 or IPv6), IPv4 ranges `a-b` and IPv4 blocks `a/n`, with commas or several
 * flags, each address once, in the order given. Of a block with more than two addresses the first and the last are
 * left out (network and broadcast), but on loopback, where every address can be used. What is wrong is added to
 * `issues`.
 */
export function resolveLocalIps(
  seen: readonly string[],
  target: RunTarget,
  issues: ConfigIssue[],
): readonly string[] {
  const addresses = new Set<string>();
  for (const part of seen.flatMap((text) => text.split(','))) {
    const found = parseLocalIps(part.trim());
    if (typeof found === 'string') {
      issues.push({ path: '--local-ips', problem: found, seen: part.trim().slice(0, 100), wanted: WANTED });
    } else for (const address of found) addresses.add(address);
  }
  if (addresses.size > MAX_LOCAL_IPS) {
    issues.push({
      path: '--local-ips',
      problem: 'too many addresses',
      seen: String(addresses.size),
      wanted: `up to ${MAX_LOCAL_IPS}`,
    });
    return [];
  }
  const inside = [...addresses].find(isLoopbackHost);
  if (target.kind === 'platform' && !target.loopback && inside !== undefined) {
    issues.push({
      path: '--local-ips',
      problem: 'a target off this machine cannot be reached from a loopback address',
      seen: inside,
    });
  }
  return [...addresses];
}

/** The addresses that one part means, or what is wrong with it. */
function parseLocalIps(part: string): readonly string[] | string {
  const [from = '', to, ...rest] = part.split('-');
  if (to !== undefined) return rest.length === 0 ? range(from.trim(), to.trim()) : 'not an address range';
  const [address = '', bits, ...more] = part.split('/');
  if (bits !== undefined) return more.length === 0 ? block(address, bits) : 'not an address block';
  if (isIP(part) === 0 || part.includes('%')) return 'not an address';
  return isUnspecified(part) ? 'not an address of a machine' : [part.toLowerCase()];
}

function range(from: string, to: string): readonly string[] | string {
  if (isIP(from) !== 4 || isIP(to) !== 4) return 'not an address range';
  const [first, last] = [toNumber(from), toNumber(to)];
  if (last < first) return 'an address range that runs backwards';
  if (last - first >= MAX_LOCAL_IPS) return `an address range of more than ${MAX_LOCAL_IPS}`;
  return between(first, last);
}

function block(address: string, bits: string): readonly string[] | string {
  if (isIP(address) !== 4 || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return 'not an address block';
  const size = 2 ** (32 - Number(bits));
  if (size > MAX_LOCAL_IPS) return `an address block of more than ${MAX_LOCAL_IPS}`;
  const first = Math.floor(toNumber(address) / size) * size;
  const edge = size > 2 && !isLoopbackHost(address) ? 1 : 0;
  return between(first + edge, first + size - 1 - edge);
}

function between(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => toText(first + i));
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** 0.0.0.0 and :: mean "any", which is no address to connect from. */
function isUnspecified(address: string): boolean {
  const any = new BlockList();
  any.addAddress('0.0.0.0', 'ipv4');
  any.addAddress('::', 'ipv6');
  return any.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
