import type { FidelityProtocol } from '../story.js';

/** How far our viewer may be from the browser before a number counts as a miss. Milliseconds unless named otherwise. */
export interface Bounds {
  /** A wait this long is a rebuffer; shorter ones are micro-waits, which nobody sees and nobody counts. */
  readonly rebufferMinMs: number;
  /** Beginning and end of a rebuffer. */
  readonly boundaryMs: Readonly<Record<FidelityProtocol, number>>;
  /** All rebuffering of a run: the larger of the two. */
  readonly totalMs: number;
  readonly totalShare: number;
  readonly firstFrameMs: number;
  readonly latencyMs: number;
}

/** What the document is judged by. */
export const BOUNDS: Bounds = {
  rebufferMinMs: 150,
  boundaryMs: { hls: 50, flv: 100 },
  totalMs: 100,
  totalShare: 0.05,
  firstFrameMs: 100,
  latencyMs: 100,
};

/** For single runs on a machine that does other things as well: the test suite. */
export const WIDE_BOUNDS: Bounds = {
  rebufferMinMs: 150,
  boundaryMs: { hls: 120, flv: 180 },
  totalMs: 250,
  totalShare: 0.1,
  firstFrameMs: 250,
  latencyMs: 250,
};

/** The bound on the difference of all rebuffering, given what the browser had, ms. */
export function totalBoundMs(bounds: Bounds, browserTotalMs: number): number {
  return Math.max(bounds.totalMs, bounds.totalShare * browserTotalMs);
}
