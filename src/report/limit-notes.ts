import type { View } from '../stats/view.js';

/**
 * Calls that a proxy in front of the platform turned away, in words: a limit that one load machine meets long before
 * real viewers would. From how many connections on cannot be said: only calls are told apart from faults. Empty when
 * there were none.
 */
export function limitNotes(view: View): string[] {
  const { proxy_limit: limited = 0 } = view.byLabel('api_outcome_count');
  if (limited === 0) return [];
  const calls = limited === 1 ? '1 call was' : `${limited} calls were`;
  return [
    `${calls} turned away with 503 by a proxy, not by the platform: often a limit per address, and one machine is one address (--local-ips spreads viewers over several)`,
  ];
}
