import type { Profile, Stage } from '../profile.js';
import { BURST_ROWS, SCENARIO_ROWS } from '../row-groups.js';
import { MINUTE_MS, SECOND_MS, STRATEGY_MIX, WATCHING_RATES } from './usual.js';

/** Strategy 1.4 wants 50 carried; who writes exactly 50 shows a little less as often as not. */
const BURST_PER_S = 51;

/** A stage in which all viewers together write 51 messages a second, at the level `share` of the run's viewers. */
export function burstStage(name: string, durationMs: number, share = 1): Stage {
  return { name, role: 'burst', durationMs, fromShare: share, toShare: share, chatPerS: BURST_PER_S };
}

/**
 * Strategy 1.4: 50 chat messages a second, sustained. No scenario's own rates come to that (500 viewers, one message
 * each every 30 s: 17 a second).
 * ```
 * 500 |      __________________________
 *     |    /      |BBBBBBBBBBBBB|      \
 *   0 +--/--------|-------------|-------\--
 *     0:00  1:00 2:00          7:00 8:00 8:30
 *      ramp  hold     burst     after  drain
 * ```
 * B: all viewers together write 51 a second, each about every 10 s (500 viewers). Nobody may write more than 20 in 10 s: below
 * 55 viewers the burst is as busy as their limits let it be.
 */
export const CHAT_BURST: Profile = {
  name: 'chatBurst',
  title: '8.5 minutes, 500 viewers, of which 5 with 50 chat messages a second',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: MINUTE_MS, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: MINUTE_MS, fromShare: 1, toShare: 1 },
    burstStage('burst', 5 * MINUTE_MS),
    { name: 'after', role: 'hold', durationMs: MINUTE_MS, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 30 * SECOND_MS, fromShare: 1, toShare: 0 },
  ],
  rates: WATCHING_RATES,
  judges: [...SCENARIO_ROWS, ...BURST_ROWS],
  defaults: { vus: 500, mix: STRATEGY_MIX },
};
