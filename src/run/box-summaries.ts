import type { BoxSummary } from '../report/summary-schema.js';
import type { BoxTotals, Totals } from '../stats/merge.js';
import { type BoxStory, lossWords } from './box-stories.js';
import { MAX_CLOCK_ERROR_MS } from './clocks-known.js';
import type { Ending } from './conclude.js';
import type { BoxRecord, FleetRecord } from './fleet-record.js';
import { goneBoxes } from './judged-as.js';
import type { RunRecord } from './run-record.js';

/** One row per load box, for the summary and its reports. Pure. */
export function boxSummaries(
  { boxes }: FleetRecord,
  stories: readonly BoxStory[],
  totals: Pick<Totals, 'boxes' | 'workers' | 'toMs'>,
): BoxSummary[] {
  return boxes.map((record) => {
    const story = stories.find(({ box }) => box === record.id);
    return boxSummary(record, story, totals);
  });
}

function boxSummary(
  { id, hostname, cores, version, workers, vus }: BoxRecord,
  story: BoxStory | undefined,
  totals: Pick<Totals, 'boxes' | 'workers' | 'toMs'>,
): BoxSummary {
  const own: Partial<BoxTotals> = totals.boxes.get(id) ?? {};
  const lost = story && lossWords(story);
  const silences = story?.silences ?? [];
  const { figures } = story ?? {};
  let gaps = 0;
  for (const [name, worker] of totals.workers) if (name.startsWith(`${id}/`)) gaps += worker.seqs.gaps;
  return {
    ...{ id, host: hostname, cores, version, workers, vus },
    isGone: story?.isGone ?? false,
    ...(lost === undefined ? {} : { lost }),
    silentMs: silences.reduce((sum, { fromMs, toMs = totals.toMs }) => sum + Math.max(0, toMs - fromMs), 0),
    ticks: own.ticks ?? 0,
    gaps,
    cpuMs: own.cpuMs ?? null,
    rssBytes: own.rssBytes ?? null,
    worstLoopDelayMs: own.worstLoopDelayMs ?? null,
    records:
      figures === undefined
        ? null
        : {
            received: figures.received,
            duplicates: figures.duplicates,
            missing: figures.missing,
            garbage: figures.garbage,
          },
    clock:
      figures?.clockOffsetMs === undefined
        ? null
        : {
            offsetMs: figures.clockOffsetMs,
            errorMs: figures.clockErrorMs ?? 0,
            driftMsPerHour: figures.clockDriftMsPerHour ?? null,
          },
  };
}

/** What of the boxes a reader of the verdict must know. */
export function boxNotes(
  record: Pick<RunRecord, 'fleet' | 'planned'>,
  ending: Pick<Ending, 'boxes'>,
): string[] {
  const { fleet, planned } = record;
  if (fleet === undefined) return [];
  const stories = ending.boxes ?? [];
  const gone = goneBoxes(record, ending);
  const there = fleet.boxes.length - gone.length;
  const vus = planned.vus - gone.reduce((sum, box) => sum + box.vus, 0);
  return [
    ...(gone.length === 0
      ? []
      : [
          `${there} of ${fleet.boxes.length} boxes and ${vus} of ${planned.vus} viewers were there to the end: rows that count viewers are judged on those`,
        ]),
    ...stories.flatMap((story) => lossWords(story) ?? []),
    ...stories.flatMap(({ box, figures }) => {
      if (figures === undefined) return [];
      const { missing, received, garbage, unsaved = 0, clockErrorMs = 0 } = figures;
      return [
        ...(clockErrorMs > MAX_CLOCK_ERROR_MS
          ? [
              `box ${box}: its clock was up to ${Math.round(clockErrorMs)} ms off at times: so wrong may latencies between it and others be`,
            ]
          : []),
        ...(missing > 0 ? [`box ${box}: ${missing} of ${missing + received} records are missing`] : []),
        ...(garbage > 0 ? [`box ${box}: ${garbage} messages in its name were none`] : []),
        ...(unsaved > 0
          ? [`box ${box}: ${unsaved} records found no room on its disk, and came from its memory`]
          : []),
      ];
    }),
  ];
}
