import { type Curve, isBad, POINT_MS, type Point, worstPoint } from './explanation.js';
import { formatClock, formatNumber } from './figures.js';
import type { Paint } from './style.js';
import { padEnd, padStart, shorten } from './text-width.js';

const MAX_ROWS = 30;
const BAR = 30;

/**
 * A curve as a small chart, one row per interval; in a long run a row is the worst interval of several, for
 * percentiles have no mean. `│` is the bound.
 */
export function chart(
  curve: Curve,
  points: readonly Point[],
  phaseAt: (atMs: number) => string,
  paint: Paint,
): string[] {
  const size = Math.max(1, Math.ceil(points.length / MAX_ROWS));
  const values = points.map((point) => curve.value(point) ?? 0);
  // The best of a share is all of it.
  const share = curve.unit === '%' && curve.bound.op.startsWith('>');
  const full = share ? 100 : Math.max(curve.bound.value * 1.25, maxOf(values)) || 1;
  const each =
    size === 1
      ? `per ${POINT_MS / 1000} s`
      : `the worst ${POINT_MS / 1000} s of each ${formatClock(size * POINT_MS)}`;
  const lines = [
    paint(
      `${curve.title}, ${each}, wanted ${curve.bound.op} ${formatNumber(curve.bound.value)} ${curve.unit}`,
      'strong',
    ),
  ];
  for (let at = 0; at < points.length; at += size) {
    const group = points.slice(at, at + size);
    const fromMs = group[0]?.fromMs ?? 0;
    lines.push(chartRow(curve, fromMs, worstPoint(curve, group), { full, phase: phaseAt(fromMs) }, paint));
  }
  return lines;
}

function chartRow(
  curve: Curve,
  fromMs: number,
  point: Point | undefined,
  { full, phase }: { readonly full: number; readonly phase: string },
  paint: Paint,
): string {
  const value = point && curve.value(point);
  const bad = isBad(curve, value);
  const head = `${padStart(formatClock(fromMs), 9)} ${padEnd(shorten(phase, 8), 8)}`;
  const picture = bar(value ?? 0, curve.bound.value, full);
  const shown = value === undefined ? '-' : `${short(value)} ${curve.unit}`;
  const samples = point && curve.samples ? `  n ${short(curve.samples(point))}` : '';
  return `${head} ${paint(picture, bad ? 'bad' : 'dim')} ${bad ? '✗' : ' '}${padStart(shown, 14)}${samples}`;
}

function bar(value: number, bound: number, full: number): string {
  const columns = (size: number): number => Math.round(Math.min(1, Math.max(0, size / full)) * BAR);
  const filled = '█'.repeat(columns(value)).padEnd(BAR, ' ');
  const at = Math.min(BAR - 1, columns(bound));
  return filled[at] === ' ' ? `${filled.slice(0, at)}│${filled.slice(at + 1)}` : filled;
}

function short(value: number): string {
  const text = formatNumber(value);
  return text.length <= 8 ? text : value.toExponential(1);
}

function maxOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
