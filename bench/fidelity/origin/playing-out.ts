import type { Passage } from './link.js';
import type { OriginClock } from './origin-clock.js';

/** As much of a socket as an answer takes. */
export interface OutSocket {
  readonly destroyed: boolean;
  write(bytes: Uint8Array): unknown;
  cork(): void;
  uncork(): void;
  /** Ends the connection when all that was written has gone. */
  destroySoon(): void;
  /** Ends it at once. */
  destroy(): unknown;
  once(event: 'close', heard: () => void): unknown;
}

/** What is to be written on one connection, instants on the monotonic clock. */
export interface Score {
  readonly bytes: Buffer;
  readonly writes: readonly Passage[];
  /** Last words and the end, at `atMs`; absent: the connection stays open. */
  readonly end?: { readonly atMs: number; readonly words: string };
}

/** What is due within this is written now: a timer that fires a little early is no reason for another. */
const EARLY_MS = 0.4;

/**
 * Writes a score on a socket, each piece at its instant, with one timer. `told` hears how late each piece was, ms,
 * and, once, that all is done. Stops by itself when the socket closes.
 */
export function playOut(
  socket: OutSocket,
  score: Score,
  clock: OriginClock,
  told: { late(byMs: number): void; done(): void },
): void {
  let next = 0;
  let cancel = (): void => undefined;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    cancel();
    told.done();
  };
  socket.once('close', finish);
  const dueMs = (): number | undefined => score.writes[next]?.atMs ?? score.end?.atMs;
  const step = (): void => {
    if (over || socket.destroyed) {
      finish();
      return;
    }
    const nowMs = clock.monotonicMs();
    const first = dueMs();
    if (first !== undefined && first <= nowMs + EARLY_MS) told.late(nowMs - first);
    socket.cork();
    for (; (score.writes[next]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs + EARLY_MS; next++) {
      const write = score.writes[next] as Passage;
      socket.write(score.bytes.subarray(write.from, write.to));
    }
    const ends = next >= score.writes.length && score.end !== undefined && score.end.atMs <= nowMs + EARLY_MS;
    if (ends && score.end.words !== '') socket.write(Buffer.from(score.end.words, 'latin1'));
    socket.uncork();
    if (ends) socket.destroySoon();
    const due = dueMs();
    // Without an end the socket stays open, and its close is the last that is heard.
    if (!ends && due !== undefined) cancel = clock.after(Math.max(0, due - nowMs), step);
  };
  step();
}
