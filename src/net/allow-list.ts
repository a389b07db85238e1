import { BlockList, isIP } from 'node:net';
import { ConfigError, type ConfigIssue } from '../errors.js';

/**
 * What may be done with a host:
 * - `allowed`: connect
 * - `needs_address`: a name that nobody listed; it stands or falls with the address it resolves to
 * - `refused`: never connect
 */
export type AllowVerdict = 'allowed' | 'needs_address' | 'refused';

/** Which hosts this run may open sockets to. */
export interface AllowList {
  /**
   * Judges a host as it stands in a URL or playlist (name or address, brackets and trailing dot accepted) before
   * it is resolved, and again with the address that would be connected to.
   */
  check(host: string, resolvedAddress?: string): AllowVerdict;
}

/**
 * Loopback (127.0.0.0/8, ::1 and its mapped forms) is always allowed, judged by *address*: a name counts as
 * loopback only if it resolves there. Anything else must be named: an exact host name, an address, or a CIDR
 * range of addresses. A listed name is trusted wherever it resolves; `localhost` is never more than loopback.
 *
 * `hosts` come from the operator, without scheme, port or path. Throws ConfigError naming every bad entry.
 */
export function createAllowList(hosts: readonly string[]): AllowList {
  const names = new Set<string>();
  const addresses = new BlockList();
  const issues: ConfigIssue[] = [];
  for (const entry of hosts) {
    const problem = addEntry(entry.trim(), names, addresses);
    if (problem) issues.push(problem);
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    check(host, resolvedAddress) {
      const name = canonicalHost(host);
      if (name === undefined) return 'refused';
      if (isIP(name)) {
        if (resolvedAddress !== undefined && !sameAddress(name, resolvedAddress)) return 'refused';
        return isLoopbackAddress(name) || has(addresses, name) ? 'allowed' : 'refused';
      }
      if (names.has(name) && !isLocalName(name)) return 'allowed';
      if (resolvedAddress === undefined) return 'needs_address';
      return isLoopbackAddress(resolvedAddress) ? 'allowed' : 'refused';
    },
  };
}

/** True for 127.0.0.0/8, ::1, and IPv4 loopback mapped into IPv6 (RFC 4291 2.5.3, 2.5.5.2); 0.0.0.0 is not. */
export function isLoopbackAddress(address: string): boolean {
  return has(LOOPBACK, address);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function has(list: BlockList, address: string): boolean {
  const family = isIP(address);
  // A zone (fe80::1%eth0) names an interface of this machine; no rule of ours can mean it.
  if (family === 0 || address.includes('%')) return false;
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Equal as addresses, however they are written; an IPv4 address equals its mapped form. */
function sameAddress(a: string, b: string): boolean {
  if (isIP(a) === 0 || a.includes('%')) return false;
  const one = new BlockList();
  one.addAddress(a, isIP(a) === 4 ? 'ipv4' : 'ipv6');
  return has(one, b);
}

function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/**
 * Host as one exact spelling: lower case, no brackets, no trailing dot, IPv4 in dotted decimal whatever it was
 * written in (WHATWG URL 3.5 reads octal, hex and single numbers). Undefined when it is not a host at all.
 */
export function canonicalHost(host: string): string | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) === 6) return bare.toLowerCase();
  if (bare === '' || /[\s/\\?#@:[\]%]/.test(bare)) return undefined;
  let parsed: URL;
  try {
    parsed = new URL(`http://${bare}/`);
  } catch {
    return undefined;
  }
  const name = parsed.hostname.replace(/\.$/, '');
  return /^[a-z0-9._-]+$/.test(name) ? name : undefined;
}

function addEntry(entry: string, names: Set<string>, addresses: BlockList): ConfigIssue | undefined {
  const slash = entry.lastIndexOf('/');
  if (slash > 0 && isIP(entry.slice(0, slash))) return addRange(entry, slash, addresses);
  const host = canonicalHost(entry);
  if (host === undefined) return issue(entry);
  const family = isIP(host);
  if (family === 0) names.add(host);
  else if (host.includes('%')) return issue(entry);
  else addresses.addAddress(host, family === 4 ? 'ipv4' : 'ipv6');
  return undefined;
}

function addRange(entry: string, slash: number, addresses: BlockList): ConfigIssue | undefined {
  const address = entry.slice(0, slash);
  const bits = entry.slice(slash + 1);
  const family = isIP(address);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return issue(entry);
  addresses.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return undefined;
}

function issue(entry: string): ConfigIssue {
  return {
    path: '--allow-target',
    problem: 'not a host',
    seen: JSON.stringify(entry.slice(0, 100)),
    wanted: 'a host name, an address or an address range such as 10.0.0.0/8, without scheme, port and path',
  };
}
