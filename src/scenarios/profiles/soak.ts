import type { Profile } from '../profile.js';
import { SCENARIO_ROWS, SOAK_ROWS } from '../row-groups.js';
import { HOUR_MS, MINUTE_MS, STRATEGY_MIX } from './usual.js';

/**
 * Strategy 2.2, scenario 3: six hours with 300 viewers, does anything leak?
 * ```
 * 300 |      __________________________________
 *     |    /                                   \
 *   0 +--/--------------------------------------\--
 *     0:00  0:10            (h:min)         5:50 6:00
 *      ramp              hold               drain
 * ```
 * Each viewer writes every 2 min, looks at the products every 5 min, and buys something with a chance of 2 % an hour.
 * 500 viewers for 6 h (1.4) are `--vus 500`.
 */
export const SOAK: Profile = {
  name: 'soak',
  title: '6 hours, 300 viewers: stability and leaks',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 10 * MINUTE_MS, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 5 * HOUR_MS + 40 * MINUTE_MS, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 10 * MINUTE_MS, fromShare: 1, toShare: 0 },
  ],
  rates: { chatEveryMs: 2 * MINUTE_MS, productsEveryMs: 5 * MINUTE_MS, ordersPerHourShare: 0.02 },
  judges: [...SCENARIO_ROWS, ...SOAK_ROWS],
  defaults: { vus: 300, mix: STRATEGY_MIX },
};
