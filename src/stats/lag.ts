/** Read side: how much of a span our own event loop was late. */
export interface LagLog {
  /** Milliseconds of `[fromMs, toMs]` in which this worker's event loop was blocked. */
  overlapMs(fromMs: number, toMs: number): number;
}

/** Write side: the worker's probe reports each episode once, when it is over. */
export interface LagRecorder extends LagLog {
  add(fromMs: number, toMs: number): void;
}

/** A bounded log of the worker's own event-loop lag; the oldest episodes are forgotten. */
export function createLagLog(capacity = 1024): LagRecorder {
  void capacity;
  throw new Error('not built yet');
}
