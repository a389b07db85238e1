import { formatBytes, formatNumber } from './figures.js';
import type { BoxSummary, Summary } from './summary-schema.js';

/** `3 of 3: a 4 viewers, b 4 viewers, c 4 viewers`; of a box that was lost, that it was. */
export function boxesText(boxes: readonly BoxSummary[]): string {
  const there = boxes.filter(({ isGone }) => !isGone).length;
  const each = boxes.map(({ id, vus, isGone, lost, gaps }) => {
    const doubts = [
      isGone ? 'lost' : lost === undefined ? '' : 'lost and back',
      gaps > 0 ? 'ticks missing' : '',
    ];
    const said = doubts.filter((one) => one !== '').join(', ');
    return `${id} ${vus} viewers${said === '' ? '' : ` (${said})`}`;
  });
  return `${there} of ${boxes.length}: ${each.join(', ')}`;
}

/** `2 lost`, and viewers that went with a box that was lost, who are counted nowhere else. */
export function lostText({ vus, boxes = [] }: Pick<Summary, 'vus' | 'boxes'>): string {
  const gone = boxes.filter(({ isGone }) => isGone).reduce((sum, box) => sum + box.vus, 0);
  return `${vus.lost} lost${gone === 0 ? '' : `, ${gone} gone with a load box`}`;
}

/** Columns of the table of boxes. */
export const BOX_COLUMNS: readonly {
  readonly title: string;
  text(box: BoxSummary): string;
}[] = [
  { title: 'box', text: ({ id }) => id },
  { title: 'host', text: ({ host }) => host },
  { title: 'cores', text: ({ cores }) => formatNumber(cores) },
  { title: 'version', text: ({ version }) => version },
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
    title: 'silent',
    text: ({ silentMs }) => (silentMs === 0 ? '–' : `${formatNumber(Math.round(silentMs / 100) / 10)} s`),
  },
  { title: 'records', text: ({ records }) => (records === null ? '–' : String(records.received)) },
  { title: 'missing', text: ({ records, gaps }) => missingText(records?.missing, gaps) },
  { title: 'twice', text: ({ records }) => (records === null ? '–' : String(records.duplicates)) },
];

/** `+1.2 ms ± 0.4 ms`: how far its clock is from the coordinator's. */
function clockText({ clock }: BoxSummary): string {
  if (clock === null) return '–';
  // What is to be added to its clock says how far it is behind.
  const ahead = -clock.offsetMs;
  const off = ms(Math.abs(ahead));
  return `${off === ms(0) ? '' : ahead < 0 ? '−' : '+'}${off} ± ${ms(clock.errorMs)}`;
}

function missingText(records: number | undefined, gaps: number): string {
  if (records === undefined && gaps === 0) return '–';
  return gaps === 0 ? String(records) : `${records ?? '?'}, ${gaps} gaps in its ticks`;
}

function ms(value: number): string {
  return `${formatNumber(Math.round(value * 10) / 10)} ms`;
}
