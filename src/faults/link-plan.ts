import { isAddress } from '../scenarios/address.js';
import type { ChangeOf } from './change.js';
import { type Argv, jsonOf, type StepPlan } from './steps.js';
import { seenDevice } from './throttle-plan.js';

/** The link is set down, and up again with the addresses and routes that the kernel takes away with it. */
export function linkPlan({ interface: dev, addresses, routes }: ChangeOf<'link-down'>): StepPlan {
  const back = (family: string, words: readonly string[], what: 'addr' | 'route'): Argv => [
    ...(['ip', family, what, 'replace'] as const),
    ...words,
    ...['dev', dev],
  ];
  return {
    make: [{ argv: ['ip', 'link', 'set', 'dev', dev, 'down'] }],
    look: [['ip', '-j', 'link', 'show', 'dev', dev]],
    see([end]) {
      if (end === undefined || !end.ok) return seenDevice(end);
      const isUp = linkIsUp(end.stdout);
      if (isUp === undefined) return { unseen: `ip says nothing of ${dev}` };
      return isUp ? 'gone' : 'there';
    },
    undo: [
      { argv: ['ip', 'link', 'set', 'dev', dev, 'up'] },
      ...addresses.map((words) => ({ argv: back('-6', words, 'addr') })),
      ...routes.map(([family = '-4', ...words]) => ({ argv: back(`-${family}`, words, 'route') })),
    ],
  };
}

/** What `ip -j link show dev` says of the link; undefined when it does not. */
export function linkIsUp(stdout: string): boolean | undefined {
  const links = jsonOf(stdout);
  const flags = Array.isArray(links) ? (links[0] as { flags?: unknown } | undefined)?.flags : undefined;
  return Array.isArray(flags) ? flags.includes('UP') : undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Words that put back the IPv6 addresses that somebody gave the interface (`ip -6 -j addr show dev`). */
export function addressWords(stdout: string): string[][] {
  const [link] = (jsonOf(stdout) ?? []) as { addr_info?: readonly Json[] }[];
  return (link?.addr_info ?? []).flatMap(({ local, prefixlen, scope, dynamic }) =>
    typeof local === 'string' && isAddress(local) === 6 && scope === 'global' && dynamic !== true
      ? [[`${local}/${prefixlen}`, 'nodad']]
      : [],
  );
}

/** Kept in the order in which the kernel lets them be made again: what a gateway is reached by comes first. */
const ROUTE_KEYS = [
  ['gateway', 'via'],
  ['protocol', 'proto'],
  ['scope', 'scope'],
  ['prefsrc', 'src'],
  ['metric', 'metric'],
  ['table', 'table'],
] as const;

/**
 * Words that put back the routes over the interface (`ip -FAMILY -j route show table all dev`), the family first; those
 * that the kernel or a router makes come back by themselves.
 * @throws Error for a route that cannot be put back
 */
export function routeWords(stdout: string, family: 4 | 6): string[][] {
  const all = (jsonOf(stdout) ?? []) as Json[];
  return all
    .filter(
      ({ protocol, type }) => !OWN_PROTOCOLS.includes(String(protocol)) && !OWN_TYPES.includes(String(type)),
    )
    .sort((a, b) => Number(a.gateway !== undefined) - Number(b.gateway !== undefined))
    .map((route) => {
      if (route.nexthops !== undefined || route.via !== undefined)
        throw new Error(`its route to ${String(route.dst)} could not be put back`);
      const onlink = Array.isArray(route.flags) && route.flags.includes('onlink') ? ['onlink'] : [];
      const words = ROUTE_KEYS.flatMap(([key, word]) =>
        route[key] === undefined ? [] : [word, String(route[key])],
      );
      return [String(family), String(route.dst), ...words, ...onlink];
    });
}

const OWN_PROTOCOLS: readonly string[] = ['kernel', 'ra'];
const OWN_TYPES: readonly string[] = ['local', 'broadcast', 'multicast', 'anycast'];
