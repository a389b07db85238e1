import { formatClock } from '../report/figures.js';
import { boxWords } from '../report/live-boxes.js';
import type { LiveBox, LiveBoxState } from '../report/live-state.js';
import type { BoxesState, BoxRow, Figure, FigureTone, FigureUnit } from './state.js';

/** Rows that are shown; those of which nobody hears come first. */
export const MAX_BOX_ROWS = 50;

const ORDER: Readonly<Record<LiveBoxState, number>> = { lost: 0, late: 1, here: 2, over: 3 };
const TONES: Readonly<Record<LiveBoxState, FigureTone | undefined>> = {
  lost: 'bad',
  late: 'warn',
  here: undefined,
  over: undefined,
};
/** Where a run becomes invalid. */
const MAX_LOOP_MS = 50;

/** The load boxes of a run, one a row; undefined = it goes on one machine. Pure. */
export function boxesState(boxes: readonly LiveBox[] | undefined): BoxesState | undefined {
  if (boxes === undefined) return undefined;
  const { count, missing } = boxWords(boxes);
  const sum = (list: readonly LiveBox[]): number => list.reduce((all, { vus }) => all + vus, 0);
  const there = boxes.filter(({ state }) => state !== 'lost');
  const tone = missing.some(({ state }) => state === 'lost')
    ? ({ tone: 'bad' } as const)
    : missing.length > 0
      ? ({ tone: 'warn' } as const)
      : {};
  // Sorting is stable: boxes of one state stay as viewers were dealt to them.
  const sorted = [...boxes].sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  return {
    list: sorted.slice(0, MAX_BOX_ROWS).map(rowOf),
    words: `${count} boxes, with ${sum(there)} of ${sum(boxes)} viewers`,
    ...tone,
    more: Math.max(0, boxes.length - MAX_BOX_ROWS),
  };
}

function rowOf(box: LiveBox): BoxRow {
  const tone = TONES[box.state];
  return {
    ...{ name: box.id, host: box.host, state: stateWords(box) },
    ...(tone === undefined ? {} : { tone }),
    figures: figuresOf(box),
  };
}

function stateWords({ state, sinceMs, why, wasLost }: LiveBox): string {
  if (state === 'over') return wasLost ? 'all have left; it was lost meanwhile' : 'all have left';
  if (state === 'here') return wasLost ? 'here, after it was lost' : 'here';
  const since = sinceMs === undefined ? '' : ` since ${formatClock(sinceMs)}`;
  return `${state}${since}${why === undefined ? '' : `: ${why}`}`;
}

function figuresOf(box: LiveBox): Figure[] {
  const { state, vus, watching, loopMs, cpuCores, cores, clock } = box;
  const why =
    state === 'here'
      ? 'nothing measured yet'
      : state === 'over'
        ? 'all its viewers have left'
        : 'nobody hears from it';
  const figure = (
    id: string,
    label: string,
    unit: FigureUnit,
    value: number | undefined,
    isBad = false,
  ): Figure => ({
    ...{ id, label, unit, value: value ?? null },
    ...(value === undefined ? { why } : isBad ? { tone: 'bad' as const } : {}),
  });
  const unknown = 'told at the end of the run, or not compared yet';
  // What is to be added to its clock says how far it is behind.
  const ahead = clock === undefined ? undefined : -clock.offsetMs;
  const off = figure('clock', 'clock off by', 'ms', ahead);
  const error = figure('clock_error', 'known to', 'ms', clock?.errorMs);
  return [
    figure('share', 'its viewers', 'count', vus),
    figure('watching', 'with a picture', 'count', watching),
    figure('loop', 'event loop p99', 'ms', loopMs, (loopMs ?? 0) > MAX_LOOP_MS),
    figure('cpu', 'CPU, all cores', '%', cpuCores === undefined ? undefined : (100 * cpuCores) / cores),
    off.value === null ? { ...off, why: unknown } : off,
    error.value === null ? { ...error, why: unknown } : error,
  ];
}
