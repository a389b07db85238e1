import type { EmitEvent, RecoveryEvent } from '../events.js';
import type { FaultMark } from '../scenarios/fault-plan.js';
import type { StreamStatus } from './page-reads.js';

/** So long after the publisher's return an observer waits to see the stream LIVE. */
const LIVE_PATIENCE_MS = 10_000;
/** How often an observer asks. */
export const STATUS_EVERY_MS = 1000;

export interface StreamEndDeps {
  readonly emit: EmitEvent;
  /** Stood in the room that hears of the end. */
  readonly inRoom: boolean;
  /** Asks the status of the stream, due at an instant; absent = this viewer is no observer. */
  readonly status?: (dueMs: number) => Promise<StreamStatus | undefined>;
}

/**
 * What a publisher that is gone for longer than the platform's grace makes of its stream, as one viewer sees it:
 * `stream:ended` in the room, and for an observer LIVE -> OFFLINE -> LIVE. A shorter loss makes nothing of it, and is
 * not looked at.
 */
export class StreamEndWatch {
  readonly #fault: FaultMark;
  readonly #deps: StreamEndDeps;
  #heard = false;
  #begunAtMs: number;
  #endAtMs: number | undefined;
  #offlineAtMs: number | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #over = false;

  /** Made when the fault is about to begin. */
  constructor(fault: FaultMark, deps: StreamEndDeps, nowMs: number) {
    this.#fault = fault;
    this.#deps = deps;
    this.#begunAtMs = fault.fromMs;
    const { inRoom, status } = deps;
    this.#say({ kind: 'stream_end_faced', inRoom, observes: status !== undefined }, nowMs);
  }

  /** Whether a fault is long enough for it. */
  static isFor({ breaks, forMs, graceMs }: FaultMark): boolean {
    return breaks === 'publisher' && forMs > graceMs;
  }

  get pending(): boolean {
    return !this.#over;
  }

  ended(): void {
    this.#heard = true;
  }

  mended(begunAtMs: number, atMs: number): void {
    if (this.#over) return;
    this.#begunAtMs = begunAtMs;
    this.#endAtMs = atMs;
    if (this.#deps.inRoom) this.#say({ kind: 'stream_end_judged', heard: this.#heard }, atMs);
    if (this.#deps.status === undefined) this.#over = true;
  }

  /** Called several times a second from the fault's begin on. */
  poll(nowMs: number): void {
    const { status } = this.#deps;
    if (this.#over || status === undefined) return;
    const endAtMs = this.#endAtMs;
    if (endAtMs !== undefined && nowMs - endAtMs > LIVE_PATIENCE_MS) {
      this.#judgeOffline(nowMs);
      this.#say({ kind: 'stream_state_judged', to: 'live', seen: false }, nowMs);
      this.#over = true;
      return;
    }
    if (nowMs - this.#askedAtMs < STATUS_EVERY_MS) return;
    this.#askedAtMs = nowMs;
    // An answer that does not come is no state; whatever fails in it is the caller's to catch.
    void status(nowMs).then((state) => this.#saw(state, nowMs));
  }

  /** The viewer goes, or nothing is to be judged. */
  close(): void {
    this.#over = true;
  }

  #saw(state: StreamStatus | undefined, askedAtMs: number): void {
    if (this.#over) return;
    if (state === 'OFFLINE') this.#offlineAtMs ??= askedAtMs;
    const endAtMs = this.#endAtMs;
    if (state !== 'LIVE' || endAtMs === undefined || askedAtMs < endAtMs) return;
    this.#judgeOffline(askedAtMs);
    const afterMs = askedAtMs - endAtMs;
    this.#say({ kind: 'stream_state_judged', to: 'live', seen: true, afterMs }, askedAtMs);
    this.#over = true;
  }

  #judgeOffline(nowMs: number): void {
    const atMs = this.#offlineAtMs;
    const after = atMs === undefined ? {} : { afterMs: Math.max(0, atMs - this.#begunAtMs) };
    this.#say({ kind: 'stream_state_judged', to: 'offline', seen: atMs !== undefined, ...after }, nowMs);
  }

  #say(event: Omitted<RecoveryEvent>, atMs: number): void {
    const { breaks: fault, fromMs: phaseAtMs } = this.#fault;
    this.#deps.emit({ ...(event as RecoveryEvent), fault, atMs, phaseAtMs });
  }
}

type Omitted<E> = E extends unknown ? Omit<E, 'fault'> : never;
