import type { EmitEvent } from '../events.js';
import type {
  Cancel,
  Clock,
  Namespace,
  NamespaceHandlers,
  NamespaceSocket,
  SocketConnection,
} from '../seams.js';
import { JOIN_RULES, type JoinRule, readError, readReady } from './socket-payloads.js';

/** How long a page is given before something counts as failed or lost; it may still come later. */
export const SOCKET_PATIENCE = { readyMs: 10_000, joinMs: 5000, reopenAfterKickMs: 1000 } as const;

/** What a session tells the connection it belongs to. */
export interface SessionOwner {
  readonly clock: Clock;
  readonly emit: EmitEvent;
  readonly streamKey: string;
  /** The session became joined, or is not any more. */
  onJoined(namespace: Namespace, joined: boolean): void;
  /** This session ended; the transport may carry on. */
  onDown(namespace: Namespace, by: 'server' | 'transport', atMs: number): void;
  /** Asks for a new access token; undefined = there is none to be had. */
  renewToken(): Promise<boolean> | undefined;
  onAuthRefused(): void;
  /** The server ended the session again right after it was opened anew: the page tries no further. */
  onKickedForGood(): void;
  onEvent(namespace: Namespace, event: string, payload: unknown, atMs: number): void;
}

/**
 * One namespace of one viewer. Ready is the platform's own event, never `connect` (contract 1.2): joins that are
 * sent earlier are lost without a trace.
 *
 * | state | event | next |
 * |---|---|---|
 * | idle | open() | opening |
 * | opening | ready event | joining, join sent |
 * | opening | 10 s without ready | opening, `ready_timeout` reported; a later ready still counts |
 * | opening | connect error | opening, `connect_error` reported; the connection's next attempt opens again |
 * | opening | `error` on /chat, then ended by the server | opening: a new token is asked for, opened once more |
 * | opening | the same again, or no new token | refused: `auth_refused` |
 * | joining | confirmation | joined |
 * | joining | 5 s without one | joining, `join_lost` reported; /chat goes on asking each second |
 * | any | transport lost | down; the connection's next attempt opens again |
 * | any | ended by the server | down; opened once more after 1 s, then kicked for good |
 *
 * Each opening and each join ends in exactly one report. (sockets.test.ts repeats the table)
 */
export class NamespaceSession implements NamespaceHandlers {
  readonly name: Namespace;
  private state: 'idle' | 'opening' | 'joining' | 'joined' | 'down' | 'refused' | 'closed' = 'idle';
  private readonly owner: SessionOwner;
  private readonly rule: JoinRule;
  private readonly socket: NamespaceSocket;
  private sinceMs = 0;
  private reported = false;
  private authError = false;
  private kicks = 0;
  private hasRenewed = false;
  /** Counts openings, so that an answer that comes late is known as one. */
  private openings = 0;
  private userId: string | null = null;
  private patience: Cancel | undefined;
  private retry: Cancel | undefined;

  constructor(name: Namespace, connection: SocketConnection, owner: SessionOwner) {
    this.name = name;
    this.owner = owner;
    this.rule = JOIN_RULES[name];
    this.socket = connection.namespace(name, this);
  }

  get joined(): boolean {
    return this.state === 'joined';
  }

  /** Opens the namespace for the first time. */
  open(): void {
    this.beginOpening(this.owner.clock.nowMs());
    this.socket.connect();
  }

  /** The connection tries again: whatever is not open counts as opened anew from now on. */
  reopening(atMs: number): void {
    if (this.state !== 'down' && this.state !== 'opening') return;
    if (this.state === 'opening') this.reportFailure('connect_error', atMs);
    this.beginOpening(atMs);
    // After the server ended it the client library does not open it by itself.
    if (this.kicks > 0 || this.hasRenewed) this.socket.connect();
  }

  send(event: string, payload: unknown): boolean {
    return this.socket.emit(event, payload);
  }

  /** No report comes after it. */
  close(): void {
    this.enter('closed');
  }

  onConnect(): void {
    // Transport only; the ready event counts.
  }

  onConnectError(_reason: string, atMs: number): void {
    if (this.state === 'opening') this.reportFailure('connect_error', atMs);
  }

  onDisconnect(reason: string, atMs: number): void {
    const { state } = this;
    if (state === 'closed' || state === 'refused' || state === 'down' || reason === 'io client disconnect')
      return;
    if (reason !== 'io server disconnect') {
      if (state === 'opening') this.reportFailure('connect_error', atMs);
      this.enter('down');
      this.owner.onDown(this.name, 'transport', atMs);
      return;
    }
    if (state === 'opening' && this.authError) {
      this.refusedOrRenewed(atMs);
      return;
    }
    this.kicked(state === 'opening', atMs);
  }

  onEvent(event: string, args: readonly unknown[], atMs: number): void {
    if (this.state === 'closed' || this.state === 'refused') return;
    const payload = args[0];
    if (event === this.rule.readyEvent) this.ready(payload, atMs);
    else if (event === 'error') this.refusal(payload, atMs);
    else {
      if (event === this.rule.confirmEvent) this.confirmation(payload, atMs);
      this.owner.onEvent(this.name, event, payload, atMs);
    }
  }

  private beginOpening(atMs: number): void {
    this.enter('opening');
    this.sinceMs = atMs;
    this.reported = false;
    this.authError = false;
    this.openings++;
    this.patience = this.owner.clock.after(SOCKET_PATIENCE.readyMs, () => {
      this.reportFailure('ready_timeout', this.owner.clock.nowMs());
    });
  }

  private ready(payload: unknown, atMs: number): void {
    if (this.state !== 'opening') return;
    const reading = readReady(this.name, payload);
    if (reading === 'garbage') {
      this.garbage(atMs);
      return;
    }
    this.userId = reading.userId;
    this.hasRenewed = false;
    if (!this.reported) {
      const sinceOpenMs = atMs - this.sinceMs;
      this.owner.emit({ kind: 'socket_ready', atMs, namespace: this.name, sinceOpenMs });
    }
    this.beginJoin(atMs);
  }

  private beginJoin(atMs: number): void {
    const { clock, emit, streamKey } = this.owner;
    const { joinEvent, retryMs } = this.rule;
    this.enter('joining');
    this.sinceMs = atMs;
    this.reported = false;
    emit({ kind: 'join_attempt', atMs, namespace: this.name });
    const ask = (): void => {
      this.socket.emit(joinEvent, this.rule.joinPayload(streamKey));
      if (retryMs !== undefined) this.retry = clock.after(retryMs, ask);
    };
    ask();
    this.patience = clock.after(SOCKET_PATIENCE.joinMs, () => {
      this.reported = true;
      emit({ kind: 'join_lost', atMs: clock.nowMs(), namespace: this.name });
    });
  }

  private confirmation(payload: unknown, atMs: number): void {
    const { emit, streamKey } = this.owner;
    const reading = this.rule.confirms(payload, streamKey, this.userId ?? `guest:${this.socket.id ?? ''}`);
    if (reading === 'garbage') this.garbage(atMs);
    if (reading !== true || this.state !== 'joining') return;
    const wasLost = this.reported;
    this.kicks = 0;
    this.enter('joined');
    if (!wasLost) {
      const sinceAttemptMs = atMs - this.sinceMs;
      emit({ kind: 'join_confirmed', atMs, namespace: this.name, sinceAttemptMs });
    }
    this.owner.onJoined(this.name, true);
  }

  private refusal(payload: unknown, atMs: number): void {
    const reading = readError(payload);
    if (reading === 'garbage') {
      this.garbage(atMs);
      return;
    }
    // Before ready the only thing /chat refuses is the token; its code is INTERNAL_ERROR (contract 1.2).
    if (this.name === '/chat' && this.state === 'opening') this.authError = true;
    this.owner.emit({ kind: 'socket_error', atMs, code: this.authError ? 'auth' : reading });
  }

  /** A server's disconnect is not mended by the client library: the page opens the namespace once more. */
  private kicked(whileOpening: boolean, atMs: number): void {
    if (whileOpening) this.reportFailure('connect_error', atMs);
    this.enter('down');
    this.owner.onDown(this.name, 'server', atMs);
    if (++this.kicks > 1) this.owner.onKickedForGood();
    else this.retry = this.owner.clock.after(SOCKET_PATIENCE.reopenAfterKickMs, () => this.open());
  }

  /**
   * The page renews its token once and opens the namespace again, on the connection that it has: its handshake still
   * carries the old cookie, so that this helps only where nothing else holds the connection (contract 1.7).
   */
  private refusedOrRenewed(atMs: number): void {
    const renewal = this.hasRenewed ? undefined : this.owner.renewToken();
    if (!renewal) {
      this.refused(atMs);
      return;
    }
    this.hasRenewed = true;
    this.authError = false;
    const { clock } = this.owner;
    const opening = this.openings;
    // By the clock, whose fence holds what is thrown.
    void renewal.then((isRenewed) =>
      clock.after(0, () => {
        if (this.state !== 'opening' || this.openings !== opening) return;
        if (isRenewed) this.socket.connect();
        else this.refused(clock.nowMs());
      }),
    );
  }

  private refused(atMs: number): void {
    this.reportFailure('auth_refused', atMs);
    this.enter('refused');
    this.owner.onAuthRefused();
  }

  private garbage(atMs: number): void {
    this.owner.emit({ kind: 'socket_garbage', atMs, namespace: this.name });
  }

  private reportFailure(reason: 'connect_error' | 'ready_timeout' | 'auth_refused', atMs: number): void {
    this.patience?.();
    if (this.reported) return;
    this.reported = true;
    this.owner.emit({ kind: 'socket_failed', atMs, namespace: this.name, reason });
  }

  private enter(state: NamespaceSession['state']): void {
    const wasJoined = this.state === 'joined';
    this.patience?.();
    this.retry?.();
    this.state = state;
    if (wasJoined && state !== 'joined') this.owner.onJoined(this.name, false);
  }
}
