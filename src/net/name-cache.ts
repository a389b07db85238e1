import type { LookupAddress } from 'node:dns';
import type { Clock } from '../seams.js';
import type { Resolve } from './connect.js';

/** As long as browsers keep a name. */
const KEEP_MS = 60_000;
const MAX_NAMES = 256;

type Done = Parameters<Resolve>[2];

/**
 * A resolver that asks once per name and minute, and once for all who wait. Every connection of a load generator is
 * new to the system's resolver, which has four threads per process: without this, hundreds of viewers of one name
 * would queue there, and the wait would be booked as the platform's. Failures are not kept.
 */
export function cacheNames(resolve: Resolve, clock: Clock): Resolve {
  const known = new Map<string, { addresses: LookupAddress[]; untilMs: number }>();
  const waiting = new Map<string, Done[]>();
  return (host, options, done) => {
    const key = `${options.family ?? 0} ${host}`;
    const kept = known.get(key);
    if (kept && kept.untilMs > clock.nowMs()) {
      done(null, kept.addresses);
      return;
    }
    const others = waiting.get(key);
    if (others) {
      others.push(done);
      return;
    }
    const all = [done];
    waiting.set(key, all);
    resolve(host, options, (error, addresses) => {
      waiting.delete(key);
      if (!error) {
        if (known.size >= MAX_NAMES) known.clear();
        known.set(key, { addresses, untilMs: clock.nowMs() + KEEP_MS });
      }
      for (const each of all) each(error, addresses);
    });
  };
}
