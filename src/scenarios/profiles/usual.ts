import { RAMP_RATES, type Rates } from '../agenda.js';
import type { Mix } from '../profile.js';

/** Strategy 2.2, scenario 1, step 4: mirrors the real traffic. */
export const STRATEGY_MIX: Mix = { hls: 70, flv: 30 };

/** Strategy 2.2, scenario 1, steps 5 and 6; other scenarios that say nothing of their viewers have them too. */
export const WATCHING_RATES: Rates = {
  chatEveryMs: RAMP_RATES.chatEveryMs ?? 30_000,
  productsEveryMs: RAMP_RATES.productsEveryMs ?? 60_000,
};

export const SECOND_MS = 1000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/**
 * Fewest real time that a time scale leaves of a stretch in which viewers should come back to rest after a fault,
 * ms: the longest that the strategy gives a platform to mend itself (2.2, scenario 4: 30 s).
 */
export const SETTLE_MS = 30_000;
