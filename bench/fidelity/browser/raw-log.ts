import type { FidelityProtocol } from '../story.js';

/**
 * What the page recorded of one session: instants in the page's `performance.now()` milliseconds, positions in
 * media seconds, as the browser gives them.
 */
export interface RawLog {
  readonly startedMs: number;
  readonly stoppedMs: number;
  /** Instant, name of the media event, position, readyState. */
  readonly events: readonly (readonly [number, string, number, number])[];
  /** Instant and position of each 20 ms tick. */
  readonly ticks: readonly (readonly [number, number])[];
  /** Instant at which a picture was handed to the screen, frame number by its bar code (-1 = unreadable), position. */
  readonly frames: readonly (readonly [number, number, number])[];
  /** Instant, from, to: whoever set the position. */
  readonly seeks: readonly (readonly [number, number, number])[];
  readonly notes: readonly (readonly [number, string])[];
  /** Instant of the append, of its end, buffered ranges then. For whoever mends the model. */
  readonly appends: readonly (readonly [number, number, readonly (readonly [number, number])[]])[];
  /** Instant, event of the HLS library, segment number, start, end. */
  readonly library: readonly (readonly unknown[])[];
  readonly reloadsMs: readonly number[];
  readonly fellBackMs: number | null;
  readonly deadMs: number | null;
  readonly protocolAtEnd: FidelityProtocol;
  readonly atEnd: { readonly currentTime: number; readonly ended: boolean; readonly readyState: number };
}

/** What a story needs from the origin. */
export interface SessionTruth {
  /** The session's zero on the clock of the log. */
  readonly zeroMs: number;
  /** Capture instant of a frame, ms since the session's zero. */
  captureMs(frame: number): number | undefined;
}
