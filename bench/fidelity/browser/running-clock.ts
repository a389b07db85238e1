/** Slower than this share of real time between two ticks, the media clock stands. */
const STANDS_BELOW = 0.2;

export interface Running {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * When the element's clock ran, from its position at each tick (instant in ms, position in s). Pieces that touch
 * are one; a jump of the position is no running.
 */
export function runningSpans(ticks: readonly (readonly [number, number])[]): readonly Running[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (let i = 1; i < ticks.length; i++) {
    const [fromMs, fromS] = ticks[i - 1] as readonly [number, number];
    const [toMs, toS] = ticks[i] as readonly [number, number];
    const movedMs = (toS - fromS) * 1000;
    const tickMs = toMs - fromMs;
    if (movedMs < tickMs * STANDS_BELOW || movedMs > 2 * tickMs + 100) continue;
    const last = spans.at(-1);
    if (last?.toMs === fromMs) last.toMs = toMs;
    else spans.push({ fromMs, toMs });
  }
  return spans;
}

/** The parts of from..to in which the clock ran. */
export function runningWithin(spans: readonly Running[], fromMs: number, toMs: number): readonly Running[] {
  return spans
    .map((span) => ({ fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) }))
    .filter((span) => span.toMs > span.fromMs);
}

/** How long the clock ran within from..to, ms. */
export function runningMs(spans: readonly Running[], fromMs: number, toMs: number): number {
  return runningWithin(spans, fromMs, toMs).reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}
