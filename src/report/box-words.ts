import { formatBytes, formatNumber } from './figures.js';
import type { BoxSummary, Summary } from './summary-schema.js';

/** Why no row is judged that counts what chat was to reach. */
export const REACH_UNKNOWN = 'what messages were to reach is not known';

/** More boxes than these are a number in a text. */
const MAX_NAMED = 12;

/** `3 of 3: a 4 viewers, b 4 viewers, c 4 viewers`; of a box that was lost, that it was. */
export function boxesText(boxes: readonly BoxSummary[]): string {
  const there = boxes.filter(({ isGone }) => !isGone).length;
  const each = boxes.map(({ id, vus, isGone, lost, gaps }) => {
    const doubts = [
      isGone ? 'lost' : lost === undefined ? '' : 'lost and back',
      gaps > 0 ? 'ticks missing' : '',
    ];
    const said = doubts.filter((one) => one !== '').join(', ');
    return `${id} ${vus} ${vus === 1 ? 'viewer' : 'viewers'}${said === '' ? '' : ` (${said})`}`;
  });
  const more = each.length - MAX_NAMED;
  return `${there} of ${boxes.length}: ${each.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** When and why boxes were lost, one a line; none = no box was. */
export function lossTexts(boxes: readonly BoxSummary[]): readonly string[] {
  const lost = boxes.flatMap(({ lost: words }) => words ?? []);
  const more = lost.length - MAX_NAMED;
  return more > 0 ? [...lost.slice(0, MAX_NAMED), `and ${more} more boxes`] : lost;
}

/** `2 lost`, and viewers that went with a box that was lost, who are counted nowhere else. */
export function lostText({ vus, boxes = [] }: Pick<Summary, 'vus' | 'boxes'>): string {
  const gone = boxes.filter(({ isGone }) => isGone).reduce((sum, box) => sum + box.vus, 0);
  return `${vus.lost} lost${gone === 0 ? '' : `, ${gone} gone with a load box`}`;
}

/** Columns of the table of boxes, without the version: boxes of another than the run's are not taken. */
export const BOX_COLUMNS: readonly {
  readonly title: string;
  text(box: BoxSummary): string;
}[] = [
  { title: 'box', text: ({ id }) => id },
  { title: 'host', text: ({ host }) => host },
  { title: 'cores', text: ({ cores }) => formatNumber(cores) },
  { title: 'workers', text: ({ workers }) => String(workers) },
  { title: 'viewers', text: ({ vus }) => String(vus) },
  { title: 'clock', text: clockText },
  {
    title: 'drift',
    text: ({ clock }) => (clock?.driftMsPerHour == null ? '–' : `${ms(clock.driftMsPerHour)} an hour`),
  },
  { title: 'worst lag', text: ({ worstLoopDelayMs: lag }) => (lag === null ? '–' : ms(lag)) },
  {
    title: 'CPU',
    text: ({ cpuMs }) => (cpuMs === null ? '–' : `${formatNumber(Math.round(cpuMs / 100) / 10)} s`),
  },
  { title: 'memory', text: ({ rssBytes }) => (rssBytes === null ? '–' : formatBytes(rssBytes)) },
  {
    title: 'late or lost',
    text: ({ silentMs }) => (silentMs === 0 ? '–' : `${formatNumber(Math.round(silentMs / 100) / 10)} s`),
  },
  { title: 'records', text: recordsText },
];

/** `+1.2 ms ± 0.4 ms`: how far its clock is from the coordinator's. */
function clockText({ clock }: BoxSummary): string {
  if (clock === null) return '–';
  // What is to be added to its clock says how far it is behind.
  const ahead = -clock.offsetMs;
  const off = ms(Math.abs(ahead));
  return `${off === ms(0) ? '' : ahead < 0 ? '−' : '+'}${off} ± ${ms(clock.errorMs)}`;
}

/** `48, 2 missing`: what of it came over the wire, and what of that is not as it should be. */
function recordsText({ records, gaps }: BoxSummary): string {
  const { missing = 0, duplicates = 0 } = records ?? {};
  const doubts = [
    missing > 0 ? `${missing} missing` : '',
    gaps > 0 ? `${gaps} gaps in its ticks` : '',
    duplicates > 0 ? `${duplicates} came twice` : '',
  ];
  const received = records === null ? '–' : String(records.received);
  return [received, ...doubts.filter((one) => one !== '')].join(', ');
}

function ms(value: number): string {
  return `${formatNumber(Math.round(value * 10) / 10)} ms`;
}
