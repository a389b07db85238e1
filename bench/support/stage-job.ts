/** What the parent tells the process of the stage's raw viewers, and what it hears. */
export interface StageDrainJob {
  readonly flvUrl: string;
  readonly hlsUrl: string;
  readonly flvViewers: number;
  readonly hlsViewers: number;
  /** Viewers join evenly within this time, ms. */
  readonly spreadMs: number;
}

export type StageDrainOrder = 'snapshot' | 'stop';

/** Totals so far, one entry per viewer. */
export interface StageDrainSnapshot {
  readonly kind: 'snapshot';
  readonly atMs: number;
  readonly cpuMs: number;
  /** Time in which its event loop was busy, on the CPU or not. */
  readonly activeMs: number;
  readonly eventLoopDelayP99Ms: number;
  readonly flvBytes: readonly number[];
  readonly hlsBytes: readonly number[];
  readonly hlsLists: readonly number[];
  readonly hlsSegments: readonly number[];
  /** Rounds of HLS that began more than 0.5 s late. */
  readonly lateRounds: number;
  /** Connections that failed or ended without what was asked for. */
  readonly failures: number;
}
