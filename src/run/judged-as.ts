import { REACH_UNKNOWN } from '../report/box-words.js';
import type { JudgeContext, Planned } from '../stats/gate.js';
import type { PlatformData } from '../stats/platform-series.js';
import type { GeneratorFacts } from '../stats/validity.js';
import type { Ending } from './conclude.js';
import { rowsSpoilt } from './fault-rows.js';
import type { BoxRecord } from './fleet-record.js';
import { asChanged } from './plan-changed.js';
import type { RunRecord } from './run-record.js';

/**
 * What a run is judged by, at its end and while it goes: the plan as it stands now, the rows that it cannot fill, and
 * those whose fault could not be made or mended.
 */
export function judgedAs(planned: RunRecord, ending: Ending): JudgeContext {
  const { profile, rows, phases, planned: crowd, exempt, workers, collect } = asChanged(planned, ending);
  const gone = goneBoxes(planned, ending);
  return {
    profileName: profile,
    rows,
    ...(collect === undefined
      ? { gate: 'viewer' }
      : { gate: 'full', platform: ending.platform ?? unread(collect.intervalMs) }),
    ...{ phases, planned: whoWereThere(crowd, gone), exempt },
    unknowable: rowsUnknowable(ending),
    spoilt: rowsSpoilt(ending.faults ?? []),
    facts: {
      workersPlanned: workers,
      workersDied: ending.workersDied.length,
      completed: ending.completed,
      ...goneFacts(gone),
    },
  };
}

/**
 * What a message was to reach is settled by the boxes with each other: of one that was cut off, or killed with
 * messages of which that was open, deliveries were counted that nobody expected, and would make up for missing ones. The
 * same where a box did not hear of another one, though both were there.
 */
function rowsUnknowable({
  boxes = [],
  unheard = [],
}: Pick<Ending, 'boxes' | 'unheard'>): JudgeContext['unknowable'] & object {
  const lost = boxes.filter(({ lostBy }) => lostBy !== undefined).map(({ box }) => box);
  const [deaf] = unheard;
  if (lost.length === 0 && deaf === undefined) return {};
  const who = `box ${lost.join(', ')} ${lost.length === 1 ? 'was' : 'were'} lost for a while or for good`;
  const why = `${lost.length === 0 ? deaf : who}: ${REACH_UNKNOWN}`;
  return { chat_delivery_ratio: why, chat_burst_delivery: why };
}

/** What the generator lacks without them. */
export function goneFacts(gone: readonly BoxRecord[]): Pick<GeneratorFacts, 'gone'> {
  if (gone.length === 0) return {};
  return { gone: { boxes: new Set(gone.map(({ id }) => id)), workers: sumOf(gone, (box) => box.workers) } };
}

/** Nothing was read, or not yet: rows that wait for it have no data. */
function unread(everyMs: number): PlatformData {
  return { everyMs, series: [], untold: {} };
}

/** Boxes that were lost and did not come back. */
export function goneBoxes(
  { fleet }: Pick<RunRecord, 'fleet'>,
  { boxes = [] }: Pick<Ending, 'boxes'>,
): BoxRecord[] {
  const gone = new Set(boxes.filter(({ isGone }) => isGone).map(({ box }) => box));
  return fleet?.boxes.filter(({ id }) => gone.has(id)) ?? [];
}

/** Rows that count viewers are held against those who were there to the end. */
function whoWereThere(crowd: Planned, gone: readonly BoxRecord[]): Planned {
  if (gone.length === 0) return crowd;
  const less = (all: number, of: (box: BoxRecord) => number): number => Math.max(0, all - sumOf(gone, of));
  return {
    ...crowd,
    vus: less(crowd.vus, (box) => box.vus),
    users: less(crowd.users, (box) => box.users),
    byProtocol: {
      hls: less(crowd.byProtocol.hls, (box) => box.byProtocol.hls),
      flv: less(crowd.byProtocol.flv, (box) => box.byProtocol.flv),
    },
  };
}

function sumOf(boxes: readonly BoxRecord[], of: (box: BoxRecord) => number): number {
  return boxes.reduce((sum, box) => sum + of(box), 0);
}
