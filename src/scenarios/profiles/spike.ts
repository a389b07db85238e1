import { RAMP_RATES } from '../agenda.js';
import type { Profile } from '../profile.js';
import { SCENARIO_ROWS, SPIKE_ROWS } from '../row-groups.js';
import { MINUTE_MS, SECOND_MS, STRATEGY_MIX } from './usual.js';

/** The 50 of the strategy's 500. */
const FEW = 0.1;

/**
 * Strategy 2.2, scenario 2: a link is shared, 450 viewers come within half a minute, and go again.
 * ```
 * 500 |            ___________________________
 *     |           |                           |
 *  50 |___________|                           |________________
 *   0 |-----------------------------------------------------------
 *     0:00     2:00 2:30               10:00 10:30         15:00
 *      baseline spike       hold         drop settle recovery
 * ```
 * The first 50 come within 5 s (phase `arrive`): nobody appears in no time, and the baseline is no crowd at a door.
 * The platform has 2 min to recover (`settle`); what is as it was before is asked of the time after them.
 * Nobody comes in the recovery: `spike_join_return` is not judged in the spike as it is drawn, and says so.
 * The strategy says nothing of what the viewers do; they do what those of scenario 1 do.
 */
export const SPIKE: Profile = {
  name: 'spike',
  title: '15 minutes, 50 viewers and 450 more within 30 s: a burst of joins',
  stages: [
    { name: 'arrive', role: 'ramp', durationMs: 5 * SECOND_MS, fromShare: 0, toShare: FEW },
    { name: 'baseline', role: 'hold', durationMs: 115 * SECOND_MS, fromShare: FEW, toShare: FEW },
    { name: 'spike', role: 'spike', durationMs: 30 * SECOND_MS, fromShare: FEW, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 7.5 * MINUTE_MS, fromShare: 1, toShare: 1 },
    { name: 'drop', role: 'drain', durationMs: 30 * SECOND_MS, fromShare: 1, toShare: FEW },
    { name: 'settle', role: 'drain', durationMs: 2 * MINUTE_MS, fromShare: FEW, toShare: FEW },
    { name: 'recovery', role: 'recovery', durationMs: 2.5 * MINUTE_MS, fromShare: FEW, toShare: FEW },
  ],
  rates: RAMP_RATES,
  judges: [...SCENARIO_ROWS, ...SPIKE_ROWS],
  defaults: { vus: 500, mix: STRATEGY_MIX },
};
