import type {
  Cancel,
  Clock,
  ConnectionOptions,
  Namespace,
  NamespaceHandlers,
  NamespaceSocket,
  SocketConnection,
  SocketHub,
} from '../../src/seams.js';
import { MemoryPlatform, type ServerSocket } from './memory-platform.js';

/**
 * Socket.IO in memory and in virtual time: a client side that behaves as one Manager with its namespaces does,
 * in front of a MemoryPlatform. `up` decides whether a transport can be opened.
 */
export class MemoryHub implements SocketHub {
  readonly connections: MemoryConnection[] = [];
  readonly platform: MemoryPlatform;
  readonly clock: Clock;
  /** False: opening a transport fails, as with a server that is down. */
  up = true;
  /** One way. */
  latencyMs = 1;

  constructor(clock: Clock, platform: MemoryPlatform = new MemoryPlatform(clock)) {
    this.clock = clock;
    this.platform = platform;
  }

  open(options: ConnectionOptions): MemoryConnection {
    const connection = new MemoryConnection(this, options);
    this.connections.push(connection);
    return connection;
  }

  /** Breaks every transport at once; clients begin to reconnect. */
  dropAll(reason = 'transport close'): void {
    for (const connection of this.connections) connection.drop(reason);
  }
}

/** One viewer's connection: transport state, reconnects, and its namespaces. */
export class MemoryConnection implements SocketConnection {
  readonly hub: MemoryHub;
  readonly options: ConnectionOptions;
  /** Cookie header of each handshake that was made, oldest first. */
  readonly handshakeCookies: string[] = [];
  readonly sockets = new Map<Namespace, MemorySocket>();
  state: 'idle' | 'opening' | 'open' | 'waiting' | 'failed' | 'closed' = 'idle';
  private readonly timers = new Set<Cancel>();
  private attempt = 0;

  constructor(hub: MemoryHub, options: ConnectionOptions) {
    this.hub = hub;
    this.options = options;
  }

  namespace(name: Namespace, handlers: NamespaceHandlers): NamespaceSocket {
    const socket = new MemorySocket(this, name, handlers);
    this.sockets.set(name, socket);
    return socket;
  }

  close(): void {
    this.state = 'closed';
    for (const cancel of this.timers) cancel();
    this.timers.clear();
    for (const socket of this.sockets.values()) socket.lost();
  }

  /** The transport breaks: every namespace reports it, then the reconnect policy runs. */
  drop(reason = 'transport close'): void {
    if (this.state !== 'open') return;
    this.state = 'waiting';
    for (const socket of this.sockets.values()) socket.lost(reason);
    this.retry();
  }

  /** @internal a namespace wants to connect */
  ensureOpen(): void {
    if (this.state === 'idle') this.openTransport();
    else if (this.state === 'open') for (const socket of this.sockets.values()) socket.begin();
  }

  /** @internal */
  after(delayMs: number, fn: () => void): void {
    const cancel = this.hub.clock.after(delayMs, () => {
      this.timers.delete(cancel);
      fn();
    });
    this.timers.add(cancel);
  }

  private openTransport(): void {
    const isRetry = this.attempt > 0;
    this.state = 'opening';
    this.handshakeCookies.push(this.options.cookieHeader());
    this.after(this.hub.latencyMs * 2, () => {
      const atMs = this.hub.clock.nowMs();
      if (!this.hub.up) {
        for (const socket of this.sockets.values()) socket.refused('websocket error');
        this.state = 'waiting';
        this.retry();
        return;
      }
      this.state = 'open';
      if (isRetry) this.options.handlers.onReconnect(this.attempt, atMs);
      this.attempt = 0;
      for (const socket of this.sockets.values()) socket.begin();
    });
  }

  private retry(): void {
    const { reconnect, rng, handlers } = this.options;
    if (this.attempt >= reconnect.attempts) {
      this.state = 'failed';
      this.attempt = 0;
      handlers.onReconnectFailed(this.hub.clock.nowMs());
      return;
    }
    const plainMs = reconnect.delayMs * 2 ** this.attempt;
    const jitteredMs = plainMs * (1 + reconnect.jitter * (2 * rng.next() - 1));
    this.attempt++;
    this.after(Math.min(jitteredMs, reconnect.delayMaxMs), () => {
      handlers.onReconnectAttempt(this.attempt, this.hub.clock.nowMs());
      this.openTransport();
    });
  }
}

class MemorySocket implements NamespaceSocket {
  private readonly connection: MemoryConnection;
  private readonly name: Namespace;
  private readonly handlers: NamespaceHandlers;
  private wanted = false;
  private session: ServerSocket | undefined;
  private acknowledged = false;

  constructor(connection: MemoryConnection, name: Namespace, handlers: NamespaceHandlers) {
    this.connection = connection;
    this.name = name;
    this.handlers = handlers;
  }

  get connected(): boolean {
    return this.acknowledged;
  }

  get id(): string | undefined {
    return this.session?.id;
  }

  connect(): void {
    this.wanted = true;
    this.connection.ensureOpen();
  }

  emit(event: string, payload: unknown): boolean {
    const { session } = this;
    if (!this.acknowledged || !session) return false;
    this.connection.after(this.connection.hub.latencyMs, () => session.receive(event, payload));
    return true;
  }

  disconnect(): void {
    this.wanted = false;
    this.lost('io client disconnect');
  }

  /** The transport is there: send CONNECT if somebody wants this namespace and it is not begun. */
  begin(): void {
    if (!this.wanted || this.session) return;
    const { hub, options } = this.connection;
    const session = hub.platform.createSocket(this.name, options.cookieHeader(), (event, args) => {
      this.connection.after(hub.latencyMs, () => this.deliver(session, event, args));
    });
    this.session = session;
    this.connection.after(hub.latencyMs, () => session.start());
  }

  /** Ends the session; with a reason the namespace's owner is told. */
  lost(reason?: string): void {
    const { session } = this;
    if (!session) return;
    this.session = undefined;
    session.gone();
    const wasConnected = this.acknowledged;
    this.acknowledged = false;
    if (wasConnected && reason !== undefined) {
      this.handlers.onDisconnect(reason, this.connection.hub.clock.nowMs());
    }
  }

  refused(reason: string): void {
    if (this.wanted) this.handlers.onConnectError(reason, this.connection.hub.clock.nowMs());
  }

  private deliver(session: ServerSocket, event: string, args: readonly unknown[]): void {
    if (session !== this.session) return;
    const atMs = this.connection.hub.clock.nowMs();
    if (event === 'connect') {
      this.acknowledged = true;
      this.handlers.onConnect(atMs);
    } else if (event === 'disconnect') {
      this.wanted = false;
      this.lost('io server disconnect');
    } else {
      this.handlers.onEvent(event, args, atMs);
    }
  }
}
