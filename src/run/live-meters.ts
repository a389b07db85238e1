import { type MeterLine, PlatformLog } from '../stats/platform-log.js';
import type { PlatformData } from '../stats/platform-series.js';
import type { Ending } from './conclude.js';
import { USUAL_INTERVAL_MS } from './read-system.js';

/** What the platform's own meters have said so far, of a run that goes. */
export interface LiveMeters {
  take(line: MeterLine): void;
  /** As a reading of the folder would give it now. */
  data(): PlatformData;
}

/** Undefined when the run collects nothing. */
export function createLiveMeters(of: {
  readonly collect?: { readonly intervalMs?: number } | undefined;
}): LiveMeters | undefined {
  const { collect } = of;
  if (collect === undefined) return undefined;
  const log = new PlatformLog();
  const everyMs = collect.intervalMs ?? USUAL_INTERVAL_MS;
  return { take: (line) => log.add(line), data: () => log.data(everyMs) };
}

/** What a run that goes has come to, its platform's meters among it. */
export function withMeters(ending: Ending, meters: Pick<LiveMeters, 'data'> | undefined): Ending {
  return meters === undefined ? ending : { ...ending, platform: meters.data() };
}
