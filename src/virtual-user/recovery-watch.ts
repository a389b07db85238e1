import type { EmitEvent, RecoveryEvent, ViewerEvent } from '../events.js';
import type { PlayerLook } from '../players/player.js';
import type { FaultMark } from '../scenarios/fault-plan.js';
import type { Namespace } from '../seams.js';

/** So long after its end a viewer that a fault struck is looked at; what is not back by then is missing. */
export const RECOVERY_WATCH_MS = 30_000;
/** A viewer that leaves as planned sooner than this has had no chance to show whether it recovers. */
const TOO_EARLY_MS = 10_000;
/** A round trip is tried again so often: a platform that restarted may have lost the first. */
const PROBE_EVERY_MS = 2000;

/** What a viewer can be asked while it is looked at. */
export interface RecoverySight {
  /** Of the player that is on the page; absent = there is none. */
  look(nowMs: number): PlayerLook | undefined;
  /** Everything that the viewer does to be in its rooms is done. */
  readonly allJoined: boolean;
  /** The rooms in which it stands, as far as the platform confirmed it. */
  readonly rooms: readonly Namespace[];
  /** Asks the platform something that changes nothing; false = it could not be asked. */
  probe(): boolean;
  /** A guest has nothing to ask: what it hears of a room counts. */
  readonly isGuest: boolean;
}

/**
 * One viewer after one fault.
 *
 * - *Picture*: media has come since the fault was mended, and the picture differed from one look to the next, twice.
 *   What was still in the buffer proves nothing.
 * - *Socket*: the platform answered something that was asked after the mending (a probe, or a join), and all rooms
 *   are joined. A guest's: it heard something that went to its room.
 * - *Room*: the join was confirmed after the mending, or something that went to the room was heard.
 *
 * Each of them is reported once: when it is back, or as missing after 30 s; at once when the viewer is lost. A viewer
 * that leaves as planned before that, and within 10 s, is nobody's failure. (recovery-watch.test.ts)
 */
export class RecoveryWatch {
  readonly fault: FaultMark;
  readonly #emit: EmitEvent;
  readonly #sight: RecoverySight;
  readonly #rooms: Set<Namespace>;
  #begunAtMs: number;
  #endAtMs: number | undefined;
  #bytesBefore = 0;
  #lastPictureMs: number | undefined;
  #movedAtMs: number | undefined;
  #mediaBack = false;
  #pictureBackAtMs: number | undefined;
  #answered = false;
  #socketBackAtMs: number | undefined;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #downAtMs: number | undefined;
  #over = false;

  /** Made when the fault is about to begin. */
  constructor(fault: FaultMark, emit: EmitEvent, sight: RecoverySight, nowMs: number) {
    this.fault = fault;
    this.#emit = emit;
    this.#sight = sight;
    this.#rooms = new Set(sight.rooms);
    this.#begunAtMs = fault.fromMs;
    this.#say({ kind: 'fault_faced' }, nowMs);
    for (const namespace of this.#rooms) this.#say({ kind: 'room_faced', namespace }, nowMs);
  }

  /** Something is still to be reported. */
  get pending(): boolean {
    return !this.#over;
  }

  /** Somebody has to speak to the rooms, so that who is in them can hear it. */
  get awaitsRooms(): boolean {
    return !this.#over && this.#endAtMs !== undefined && this.#rooms.size > 0;
  }

  mended(begunAtMs: number, atMs: number, nowMs: number): void {
    if (this.#over) return;
    this.#begunAtMs = begunAtMs;
    this.#endAtMs = atMs;
    const look = this.#sight.look(nowMs);
    this.#bytesBefore = look?.receivedBytes ?? 0;
    this.#lastPictureMs = look?.pictureMs;
    this.poll(nowMs);
  }

  /** Called about ten times a second from the mending on. */
  poll(nowMs: number): void {
    const endAtMs = this.#endAtMs;
    if (this.#over || endAtMs === undefined) return;
    this.#lookAtPicture(nowMs, endAtMs);
    this.#askSocket(nowMs, endAtMs);
    if (nowMs - endAtMs >= RECOVERY_WATCH_MS) this.#settle(nowMs);
    else if (this.#isBack()) this.#finish();
  }

  /** Everything that the viewer reports passes here. */
  on(event: ViewerEvent): void {
    if (this.#over) return;
    if (event.kind === 'socket_disconnected') this.#downAtMs ??= event.atMs;
    else if (event.kind === 'socket_reconnected') this.#reconnected(event.atMs);
    else if (event.kind === 'join_confirmed' && this.#endAtMs !== undefined) {
      this.#inRoom(event.namespace, event.atMs);
      this.#roundTrip(event.atMs);
    }
  }

  /** Something that went to the whole room of a namespace arrived. */
  heardRoom(namespace: Namespace, atMs: number): void {
    if (this.#over || this.#endAtMs === undefined) return;
    this.#inRoom(namespace, atMs);
    if (this.#sight.isGuest) this.#roundTrip(atMs);
  }

  /** The platform answered a probe. */
  answered(atMs: number): void {
    if (!this.#over && this.#endAtMs !== undefined) this.#roundTrip(atMs);
  }

  /** The viewer goes; `lost` = its page broke, and only its player: it is not the rooms that lost it. */
  close(nowMs: number, lost: boolean): void {
    const waitedMs = this.#endAtMs === undefined ? 0 : nowMs - this.#endAtMs;
    if (lost) this.excuseRooms(nowMs);
    if (!this.#over && (lost || waitedMs >= TOO_EARLY_MS)) this.#settle(nowMs, lost);
    this.#over = true;
  }

  /** Its rooms are not judged: it joins them again by itself, for others. */
  excuseRooms(nowMs: number): void {
    if (!this.#over)
      for (const namespace of this.#rooms) this.#say({ kind: 'room_excused', namespace }, nowMs);
    this.#rooms.clear();
  }

  /** Nothing is to be judged. */
  callOff(): void {
    this.#over = true;
  }

  #lookAtPicture(nowMs: number, endAtMs: number): void {
    if (this.#pictureBackAtMs !== undefined) return;
    const look = this.#sight.look(nowMs);
    if (look === undefined) {
      // The page took its player away: the next one begins from nothing.
      this.#bytesBefore = 0;
      this.#lastPictureMs = undefined;
      this.#movedAtMs = undefined;
      return;
    }
    if (look.receivedBytes < this.#bytesBefore) this.#bytesBefore = 0;
    if (!this.#mediaBack && look.receivedBytes > this.#bytesBefore) {
      this.#mediaBack = true;
      this.#say({ kind: 'media_back', sinceBegunMs: Math.max(0, nowMs - this.#begunAtMs) }, nowMs);
    }
    const { pictureMs } = look;
    const moves = pictureMs !== undefined && pictureMs !== this.#lastPictureMs;
    this.#lastPictureMs = pictureMs;
    if (!this.#mediaBack || !moves) {
      this.#movedAtMs = undefined;
      return;
    }
    if (this.#movedAtMs === undefined) {
      this.#movedAtMs = nowMs;
      return;
    }
    this.#pictureBackAtMs = this.#movedAtMs;
    this.#say({ kind: 'picture_back', afterMs: Math.max(0, this.#movedAtMs - endAtMs) }, nowMs);
    this.#bothBack(nowMs);
  }

  #askSocket(nowMs: number, endAtMs: number): void {
    if (this.#socketBackAtMs !== undefined) return;
    if (this.#answered && this.#sight.allJoined) this.#socketBack(nowMs, endAtMs);
    else if (!this.#answered && nowMs - this.#probedAtMs >= PROBE_EVERY_MS && this.#sight.probe())
      this.#probedAtMs = nowMs;
  }

  #roundTrip(atMs: number): void {
    this.#answered = true;
    const endAtMs = this.#endAtMs;
    if (endAtMs !== undefined && this.#socketBackAtMs === undefined && this.#sight.allJoined)
      this.#socketBack(atMs, endAtMs);
  }

  #socketBack(atMs: number, endAtMs: number): void {
    this.#socketBackAtMs = atMs;
    this.#say({ kind: 'socket_back', afterMs: Math.max(0, atMs - endAtMs) }, atMs);
    this.#bothBack(atMs);
  }

  #bothBack(nowMs: number): void {
    const [picture, socket, endAtMs] = [this.#pictureBackAtMs, this.#socketBackAtMs, this.#endAtMs];
    if (picture === undefined || socket === undefined || endAtMs === undefined) return;
    this.#say({ kind: 'recovered', afterMs: Math.max(0, Math.max(picture, socket) - endAtMs) }, nowMs);
  }

  #inRoom(namespace: Namespace, atMs: number): void {
    const endAtMs = this.#endAtMs;
    if (endAtMs === undefined || !this.#rooms.delete(namespace)) return;
    this.#say({ kind: 'room_back', namespace, afterMs: Math.max(0, atMs - endAtMs) }, atMs);
  }

  #reconnected(atMs: number): void {
    const downAtMs = this.#downAtMs;
    if (downAtMs === undefined) return;
    this.#downAtMs = undefined;
    const afterMs = atMs - Math.max(downAtMs, this.#endAtMs ?? downAtMs);
    this.#say({ kind: 'reconnected_after_fault', afterMs: Math.max(0, afterMs) }, atMs);
  }

  #isBack(): boolean {
    const hasBoth = this.#pictureBackAtMs !== undefined && this.#socketBackAtMs !== undefined;
    return hasBoth && this.#rooms.size === 0 && this.#downAtMs === undefined;
  }

  /** What is not back by now is missing. */
  #settle(nowMs: number, lost = false): void {
    const hasPicture = this.#pictureBackAtMs !== undefined;
    const hasSocket = this.#socketBackAtMs !== undefined;
    if (!hasPicture || !hasSocket) {
      const missing = hasPicture ? 'socket' : hasSocket || lost ? 'picture' : 'both';
      this.#say({ kind: 'not_recovered', missing }, nowMs);
    }
    if (!hasPicture) this.#say({ kind: 'picture_not_back' }, nowMs);
    const waitedMs = Math.max(0, nowMs - this.#begunAtMs);
    if (!this.#mediaBack) this.#say({ kind: 'media_not_back', waitedMs }, nowMs);
    for (const namespace of this.#rooms) this.#say({ kind: 'room_not_back', namespace }, nowMs);
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
  }

  #say(event: Omitted<RecoveryEvent>, atMs: number): void {
    this.#report({ ...event, fault: this.fault.breaks } as RecoveryEvent, atMs);
  }

  #report(event: RecoveryEvent, atMs: number): void {
    this.#emit({ ...event, atMs, phaseAtMs: this.fault.fromMs });
  }
}

type Omitted<E> = E extends unknown ? Omit<E, 'fault'> : never;
