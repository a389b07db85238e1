import type { LiveBox, LiveBoxState } from '../report/live-state.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import type { RecentWindow } from '../stats/recent.js';
import type { BoxStory } from './box-stories.js';
import type { BoxFigures } from './fleet.js';
import type { BoxRecord, FleetRecord } from './fleet-record.js';

/** What is known of the boxes of a run while it goes. */
export interface BoxesSight {
  readonly fleet: Pick<FleetRecord, 'boxes'> | undefined;
  /** Of boxes that something is known of. */
  readonly stories: readonly BoxStory[] | undefined;
  readonly totals: Totals;
  readonly recent: RecentWindow;
  /** As this end of the wire has them now; absent = only what was written down is known. */
  figures?(box: string): BoxFigures | undefined;
}

/** The boxes as they stand, one each; undefined = the run goes on one machine. Pure. */
export function liveBoxesOf(sight: BoxesSight): LiveBox[] | undefined {
  return sight.fleet?.boxes.map((record) => liveBox(record, sight));
}

function liveBox(record: BoxRecord, sight: BoxesSight): LiveBox {
  const { id, hostname, cores, vus } = record;
  const story = sight.stories?.find(({ box }) => box === id);
  const { state, sinceMs } = stateOf(record, story, sight.totals);
  const figures = sight.figures?.(id) ?? story?.figures;
  const { clockOffsetMs: offsetMs, clockErrorMs: errorMs } = figures ?? {};
  const wasLost = story?.lostBy !== undefined;
  return {
    ...{ id, host: hostname, cores, vus, state },
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(state === 'lost' && wasLost ? { why: story.lostBy } : {}),
    wasLost: state !== 'lost' && wasLost,
    // The last word of a silent box is not of now.
    ...(state === 'here' ? figuresNow(id, sight) : {}),
    ...(offsetMs === undefined ? {} : { clock: { offsetMs, errorMs } }),
  };
}

function stateOf(
  { id, workers }: BoxRecord,
  story: BoxStory | undefined,
  totals: Totals,
): { readonly state: LiveBoxState; readonly sinceMs?: number } {
  const silence = story?.silences.at(-1);
  if (silence !== undefined && silence.toMs === undefined)
    return { state: silence.state, sinceMs: silence.fromMs };
  const threads = [...totals.workers].filter(([name]) => isOf(name, id));
  const isOver = threads.length >= workers && threads.every(([, { ended }]) => ended);
  return { state: isOver ? 'over' : 'here' };
}

function figuresNow(id: string, { totals, recent }: BoxesSight): Partial<LiveBox> {
  const own = [...totals.workers.keys()].some((name) => isOf(name, id));
  if (!own) return {};
  const others = new Set([...totals.boxes.keys()].filter((box) => box !== id));
  return {
    watching: gaugeNow(totals, 'vus_watching_count', others),
    loopMs: gaugeNow(totals, 'event_loop_delay_p99_ms', others),
    cpuCores: recent.cpuCores(id),
  };
}

const isOf = (worker: string, box: string): boolean => worker.startsWith(`${box}/`);
