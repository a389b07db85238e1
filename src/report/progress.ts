import { uncertaintyWords } from '../clock/clock-words.js';
import { formatClock, formatSpan } from './figures.js';
import { boxWords } from './live-boxes.js';
import { faultFields, type LiveFault } from './live-fault.js';
import type { LiveState } from './live-state.js';
import { printable, shorten, widthOf } from './text-width.js';

/** Widest line of progress. */
const WIDTH = 100;

/**
 * One line of progress, without a newline, at most 100 columns:
 * `hold 0:25/1:00, 50/50 watching, 0 rebuffering, err 0, ok, flv 1.2 s, hls 4.1 s, chat 12 ms`.
 * The words are those of the live view. What is unknown yet is left out, and so is, from the end, what finds no room.
 */
export function formatProgress(state: LiveState): string {
  const { phase, elapsedMs, totalMs, wanted, watching, rebuffering, frozen, generator } = state;
  const errors = state.errors.reduce((sum, { count }) => sum + count, 0);
  const where = state.leaving === undefined ? phase : 'leaving';
  const clock = state.clockUncertaintyMs;
  const delays = [
    ['flv', state.delayMs.flv],
    ['hls', state.delayMs.hls],
  ] as const;
  const spans: readonly (readonly [string, number | undefined])[] = [
    ['chat', state.chatMs],
    ['first flv', state.firstFrameMs.flv],
    ['first hls', state.firstFrameMs.hls],
  ];
  const fields = [
    `${printable(where)} ${formatClock(elapsedMs)}/${formatClock(totalMs)}`.trim(),
    `${watching}/${wanted} watching`,
    ...(state.fault === undefined ? [] : [faultText(state.fault)]),
    ...boxesText(state.boxes),
    `${rebuffering} rebuffering`,
    ...(frozen > 0 ? [`${frozen} frozen`] : []),
    `err ${errors}`,
    ...(state.alerts === undefined || state.alerts.length === 0 ? [] : [`${state.alerts.length} alerts`]),
    generator.health,
    ...delays.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${formatSpan(ms)}`])),
    ...(clock === undefined ? [] : [uncertaintyWords(clock === 'unknown' ? undefined : clock)]),
    ...spans.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${formatSpan(ms)}`])),
  ];
  let line = '';
  for (const field of fields) {
    const longer = line === '' ? shorten(field, WIDTH) : `${line}, ${field}`;
    if (widthOf(longer) > WIDTH) break;
    line = longer;
  }
  return line;
}

/** All are there: nothing needs to be said. */
function boxesText(boxes: LiveState['boxes']): string[] {
  if (boxes === undefined) return [];
  const { count, missing } = boxWords(boxes);
  return missing.length === 0
    ? []
    : [`${count} boxes (${missing.map(({ id, state }) => `${id} ${state}`).join(', ')})`];
}

function faultText(fault: LiveFault): string {
  const { what, who, missing } = faultFields(fault);
  return printable([`fault ${what}`, who, ...(missing === undefined ? [] : [missing])].join(' '));
}
