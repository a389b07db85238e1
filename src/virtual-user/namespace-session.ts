import type { EmitEvent } from '../events.js';
import type { Behaviour } from '../scenarios/behaviour.js';
import type {
  Cancel,
  Clock,
  Namespace,
  NamespaceHandlers,
  NamespaceSocket,
  SocketConnection,
} from '../seams.js';
import { JOIN_PATIENCE_MS, Join } from './join.js';
import { JOIN_RULES, type JoinRule, readError, readReady } from './socket-payloads.js';

/** How long a page is given before something counts as failed or lost; it may still come later. */
export const SOCKET_PATIENCE = {
  readyMs: 10_000,
  joinMs: JOIN_PATIENCE_MS,
  reopenAfterKickMs: 1000,
} as const;

/** What a session tells the connection it belongs to. */
export interface SessionOwner {
  readonly clock: Clock;
  readonly emit: EmitEvent;
  readonly streamKey: string;
  readonly behaviour: Behaviour;
  /** The session became settled (see `NamespaceSession.settled`), or is not any more. */
  onJoined(namespace: Namespace, joined: boolean): void;
  /** The namespace is connected; nothing more is known. */
  onConnected(namespace: Namespace): void;
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
 * sent earlier are lost without a trace. In `page` behaviour `/` and `/streaming` send theirs at the connect all the
 * same, once and for all, because the page does.
 *
 * | state | event | next |
 * |---|---|---|
 * | idle | open() | opening |
 * | opening | connect, page behaviour, not /chat | opening, join sent |
 * | opening | ready event | joining, join sent unless it was |
 * | opening | 10 s without ready | opening, `ready_timeout` reported; a later ready still counts |
 * | opening | connect error | opening, `connect_error` reported; the connection's next attempt opens again |
 * | opening | `error` on /chat, then ended by the server | opening: a new token is asked for, opened once more |
 * | opening | the same again, or no new token | refused: `auth_refused` |
 * | joining | confirmation | joined |
 * | joining | 5 s without one | joining, `socket_failed join_timeout` reported; /chat goes on asking each second |
 * | any | 5 s after a join at the connect | the same state, `join_lost` reported |
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
  private readonly join: Join;
  /** Joins that the page sends at a connect; 0 = the join waits for the ready event. */
  private readonly sendsAtConnect: number;
  private everConnected = false;
  /** The platform confirmed the join of this session. */
  private confirmed = false;
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
    this.sendsAtConnect = owner.behaviour === 'page' ? (this.rule.pageSends ?? 0) : 0;
    const unconfirmedIs = this.sendsAtConnect > 0 ? 'lost' : 'failed';
    this.join = new Join({ clock: owner.clock, emit: owner.emit, namespace: name, unconfirmedIs });
    this.socket = connection.namespace(name, this);
  }

  /** It was never opened. */
  get idle(): boolean {
    return this.state === 'idle';
  }

  /** The platform's own ready event came. */
  get isOpen(): boolean {
    return this.state === 'joining' || this.state === 'joined';
  }

  get joined(): boolean {
    return this.state === 'joined';
  }

  /**
   * All that the viewer does to be in the room is done: joined; or, where the join was sent at the connect, ready,
   * since a page does not look whether its join was heard.
   */
  get settled(): boolean {
    return this.joined || (this.sendsAtConnect > 0 && this.state === 'joining');
  }

  /** Opens the namespace for the first time. */
  open(): void {
    if (this.state !== 'idle') return;
    this.connect();
  }

  private connect(): void {
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

  /** Sends the join of a room that the viewer is in: its own confirmation is heard, and counts no second time. */
  joinAgain(): void {
    if (this.joined) this.ask();
  }

  send(event: string, payload: unknown): boolean {
    return this.socket.emit(event, payload);
  }

  /** No report comes after it. */
  close(): void {
    if (this.state !== 'closed') this.join.leave();
    this.enter('closed');
  }

  /** Transport only: the ready event counts. What the page sends here may find nobody who listens. */
  onConnect(atMs: number): void {
    if (this.state !== 'opening') return;
    this.owner.onConnected(this.name);
    if (this.sendsAtConnect === 0) return;
    const sends = this.everConnected ? 1 : this.sendsAtConnect;
    this.everConnected = true;
    this.join.sent(atMs);
    for (let i = 0; i < sends; i++) this.ask();
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
    this.confirmed = false;
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
    if (this.sendsAtConnect === 0) this.beginJoin(atMs);
    else this.enter(this.confirmed ? 'joined' : 'joining');
  }

  private beginJoin(atMs: number): void {
    this.enter('joining');
    this.join.sent(atMs);
    const { retryMs } = this.rule;
    const askAgain = (): void => {
      this.ask();
      if (retryMs !== undefined) this.retry = this.owner.clock.after(retryMs, askAgain);
    };
    askAgain();
  }

  private ask(): void {
    this.socket.emit(this.rule.joinEvent, this.rule.joinPayload(this.owner.streamKey));
  }

  private confirmation(payload: unknown, atMs: number): void {
    const reading = this.rule.confirms(
      payload,
      this.owner.streamKey,
      this.userId ?? `guest:${this.socket.id ?? ''}`,
    );
    if (reading === 'garbage') this.garbage(atMs);
    if (reading !== true || this.confirmed) return;
    const { state } = this;
    if (state !== 'joining' && (state !== 'opening' || this.sendsAtConnect === 0)) return;
    this.confirmed = true;
    this.join.confirmed(atMs);
    if (state === 'joining') this.enter('joined');
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
    else this.retry = this.owner.clock.after(SOCKET_PATIENCE.reopenAfterKickMs, () => this.connect());
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
    const wasSettled = this.settled;
    this.patience?.();
    this.retry?.();
    this.state = state;
    if (state !== 'joining' && state !== 'joined') this.join.drop();
    const { settled } = this;
    if (settled) this.kicks = 0;
    if (settled !== wasSettled) this.owner.onJoined(this.name, settled);
  }
}
