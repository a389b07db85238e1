import { formatClock } from '../figures.js';

/** `0:25–0:29`, or one instant. */
export function rangeText(fromMs: number, toMs?: number): string {
  return toMs === undefined ? formatClock(fromMs) : `${formatClock(fromMs)}–${formatClock(toMs)}`;
}
