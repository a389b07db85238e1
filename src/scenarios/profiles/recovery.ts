import { classOf, type FaultAction, type FaultStep, PUBLISHER_GRACE_MS } from '../fault-step.js';
import type { Profile, Stage } from '../profile.js';
import { RECOVERY_ROWS, SCENARIO_ROWS } from '../row-groups.js';
import { MINUTE_MS, SECOND_MS, SETTLE_MS, STRATEGY_MIX, WATCHING_RATES } from './usual.js';

/**
 * Strategy 2.2, scenario 4: four things break, do the viewers come back?
 * ```
 * 300 |     ________________________________________________
 *     |   /     |P        |O        |K        |D           \
 *   0 +--/------|---------|---------|---------|-------------\--
 *     0:00  3:00 5:00     10:00     15:00     20:00    24:00 25:00
 *      ramp settle                                       drain
 *
 * stage (role fault)      breaks         from    for   after   whole stage
 * P  partition            the network    5:00   10 s   10 s      20 s
 * O  publisher_loss       the publisher 10:00    5 s   10 s      15 s
 * K  media_kill           SRS           15:00    5 s   35 s      40 s
 * D  publisher_drop       the publisher 20:00   60 s   10 s      70 s
 * ```
 * A fault begins with its stage. The stage ends 10 s after the fault, so that what a fault is allowed to do stands in
 * no hold; that of SRS is longer, since the strategy gives it 30 s to be back. What is judged as ordinary watching is
 * `settle` and the stretch behind each (`after_…`). D is not the strategy's: the real platform waits 45 s before it
 * calls a stream OFFLINE, so no shorter loss shows LIVE -> OFFLINE -> LIVE. Nor is the drain: all leave as from a ramp.
 * A time scale leaves every fault and its stage as they are, and 30 s at least behind each.
 */
export const RECOVERY: Profile = {
  name: 'recovery',
  title: '25 minutes, 300 viewers: network, publisher and media server break and come back',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 3 * MINUTE_MS, fromShare: 0, toShare: 1 },
    calm('settle', 2 * MINUTE_MS),
    fault('partition', 20),
    calm('after_partition', 5 * MINUTE_MS - 20 * SECOND_MS),
    fault('publisher_loss', 15),
    calm('after_publisher_loss', 5 * MINUTE_MS - 15 * SECOND_MS),
    fault('media_kill', 40),
    calm('after_media_kill', 5 * MINUTE_MS - 40 * SECOND_MS),
    fault('publisher_drop', 70),
    calm('after_publisher_drop', 4 * MINUTE_MS - 70 * SECOND_MS),
    { name: 'drain', role: 'drain', durationMs: MINUTE_MS, fromShare: 1, toShare: 0 },
  ],
  faults: [
    breaks('partition', 10, { on: 'network', do: 'partition' }),
    breaks('publisher_loss', 5, { on: 'publisher', do: 'stop' }),
    breaks('media_kill', 5, { on: 'media', do: 'kill' }),
    breaks('publisher_drop', 60, { on: 'publisher', do: 'stop' }),
  ],
  rates: WATCHING_RATES,
  judges: [...SCENARIO_ROWS, ...RECOVERY_ROWS],
  defaults: { vus: 300, mix: STRATEGY_MIX },
};

function fault(name: string, seconds: number): Stage {
  return { name, role: 'fault', durationMs: seconds * SECOND_MS, fromShare: 1, toShare: 1 };
}

/** A fault that begins with the stage of its name. */
function breaks(name: string, seconds: number, action: FaultAction): FaultStep {
  const forMs = seconds * SECOND_MS;
  return { name, stage: name, atMs: 0, forMs, action, breaks: classOf(action), graceMs: PUBLISHER_GRACE_MS };
}

function calm(name: string, durationMs: number): Stage {
  return { name, role: 'hold', durationMs, fromShare: 1, toShare: 1, leastMs: SETTLE_MS };
}
