/**
 * The HLS library's live rules as arithmetic (player-model 1.3 to 1.5; RFC 8216 6.3.3 and 6.3.4). Pure. All
 * spans and positions in milliseconds.
 */

export interface EdgeView {
  /** Start and end of the list on the player's timeline. */
  readonly listStartMs: number;
  readonly edgeMs: number;
  readonly targetDurationMs: number;
  /** Since the first byte of the last list that advanced. */
  readonly ageMs: number;
}

/** Distance from the edge at which the player wants to be; every stall adds up to one target duration in all. */
export function targetLatencyMs(
  targetDurationMs: number,
  syncCount: number,
  stallCount: number,
  onStallIncreaseMs: number,
): number {
  return syncCount * targetDurationMs + Math.min(stallCount * onStallIncreaseMs, targetDurationMs);
}

/** The sync position: `edge + age - target`, held between the list's start and one target duration before the edge. */
export function syncPositionMs(view: EdgeView, latencyMs: number): number {
  const edgeStalledMs = Math.max(0, view.ageMs - 3 * view.targetDurationMs);
  const wanted = view.edgeMs + view.ageMs - latencyMs - edgeStalledMs;
  return Math.min(Math.max(wanted, view.listStartMs), view.edgeMs - view.targetDurationMs);
}

/**
 * From one scheduled playlist request to the next: the target duration, the last segment's if it is shorter and
 * the playhead is near the edge, half the target duration while the list does not change.
 */
export function reloadIntervalMs(options: {
  readonly targetDurationMs: number;
  readonly lastSegmentMs: number;
  readonly changed: boolean;
  readonly behindEdgeMs: number;
}): number {
  if (!options.changed) return options.targetDurationMs / 2;
  if (options.behindEdgeMs < 4 * options.targetDurationMs)
    return Math.min(options.targetDurationMs, options.lastSegmentMs);
  return options.targetDurationMs;
}

/** Whether a live list forces the playhead to the sync position when it is loaded. */
export function forcedSeek(options: {
  readonly playheadMs: number;
  readonly listStartMs: number;
  readonly edgeMs: number;
  readonly targetDurationMs: number;
  readonly maxLatencyCount: number | undefined;
  /** The element has nothing to play on with (readyState below 4). */
  readonly starved: boolean;
}): boolean {
  const { playheadMs, listStartMs, edgeMs } = options;
  const outside = playheadMs < listStartMs - 250 || playheadMs > edgeMs;
  if (outside && options.starved) return true;
  return (
    options.maxLatencyCount !== undefined &&
    playheadMs < edgeMs - options.maxLatencyCount * options.targetDurationMs
  );
}
