import type { EmitEvent, FaultClass, ViewerEvent } from '../events.js';
import type { PlayerLook } from '../players/player.js';
import type { FaultMark, FaultNews } from '../scenarios/fault-plan.js';
import type { Namespace } from '../seams.js';
import type { PageReads } from './page-reads.js';
import { RECOVERY_WATCH_MS, RecoveryWatch } from './recovery-watch.js';
import type { Sockets } from './sockets.js';
import { StreamEndWatch } from './stream-end-watch.js';

export interface WitnessDeps {
  readonly emit: EmitEvent;
  readonly sockets: Sockets;
  readonly reads: PageReads;
  readonly isGuest: boolean;
  look(nowMs: number): PlayerLook | undefined;
  /** Takes what a promise rejects with. */
  onFault(error: unknown): void;
}

/** One viewer as a witness of planned faults: faces them one after the other. */
export class FaultWitness {
  readonly #deps: WitnessDeps;
  /** The newest fault; those before it are still looked at until they are over. */
  #watches: readonly RecoveryWatch[] = [];
  #end: StreamEndWatch | undefined;
  /** The fault that it faced last, and when that was mended. */
  #faced: { readonly fault: FaultMark; endAtMs?: number } | undefined;

  constructor(deps: WitnessDeps) {
    this.#deps = deps;
  }

  /** `observes`: this viewer asks the status of the stream for all of its thread. */
  begins(fault: FaultMark, nowMs: number, observes: boolean): void {
    const { emit, sockets, isGuest, reads, look, onFault } = this.#deps;
    const sight = {
      look,
      get allJoined() {
        return sockets.allJoined;
      },
      get rooms() {
        return sockets.rooms;
      },
      probe: () => sockets.probe(),
      isGuest,
    };
    this.#faced = { fault };
    this.#watches = [...this.#watches, new RecoveryWatch(fault, emit, sight, nowMs)];
    if (!StreamEndWatch.isFor(fault)) return;
    const status = async (dueMs: number) =>
      reads
        .status(dueMs)
        .catch(onFault)
        .then((state) => state ?? undefined);
    const inRoom = sockets.rooms.includes('/streaming');
    this.#end = new StreamEndWatch(fault, { emit, inRoom, ...(observes ? { status } : {}) }, nowMs);
  }

  /** It faces the loss of the publisher, or did so not long ago. */
  facesLossAt(nowMs: number): boolean {
    return this.#facedAt(nowMs) === 'publisher';
  }

  /** The fault that what ends now is to be put down to: one whose own rows count who does not come back. */
  blames(nowMs: number): { readonly fault?: FaultClass } {
    const fault = this.#facedAt(nowMs);
    return fault === undefined || fault === 'other' ? {} : { fault };
  }

  #facedAt(nowMs: number): FaultClass | undefined {
    const faced = this.#faced;
    const sinceEndMs = nowMs - (faced?.endAtMs ?? nowMs);
    return sinceEndMs <= RECOVERY_WATCH_MS ? faced?.fault.breaks : undefined;
  }

  hears(news: Exclude<FaultNews, { what: 'begins' }>, nowMs: number): void {
    if (this.#faced?.fault.index === news.index) {
      if (news.what === 'called_off') this.#faced = undefined;
      else this.#faced.endAtMs = news.atMs;
    }
    for (const watch of this.#watches) {
      if (watch.fault.index !== news.index) continue;
      if (news.what === 'called_off') {
        watch.callOff();
        this.#end?.close();
      } else {
        watch.mended(news.begunAtMs, news.atMs, nowMs);
        this.#end?.mended(news.begunAtMs, news.atMs);
      }
    }
  }

  /** Called about ten times a second; true while anything is still to be reported. */
  poll(nowMs: number): boolean {
    this.#end?.poll(nowMs);
    for (const watch of this.#watches) watch.poll(nowMs);
    this.#watches = this.#watches.filter(({ pending }) => pending);
    return this.#watches.length > 0 || this.#end?.pending === true;
  }

  get awaitsRooms(): boolean {
    return this.#watches.some(({ awaitsRooms }) => awaitsRooms);
  }

  /** It speaks to its rooms: that it hears itself proves nothing. */
  calls(nowMs: number): void {
    for (const watch of this.#watches) watch.excuseRooms(nowMs);
  }

  on(event: ViewerEvent): void {
    if (event.kind === 'stream_ended_notice') this.#end?.ended();
    for (const watch of this.#watches) watch.on(event);
  }

  heardRoom(namespace: Namespace, atMs: number): void {
    for (const watch of this.#watches) watch.heardRoom(namespace, atMs);
  }

  answered(atMs: number): void {
    for (const watch of this.#watches) watch.answered(atMs);
  }

  close(nowMs: number, lost: boolean): void {
    for (const watch of this.#watches) watch.close(nowMs, lost);
    this.#watches = [];
    this.#end?.close();
  }
}
