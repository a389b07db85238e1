import type { Profile } from '../profile.js';
import { VIEWER_ROWS } from '../row-groups.js';
import { STRATEGY_MIX } from './usual.js';

/** Strategy 2.2, scenario 1, step 5: 500 viewers, a message of each every 30 s. */
const STRATEGY_CHAT_PER_S = 500 / 30;

/**
 * One minute with 50 viewers: is the platform up, and does everything that a viewer does work? With more than 200
 * viewers the slopes grow, so that at most 20 come or go in a second, and with more than 166 each writes less often, so
 * that the chat is never busier than the strategy's 500 viewers make it.
 * ```
 * 50 |      ______________
 *    |    /               \
 *  0 +--/------------------\--
 *    0  10 s            55 s 60 s
 * ```
 * The strategy's own rates (a chat message every 30 s, products every 60 s, 5 % use the cart) are made for half an
 * hour and would leave most rows of a one-minute run without samples; these fill them with 50 viewers and stay below
 * every limit of the platform. Products are read every 5 s, as the real page does (contract 3.4).
 */
export const SMOKE: Profile = {
  name: 'smoke',
  title: 'one minute, 50 viewers: does everything that a viewer does work',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 10_000, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 45_000, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 5000, fromShare: 1, toShare: 0 },
  ],
  changesPerS: 20,
  anyLength: true,
  chatAtMostPerS: STRATEGY_CHAT_PER_S,
  rates: { chatEveryMs: 10_000, productsEveryMs: 5000, cartAddShare: 0.5 },
  judges: VIEWER_ROWS,
  defaults: { vus: 50, mix: STRATEGY_MIX },
};
