import type { Profile } from '../profile.js';
import { SCENARIO_ROWS } from '../row-groups.js';
import { type Steps, stagesOfSteps } from '../steps.js';
import { MINUTE_MS, STRATEGY_MIX, WATCHING_RATES } from './usual.js';

/** Strategy 5.3; with `--vus N` in proportion to N. */
const STEPS: Steps = {
  levels: [100, 300, 500, 700, 1000],
  riseMs: MINUTE_MS,
  holdMs: 5 * MINUTE_MS,
  drainMs: MINUTE_MS,
};

/**
 * Strategy 5.3: at how many viewers does the platform break?
 * ```
 * 1000 |                                     ________
 *  700 |                           ________/         \
 *  500 |                 ________/                    \
 *  300 |       ________/                               \
 *  100 |_____/                                          \
 *    0 +/------------------------------------------------\--
 *      0:00   6:00    12:00    18:00    24:00     30:00  31:00
 *       rise_1 rise_2 ...    (1 min each)           drain
 *        step_1  step_2 ...  (5 min each)
 * ```
 * The strategy says 5 min for each step and nothing of the way between; a minute each.
 */
export const ESCALATION: Profile = {
  name: 'escalation',
  title: '31 minutes, 100 to 1000 viewers in five steps: the breaking point',
  stages: stagesOfSteps(STEPS),
  steps: STEPS,
  rates: WATCHING_RATES,
  judges: SCENARIO_ROWS,
  defaults: { vus: 1000, mix: STRATEGY_MIX },
};
