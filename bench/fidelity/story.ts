/**
 * What one viewer saw, in the words that a browser and our own viewer share: the only thing that the comparison
 * knows of either. Every instant is in milliseconds since the session's zero: the moment at which the origin got
 * the first media request of this viewer. What came before it is negative.
 */

export type FidelityProtocol = 'flv' | 'hls';

/** `browser` = a real player library in Chromium; the others are our viewer. */
export type Side =
  | 'browser'
  | 'ours'
  /** The same viewer with underruns a little earlier or later: where they disagree the run is marginal. */
  | 'ours-early'
  | 'ours-late';

export interface Span {
  readonly fromMs: number;
  /** Absent while it still went on when the run ended. */
  readonly toMs?: number;
}

export interface LatencyPoint {
  readonly atMs: number;
  /** Capture of the picture on screen to that picture on screen. */
  readonly latencyMs: number;
}

export interface Seek {
  readonly atMs: number;
  /** Positions on the element's timeline. */
  readonly fromMediaMs: number;
  readonly toMediaMs: number;
  /** Only our viewer knows why. */
  readonly cause?: string;
}

export type EndState =
  | 'playing'
  /** The clock stands although playing had begun. */
  | 'stalled'
  /** The clock runs, the picture does not. */
  | 'frozen'
  | 'ended'
  /** The page gave up, or the library died. */
  | 'dead'
  /** A picture may be there, but it never played. */
  | 'not_started';

export interface Story {
  readonly side: Side;
  /** The page begins to make the player; negative. */
  readonly startedMs: number;
  /** First picture painted, since `startedMs`; absent when there was none. */
  readonly firstFrameMs?: number;
  /** First `playing`, since `startedMs`. */
  readonly playingMs?: number;
  /** From `waiting` (or a seek that interrupts playing) to `playing`, after the first `playing`; of any length, in order. */
  readonly waits: readonly Span[];
  /** The clock ran and the picture stood, longer than 150 ms. */
  readonly frozen: readonly Span[];
  /** About every half second while the clock runs. */
  readonly latency: readonly LatencyPoint[];
  readonly seeks: readonly Seek[];
  /** Media that was never shown, and media that was shown twice, in all. */
  readonly skippedMs: number;
  readonly replayedMs: number;
  /** The page or the library loaded anew. */
  readonly reloadsAtMs: readonly number[];
  /** The page moved from FLV to HLS. */
  readonly fellBackAtMs?: number;
  readonly protocolAtEnd: FidelityProtocol;
  readonly endState: EndState;
  /** Length of what was watched: the session's zero to the end of the run. */
  readonly watchedMs: number;
  /** Free words for the reader: errors of the library, of the page. Bounded. */
  readonly notes: readonly string[];
}

/** One execution of one condition: a line of the results file. */
export interface RunRecord {
  readonly condition: string;
  readonly seed: number;
  /** Hash of everything the model consists of; a result of other constants is not mixed with this one's. */
  readonly modelVersion: string;
  readonly repeat: number;
  readonly libraries: 'page' | 'newest';
  readonly libraryVersion: string;
  readonly chromium: string;
  readonly startedEpochMs: number;
  /** Pages that played at the same time, this one included. */
  readonly inParallel: number;
  /** Longest the origin's event loop stood still during the run, ms; a run that the machine spoilt is repeated. */
  readonly originLagMs: number;
  readonly ourLagMs: number;
  /** Longest gap between two ticks of the page's own 20 ms timer. */
  readonly pageLagMs: number;
  readonly stories: readonly Story[];
}
