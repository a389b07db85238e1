import type { Rates } from './agenda.js';

/**
 * How viewers act. `strategy`: at the strategy's rates, and every join waits until the platform says that it
 * listens. `page`: as the platform's own live page does, with its timers, its order of opening sockets, and joins
 * that may be lost (contract 1.7, 3.4, 4.4).
 */
export type Behaviour = 'strategy' | 'page';

export const BEHAVIOURS: readonly Behaviour[] = ['strategy', 'page'];

/** What the live page reads by timers (contract 3.4). What people do with it is the profile's matter. */
const PAGE_READS: Rates = {
  productsEveryMs: 5000,
  statusEveryMs: 15_000,
  noticesEveryMs: 15_000,
  cartEveryMs: 30_000,
};

/** The rates of a profile as a behaviour changes them. */
export function ratesOf(behaviour: Behaviour, rates: Rates): Rates {
  return behaviour === 'page' ? { ...rates, ...PAGE_READS } : rates;
}
