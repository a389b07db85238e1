import type { ReportedEvent } from '../events.js';
import type { LagLog } from './lag.js';
import type { GaugeName, OwnCounterName, OwnHistogramName } from './metrics.js';
import type { Tick } from './tick.js';

export interface RecorderOptions {
  /** Phase name for an instant in run ms; from the plan. */
  readonly phaseAt: (atMs: number) => string;
  readonly lag: LagLog;
  readonly box: string;
  readonly worker: number;
}

/** Turns the events of one worker's viewers into counters and histograms; one per worker. */
export interface Recorder {
  on(reported: ReportedEvent): void;
  /** A value of this worker as it stands now; goes into the next tick. */
  gauge(name: GaugeName, value: number): void;
  /** Adds to a counter of the generator itself, e.g. CPU time (whole process: report it from one worker only). */
  count(name: OwnCounterName, value: number, atMs: number): void;
  /** Adds a sample (ms) to a histogram of the generator itself, e.g. event-loop delay. */
  observe(name: OwnHistogramName, valueMs: number, atMs: number): void;
  /**
   * Ends the interval at `nowMs`. One tick normally; with `last`, as many as it takes to flush everything, the
   * final one marked `last`. Each is at most 8192 bytes as JSON.
   */
  takeTick(nowMs: number, last?: boolean): Tick[];
}

export function createRecorder(options: RecorderOptions): Recorder {
  void options;
  throw new Error('not built yet');
}
