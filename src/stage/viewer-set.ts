/**
 * Who watches a stream: a set of user ids (guests: `guest:{socket}`), with the real platform's quirks (contract
 * 1.6): one account on two sockets counts once, and either disconnect removes it.
 */
import type { StageCounts } from './counts.js';
import type { FaultBoard } from './fault-board.js';
import type { StageClock } from './stage-clock.js';
import { eventOf, isoTime, type StageRooms, type StageSocket, textField } from './stage-socket.js';

const MAX_STREAMS = 1000;
/** pingInterval + pingTimeout: when a half-dead socket is seen to be gone (contract 1.1). */
const LATE_REAP_MS = 85_000;

export class ViewerSets {
  readonly #clock: StageClock;
  readonly #rooms: StageRooms;
  readonly #counts: StageCounts['viewers'];
  readonly #faults: FaultBoard;
  readonly #pending = new Set<() => void>();
  readonly #members = new Map<string, Set<string>>();
  /** The one stream remembered per socket, for its disconnect. */
  readonly #streamOf = new Map<string, string>();

  constructor(clock: StageClock, rooms: StageRooms, counts: StageCounts['viewers'], faults: FaultBoard) {
    this.#clock = clock;
    this.#rooms = rooms;
    this.#counts = counts;
    this.#faults = faults;
  }

  count(streamKey: string): number {
    return this.#members.get(streamKey)?.size ?? 0;
  }

  join(socket: StageSocket, payload: unknown): void {
    const streamKey = textField(payload, 'streamKey');
    socket.join(`stream:${streamKey}`);
    if (!this.#members.has(streamKey) && this.#members.size < MAX_STREAMS) {
      this.#members.set(streamKey, new Set());
    }
    this.#members.get(streamKey)?.add(memberOf(socket));
    this.#streamOf.set(socket.id, streamKey);
    this.#counts.joins++;
    this.#update(streamKey);
    const data = { streamKey, viewerCount: this.count(streamKey), ...this.#now() };
    socket.emit('stream:viewer:join:success', eventOf('stream:viewer:join:success', data));
  }

  leave(socket: StageSocket, payload: unknown): void {
    const streamKey = textField(payload, 'streamKey');
    socket.leave(`stream:${streamKey}`);
    this.#remove(socket, streamKey);
    this.#streamOf.delete(socket.id);
    const data = { streamKey, ...this.#now() };
    socket.emit('stream:viewer:leave:success', eventOf('stream:viewer:leave:success', data));
  }

  disconnected(socket: StageSocket): void {
    const streamKey = this.#streamOf.get(socket.id);
    if (streamKey === undefined) return;
    this.#streamOf.delete(socket.id);
    const lateMs = this.#faults.spanMs('late-reap', LATE_REAP_MS);
    if (lateMs === undefined) this.#remove(socket, streamKey);
    else this.#later(lateMs, () => this.#remove(socket, streamKey));
  }

  /** Forgets who is still to be removed. */
  close(): void {
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }

  /** The end of a stream, told to its room. */
  announceEnd(streamKey: string): void {
    this.#rooms.toRoom(`stream:${streamKey}`, 'stream:ended', { streamKey });
  }

  /** Forgets who watches, without a word to anybody. */
  wipe(): void {
    this.#members.clear();
    this.#counts.now = 0;
  }

  #later(delayMs: number, fn: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#pending.delete(cancel);
      fn();
    });
    this.#pending.add(cancel);
  }

  #remove(socket: StageSocket, streamKey: string): void {
    const members = this.#members.get(streamKey);
    members?.delete(memberOf(socket));
    if (members?.size === 0) this.#members.delete(streamKey);
    this.#counts.leaves++;
    this.#update(streamKey);
  }

  #update(streamKey: string): void {
    this.#counts.now = this.count(streamKey);
    const data = { streamKey, viewerCount: this.count(streamKey), ...this.#now() };
    this.#rooms.toRoom(`stream:${streamKey}`, 'stream:viewer:update', eventOf('stream:viewer:update', data));
  }

  #now(): { timestamp: string } {
    return { timestamp: isoTime(this.#clock.epochMs()) };
  }
}

function memberOf(socket: StageSocket): string {
  return socket.user?.userId ?? `guest:${socket.id}`;
}
