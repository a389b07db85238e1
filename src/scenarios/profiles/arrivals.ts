import { RAMP_RATES } from '../agenda.js';
import { type Arrivals, meanCrowd, stagesOfArrivals } from '../arrivals.js';
import type { Profile } from '../profile.js';
import { rowsOfLoad } from '../row-groups.js';
import { STRATEGY_MIX } from './usual.js';

/** An open load as a profile of its own: viewers come, act as those of the strategy's scenario 1, and go. */
export function arrivalsProfile(arrivals: Arrivals): Profile {
  const stages = stagesOfArrivals(arrivals);
  const crowd = Math.max(1, Math.round(meanCrowd(arrivals)));
  return {
    name: 'arrivals',
    title: `viewers come and go, about ${crowd} at a time`,
    arrivals,
    stages,
    rates: RAMP_RATES,
    judges: rowsOfLoad({ stages }),
    defaults: { vus: crowd, mix: STRATEGY_MIX },
  };
}
