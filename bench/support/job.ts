import type { Target } from '../../src/target.js';

export type BenchMode = 'flv-viewer' | 'flv-drain' | 'hls-viewer' | 'hls-drain';

/** One measurement, as it is handed to the generator's process. */
export interface BenchJob {
  readonly mode: BenchMode;
  readonly viewers: number;
  /** From the last join to the measurement: code gets compiled and buffers find their size. */
  readonly settleSeconds: number;
  readonly seconds: number;
  readonly target: Target;
}

export interface BenchResult {
  /** User and system time of the generator's process alone. */
  readonly cpuMsPerViewerSecond: number;
  readonly bitsPerSPerViewer: number;
  /** FLV: tags; HLS: segments. */
  readonly unitsPerViewerSecond: number;
  readonly rssBytes: number;
  readonly rssEmptyBytes: number;
  /** Viewers that failed to start or changed protocol; anything but 0 makes the figure worthless. */
  readonly failures: number;
}
