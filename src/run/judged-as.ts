import type { JudgeContext } from '../stats/gate.js';
import type { PlatformData } from '../stats/platform-series.js';
import type { Ending } from './conclude.js';
import { rowsSpoilt } from './fault-rows.js';
import { asChanged } from './plan-changed.js';
import type { RunRecord } from './run-record.js';

/**
 * What a run is judged by, at its end and while it goes: the plan as it stands now, the rows that it cannot fill, and
 * those whose fault could not be made or mended.
 */
export function judgedAs(planned: RunRecord, ending: Ending): JudgeContext {
  const { profile, rows, phases, planned: crowd, exempt, workers, collect } = asChanged(planned, ending);
  return {
    profileName: profile,
    rows,
    ...(collect === undefined
      ? { gate: 'viewer' }
      : { gate: 'full', platform: ending.platform ?? unread(collect.intervalMs) }),
    ...{ phases, planned: crowd, exempt },
    spoilt: rowsSpoilt(ending.faults ?? []),
    facts: {
      workersPlanned: workers,
      workersDied: ending.workersDied.length,
      completed: ending.completed,
    },
  };
}

/** Nothing was read, or not yet: rows that wait for it have no data. */
function unread(everyMs: number): PlatformData {
  return { everyMs, series: [], untold: {} };
}
