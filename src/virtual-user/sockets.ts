import type { EmitEvent } from '../events.js';
import type { Behaviour } from '../scenarios/behaviour.js';
import type { Clock, Namespace, ReconnectPolicy, Rng, SocketConnection, SocketHub } from '../seams.js';
import { NamespaceSession, type SessionOwner } from './namespace-session.js';
import { dataOf, isMalformed, readViewerCount } from './socket-payloads.js';

/**
 * What governs all three namespaces of the real page: the options of its first socket (contract 1.7). Five
 * attempts span about 25 s; after that nothing brings the connection back.
 */
export const PAGE_RECONNECT: ReconnectPolicy = {
  attempts: 5,
  delayMs: 1000,
  delayMaxMs: 10_000,
  jitter: 0.4,
  connectTimeoutMs: 20_000,
};

/** The platform is given this long to confirm that we left before the connection is closed. */
const LEAVE_PATIENCE_MS = 500;

export interface SocketsDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly hub: SocketHub;
  readonly url: string;
  readonly streamKey: string;
  readonly userAgent: string;
  /** Guests have no /chat: the platform refuses them there. */
  readonly isGuest: boolean;
  readonly behaviour: Behaviour;
  cookieHeader(): string;
  /** Asks for a new access token; absent = nobody is signed in. */
  renewToken?(): Promise<boolean>;
  readonly emit: EmitEvent;
  /** A namespace became joined, or sent its join as the page does, or is so no more. */
  onJoined(namespace: Namespace, joined: boolean): void;
  onChatMessage(payload: unknown, atMs: number): void;
  /** The realtime channel is gone for good: nothing but a reload of the page would bring it back. */
  onLost(reason: 'socket' | 'auth'): void;
  /** `/` was connected, for the first time or again. */
  onRootConnect?(): void;
  /** A product was added, changed or sold out: the page reads its list anew. */
  onProductsChanged?(): void;
  onStreamEnded?(): void;
  /** Something arrived that goes to everyone in this viewer's room of the namespace. */
  onRoomEvent?(namespace: Namespace, atMs: number): void;
  /** The platform answered a probe. */
  onProbeAnswer?(atMs: number): void;
}

/** One viewer's realtime channel: one connection, its namespaces, and what the page does with them. */
export interface Sockets {
  /**
   * Every namespace this viewer should hold is ready and joined. In page behaviour a join that was sent is enough in
   * `/` and `/streaming`: the page does not look whether it was heard. That is what the joins' own metrics tell.
   */
  readonly allJoined: boolean;
  readonly chatJoined: boolean;
  /** Namespaces whose own ready event came and that are not down. */
  readonly openNamespaces: readonly Namespace[];
  /** Opens all namespaces, or, in page behaviour, `/` alone. */
  open(): void;
  /** Opens one more namespace; does nothing where it is open or not this viewer's. */
  openNamespace(name: Namespace): void;
  sendChat(payload: unknown): boolean;
  /** The rooms in which the viewer stands, as far as the platform confirmed it. */
  readonly rooms: readonly Namespace[];
  /**
   * A round trip through the platform's own code that changes nothing: leaves a chat room in which nobody is, and the
   * platform confirms it to this viewer alone. False where the viewer is not in the chat, as guests are not.
   */
  probe(): boolean;
  /** Joins its rooms once more: who is in them hears of it, and nothing else changes (contract 1.4). */
  callRoll(): void;
  /** Leaves as a page does, then closes. Calls `done` once, within 0.5 s. */
  leave(done: () => void): void;
  /** Closes at once. Calling it again does nothing. */
  close(): void;
}

export function createSockets(deps: SocketsDeps): Sockets {
  return new ViewerSockets(deps);
}

/** The room that probes leave; nobody ever enters it. */
const PROBE_ROOM = 'dorami-load-probe';

/** What the platform sends to rooms and to nobody else (contract 1.5). */
const ROOM_EVENTS: ReadonlySet<string> = new Set([
  'chat:message',
  'chat:user-joined',
  'chat:user-left',
  'chat:message-deleted',
  'stream:viewer:update',
  'stream:ended',
  'user:joined',
  'user:left',
  'live:product:added',
  'live:product:updated',
  'live:product:soldout',
  'live:product:deleted',
  'product:low-stock',
  'cart:item-added',
  'live:cart:activity',
  'order:purchase:notification',
]);

const PRODUCT_EVENTS: ReadonlySet<string> = new Set([
  'live:product:added',
  'live:product:updated',
  'live:product:soldout',
  'live:product:deleted',
  'product:low-stock',
]);

/** Of these, what makes the page read its products anew (contract 3.4). */
const REFETCH_EVENTS: ReadonlySet<string> = new Set([
  'live:product:added',
  'live:product:updated',
  'live:product:soldout',
]);

class ViewerSockets implements Sockets, SessionOwner {
  readonly clock: Clock;
  readonly emit: EmitEvent;
  readonly streamKey: string;
  readonly behaviour: Behaviour;
  private readonly deps: SocketsDeps;
  private readonly connection: SocketConnection;
  private readonly sessions: readonly NamespaceSession[];
  /** When the first of the namespaces that are not back yet was lost. */
  private downAtMs: number | undefined;
  private transportDown = false;
  private leaving: { readonly waitFor: Set<string>; finish(): void } | undefined;
  private closed = false;

  constructor(deps: SocketsDeps) {
    const { clock, emit, streamKey, hub, url, userAgent, rng } = deps;
    this.deps = deps;
    this.clock = clock;
    this.emit = emit;
    this.streamKey = streamKey;
    this.behaviour = deps.behaviour;
    this.connection = hub.open({
      url,
      userAgent,
      rng,
      cookieHeader: () => deps.cookieHeader(),
      reconnect: PAGE_RECONNECT,
      handlers: {
        onReconnect: () => {
          this.transportDown = false;
        },
        onReconnectAttempt: (_attempt, atMs) => {
          for (const session of this.sessions) session.reopening(atMs);
        },
        onReconnectFailed: (atMs) => this.gaveUp(atMs),
      },
    });
    const names: Namespace[] = deps.isGuest ? ['/', '/streaming'] : ['/', '/chat', '/streaming'];
    this.sessions = names.map((name) => new NamespaceSession(name, this.connection, this));
  }

  get allJoined(): boolean {
    return this.sessions.every((session) => session.settled);
  }

  get chatJoined(): boolean {
    return this.session('/chat')?.joined ?? false;
  }

  get openNamespaces(): readonly Namespace[] {
    return this.sessions.filter((session) => session.isOpen).map(({ name }) => name);
  }

  open(): void {
    if (this.behaviour === 'page') this.openNamespace('/');
    else for (const session of this.sessions) session.open();
  }

  openNamespace(name: Namespace): void {
    if (!this.closed && !this.leaving) this.session(name)?.open();
  }

  sendChat(payload: unknown): boolean {
    const chat = this.session('/chat');
    return chat?.joined ? chat.send('chat:send-message', payload) : false;
  }

  get rooms(): readonly Namespace[] {
    return this.sessions.filter((session) => session.joined).map(({ name }) => name);
  }

  probe(): boolean {
    const chat = this.session('/chat');
    return chat?.joined ? chat.send('chat:leave-room', { liveId: PROBE_ROOM }) : false;
  }

  callRoll(): void {
    for (const session of this.sessions) session.joinAgain();
  }

  leave(done: () => void): void {
    if (this.closed || this.leaving) {
      done();
      return;
    }
    const waitFor = new Set<string>();
    if (this.chatJoined && this.session('/chat')?.send('chat:leave-room', { liveId: this.streamKey })) {
      waitFor.add('chat:leave-room:success');
    }
    const streaming = this.session('/streaming');
    if (streaming?.joined && streaming.send('stream:viewer:leave', { streamKey: this.streamKey })) {
      waitFor.add('stream:viewer:leave:success');
    }
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      cancel();
      this.close();
      done();
    };
    const cancel = this.clock.after(LEAVE_PATIENCE_MS, finish);
    this.leaving = { waitFor, finish };
    if (waitFor.size === 0) finish();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const session of this.sessions) session.close();
    this.connection.close();
  }

  onJoined(namespace: Namespace, joined: boolean): void {
    this.deps.onJoined(namespace, joined);
    if (!joined || this.downAtMs === undefined) return;
    if (!this.sessions.every((session) => session.settled || session.idle)) return;
    const atMs = this.clock.nowMs();
    this.emit({ kind: 'socket_reconnected', atMs, downMs: atMs - this.downAtMs });
    this.downAtMs = undefined;
  }

  onConnected(namespace: Namespace): void {
    if (namespace === '/') this.deps.onRootConnect?.();
  }

  /** One lost transport takes all namespaces with it: reported once. */
  onDown(_namespace: Namespace, by: 'server' | 'transport', atMs: number): void {
    if (this.leaving) return;
    this.downAtMs ??= atMs;
    if (by === 'transport' && this.transportDown) return;
    if (by === 'transport') this.transportDown = true;
    this.emit({ kind: 'socket_disconnected', atMs, reason: by });
  }

  renewToken(): Promise<boolean> | undefined {
    return this.deps.renewToken?.();
  }

  onAuthRefused(): void {
    this.deps.onLost('auth');
  }

  onKickedForGood(): void {
    this.deps.onLost('socket');
  }

  onEvent(namespace: Namespace, event: string, payload: unknown, atMs: number): void {
    if (ROOM_EVENTS.has(event)) this.deps.onRoomEvent?.(namespace, atMs);
    if (event === 'chat:leave-room:success' && dataOf(payload)?.roomName === `live:${PROBE_ROOM}`)
      this.deps.onProbeAnswer?.(atMs);
    else if (event === 'chat:message') this.deps.onChatMessage(payload, atMs);
    else if (event === 'stream:viewer:update') this.viewerCount(payload, atMs);
    else if (isMalformed(namespace, event, payload)) this.emit({ kind: 'socket_garbage', atMs, namespace });
    else if (PRODUCT_EVENTS.has(event)) this.productEvent(event, atMs);
    else if (event === 'stream:ended') {
      this.emit({ kind: 'stream_ended_notice', atMs });
      this.deps.onStreamEnded?.();
    } else if (this.leaving?.waitFor.delete(event) && this.leaving.waitFor.size === 0) this.leaving.finish();
  }

  private productEvent(event: string, atMs: number): void {
    this.emit({ kind: 'product_event', atMs });
    if (REFETCH_EVENTS.has(event)) this.deps.onProductsChanged?.();
  }

  private viewerCount(payload: unknown, atMs: number): void {
    const count = readViewerCount(payload);
    if (count === 'garbage') this.emit({ kind: 'socket_garbage', atMs, namespace: '/streaming' });
    else this.emit({ kind: 'viewer_count', atMs, count });
  }

  private gaveUp(atMs: number): void {
    this.emit({ kind: 'socket_gave_up', atMs });
    this.deps.onLost('socket');
  }

  private session(name: Namespace): NamespaceSession | undefined {
    return this.sessions.find((session) => session.name === name);
  }
}
