import type { Kpi } from '../../stats/kpi.js';
import { curveOf, isBad, type Point } from '../explanation.js';
import { formatClock, formatValue } from '../figures.js';
import { type Html, html } from './html.js';

const WIDTH = 160;
const HEIGHT = 28;
const EDGE = 2;

/**
 * A row over the run as a line the size of a word: the bound dashed, what is beyond it dotted in. Undefined where there
 * is too little to draw.
 */
export function sparkline(
  kpi: Kpi,
  points: readonly Point[],
  endMs: number,
  status?: string,
): Html | undefined {
  const curve = curveOf(kpi);
  const values = points.map((point) => curve.value(point));
  const known = values.filter((value) => value !== undefined);
  if (known.length < 2 || endMs <= 0) return undefined;
  const [low, high] = rangeOf(known, kpi.bound.value);
  const x = (point: Point): number => round((point.fromMs / endMs) * (WIDTH - 2 * EDGE) + EDGE);
  const y = (value: number): number =>
    round(HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE));
  let path = '';
  let pen = 'M';
  const dots: Html[] = [];
  // What began in one stretch and ended in the next makes a share look bad in one of them.
  const isHealthyShare = status === 'pass' && kpi.bound.op.startsWith('>');
  points.forEach((point, index) => {
    const value = values[index];
    if (value === undefined) {
      pen = 'M';
      return;
    }
    path += `${pen}${x(point)} ${y(value)}`;
    pen = 'L';
    if (!isHealthyShare && isBad(curve, value))
      dots.push(html`<circle cx="${x(point)}" cy="${y(value)}" r="1.6"/>`);
  });
  const boundY = y(kpi.bound.value);
  const label = sparkLabel(kpi, points, values);
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${label}"><path class="limit" d="M0 ${boundY}L${WIDTH} ${boundY}"/><path class="line" d="${path}"/>${dots}</svg>`;
}

/** Both the values and the bound are to be seen, unless the bound is so far off that nothing else would be. */
function rangeOf(values: readonly number[], bound: number): readonly [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const far = (high - low || Math.abs(high) || 1) * 20;
  const from = bound < low - far ? low : Math.min(low, bound);
  const to = bound > high + far ? high : Math.max(high, bound);
  return [from, to];
}

function sparkLabel(kpi: Kpi, points: readonly Point[], values: readonly (number | undefined)[]): string {
  const known = values.flatMap((value, index) =>
    value === undefined ? [] : [{ value, at: points[index]?.fromMs }],
  );
  const lowest = known.reduce((a, b) => (b.value < a.value ? b : a));
  const highest = known.reduce((a, b) => (b.value > a.value ? b : a));
  const say = ({ value, at }: (typeof known)[number]): string =>
    `${formatValue(value, kpi.unit)} at ${formatClock(at ?? 0)}`;
  return `over time: lowest ${say(lowest)}, highest ${say(highest)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
