import type { Tick } from './tick.js';

/** Longest line a tick may be, in bytes, without the newline. */
export const MAX_TICK_BYTES = 8192;

/** One line of `ticks.ndjson`, without the newline. */
export function encodeTick(tick: Tick): string {
  return JSON.stringify(tick);
}

/** @throws {ProtocolError} when the line is not a tick */
export function decodeTick(line: string): Tick {
  void line;
  throw new Error('not built yet');
}

/** @throws {ProtocolError} when a structured-cloned message is not a tick */
export function checkTick(value: unknown): Tick {
  void value;
  throw new Error('not built yet');
}

export interface DecodedTicks {
  readonly ticks: readonly Tick[];
  /** The last line was torn: the run was killed while writing. */
  readonly torn: boolean;
}

/** A whole `ticks.ndjson`. A torn last line is tolerated and said; any other bad line throws ProtocolError. */
export function decodeTicks(text: string): DecodedTicks {
  void text;
  throw new Error('not built yet');
}
