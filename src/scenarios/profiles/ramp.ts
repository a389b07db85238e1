import { RAMP_RATES } from '../agenda.js';
import type { Profile } from '../profile.js';
import { CAPACITY_ROWS, SCENARIO_ROWS } from '../row-groups.js';
import { MINUTE_MS, STRATEGY_MIX } from './usual.js';

/**
 * Strategy 2.2, scenario 1: does the platform carry 500 viewers who came one after the other?
 * ```
 * 500 |        ______________________________
 *     |      /                               \
 *   0 +----/----------------------------------\----
 *     0:00    5:00                     30:00  35:00
 *       ramp             hold            drain
 * ```
 * Each viewer writes every 30 s and looks at the products every 60 s; 5 % put something into the cart in the hold.
 * The strategy draws 25 min of hold and demands 30 (1.4, 5.1#1): `--hold 30m` gives them.
 */
export const RAMP: Profile = {
  name: 'ramp',
  title: '35 minutes, 500 viewers come in 5 minutes: capacity',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 5 * MINUTE_MS, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 25 * MINUTE_MS, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 5 * MINUTE_MS, fromShare: 1, toShare: 0 },
  ],
  rates: RAMP_RATES,
  judges: [...SCENARIO_ROWS, ...CAPACITY_ROWS],
  defaults: { vus: 500, mix: STRATEGY_MIX },
};
