import type { EventEmitter } from 'node:events';
import { Manager, type ManagerOptions, NodeWebSocket, type Socket } from 'socket.io-client';
import type {
  Clock,
  ConnectionOptions,
  Namespace,
  NamespaceHandlers,
  NamespaceSocket,
  SocketConnection,
  SocketHub,
} from '../seams.js';
import {
  type Connector,
  type ConnectorStats,
  createConnector,
  type NetOptions,
  type Resolve,
} from './connect.js';
import { seedReconnectDelays } from './reconnect-delay.js';
import { createSharedEvents, type SharedEvents } from './shared-events.js';
import { createSocketAgent, type SocketAgent } from './socket-agent.js';
import { endOfError } from './transport.js';
import type { ViewerHome } from './viewer-home.js';

/** What the sockets of one worker are made with. */
export interface SocketHubOptions extends NetOptions {
  readonly clock: Clock;
  /** Told of what a handler threw: our own fault. Default: thrown again, which ends the worker. */
  readonly onInternalError?: (error: unknown) => void;
  readonly resolve?: Resolve;
}

/** The hub and what its sockets came to. */
export interface NodeSocketHub extends SocketHub {
  /** The same for one viewer: from its address, with its TLS sessions. */
  forViewer(home: ViewerHome): SocketHub;
  stats(): ConnectorStats;
}

/** A message beyond this ends the connection: 100 chat messages of history are a tenth of it. */
const MAX_MESSAGE_BYTES = 4 * 2 ** 20;
/** How long the server may take to answer our closing handshake. */
const LINGER_MS = 1000;
const MAX_REASON_CHARS = 100;

/**
 * The real Socket.IO of one worker. Each connection is a Manager of its own with one WebSocket for all its
 * namespaces. `io()` is never used: its cache would let two viewers share a connection, and a cookie.
 *
 * The page asks for websocket, then polling. In Node the client tries the first transport only (a browser's does the
 * same without `tryAllTransports`), so only websocket is asked for here.
 */
export function createSocketHub(options: SocketHubOptions): NodeSocketHub {
  const connector = createConnector(options);
  const events = createSharedEvents(() => options.clock.nowMs());
  return {
    open: (connection) => new ManagerConnection(options, connector, events, connection),
    forViewer(home) {
      const own = connector.from(home);
      return { open: (connection) => new ManagerConnection(options, own, events, connection) };
    },
    stats: () => connector.stats(),
  };
}

/** Takes a text message before the client library sees it; false leaves it to the library. */
type Tap = (bytes: Buffer) => boolean;

/**
 * The WebSocket with two additions. Plain events are tapped before the library decodes them (docs/adr/0006). And
 * Engine.IO parses the handshake without a guard: bytes that are no JSON would end the process.
 */
class GuardedWebSocket extends NodeWebSocket {
  override createSocket(...args: Parameters<NodeWebSocket['createSocket']>): EventEmitter {
    const socket = super.createSocket(...args) as EventEmitter;
    const { tap } = this.opts as unknown as { readonly tap: Tap };
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string | symbol, ...rest: unknown[]): boolean => {
      const [bytes, isBinary] = rest;
      if (event === 'message' && isBinary === false && tap(bytes as Buffer)) return true;
      return emit(event, ...rest);
    };
    return socket;
  }

  protected override onData(data: Parameters<NodeWebSocket['onData']>[0]): void {
    try {
      super.onData(data);
    } catch {
      this.onError('parse error', undefined);
    }
  }
}

class ManagerConnection implements SocketConnection {
  private readonly clock: Clock;
  private readonly options: ConnectionOptions;
  private readonly onInternalError: (error: unknown) => void;
  private readonly agent: SocketAgent;
  private readonly manager: Manager;
  private readonly events: SharedEvents;
  private readonly spaces = new Map<
    string,
    { readonly socket: Socket; readonly handlers: NamespaceHandlers }
  >();
  private closed = false;

  constructor(hub: SocketHubOptions, connector: Connector, events: SharedEvents, options: ConnectionOptions) {
    this.clock = hub.clock;
    this.events = events;
    this.options = options;
    this.onInternalError = hub.onInternalError ?? throwLater;
    const url = new URL(options.url);
    this.agent = createSocketAgent(connector, url.protocol === 'https:' || url.protocol === 'wss:');
    this.manager = new Manager(
      url.origin,
      managerOptions(options, url, this.agent, (bytes) => this.take(bytes)),
    );
    seedReconnectDelays(this.manager, options.rng);
    this.listen();
  }

  namespace(name: Namespace, handlers: NamespaceHandlers): NamespaceSocket {
    const socket = this.manager.socket(name);
    this.spaces.set(name, { socket, handlers });
    const { clock } = this;
    const call = (fn: () => void): void => this.guard(fn);
    socket.on('connect', () => call(() => handlers.onConnect(clock.nowMs())));
    socket.on('connect_error', (error) =>
      call(() => handlers.onConnectError(reasonOf(error), clock.nowMs())),
    );
    socket.on('disconnect', (reason) => call(() => handlers.onDisconnect(reason, clock.nowMs())));
    socket.onAny((event: unknown, ...args: unknown[]) => {
      const atMs = clock.nowMs();
      // An acknowledgement that the server asks for comes as a function; the platform never does.
      const data = args.filter((arg) => typeof arg !== 'function');
      call(() => handlers.onEvent(String(event), data, atMs));
    });
    return {
      connect: () => {
        if (this.closed) return;
        this.refreshHeaders();
        socket.connect();
      },
      emit: (event, payload) => emitNow(socket, event, payload),
      get connected() {
        return socket.connected;
      },
      get id() {
        return socket.id;
      },
      disconnect: () => void socket.disconnect(),
    };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { socket } of this.spaces.values()) socket.disconnect().removeAllListeners().offAny();
    this.manager._close();
    this.manager.removeAllListeners();
    this.agent.closeWithin(LINGER_MS, this.clock);
  }

  private listen(): void {
    const { manager, clock } = this;
    const { handlers, reconnect } = this.options;
    manager.on('reconnect_attempt', (attempt) => {
      this.refreshHeaders();
      this.guard(() => handlers.onReconnectAttempt(attempt, clock.nowMs()));
    });
    manager.on('reconnect', (attempt) => this.guard(() => handlers.onReconnect(attempt, clock.nowMs())));
    const onFailed = (): void => this.guard(() => handlers.onReconnectFailed(clock.nowMs()));
    manager.on('reconnect_failed', onFailed);
    if (reconnect.attempts > 0) return;
    // Without reconnection the Manager says nothing more: its first loss is the last.
    manager.on('error', onFailed);
    manager.on('close', (reason) => {
      if (reason !== 'forced close') onFailed();
    });
  }

  /** The Manager reads its options at each opening: a token that was refreshed since goes along. */
  private refreshHeaders(): void {
    const cookie = this.options.cookieHeader();
    const headers: Record<string, string> = { 'user-agent': this.options.userAgent };
    if (cookie !== '') headers.cookie = cookie;
    this.manager.opts.extraHeaders = headers;
  }

  /**
   * An event for a namespace that is connected goes straight to its handler. Before that the library keeps it until
   * the connect is through, and so the order stays.
   */
  private take(bytes: Buffer): boolean {
    const event = this.events.decode(bytes);
    if (event === undefined) return false;
    const space = this.spaces.get(event.namespace);
    if (!space?.socket.connected) return false;
    if (this.closed) return true;
    try {
      space.handlers.onEvent(event.name, event.args, this.clock.nowMs());
    } catch (error) {
      this.onInternalError(error);
    }
    return true;
  }

  private guard(call: () => void): void {
    if (this.closed) return;
    try {
      call();
    } catch (error) {
      this.onInternalError(error);
    }
  }
}

function managerOptions(
  options: ConnectionOptions,
  url: URL,
  agent: SocketAgent,
  tap: Tap,
): Partial<ManagerOptions> {
  const { reconnect } = options;
  const more = {
    // Passed on to the WebSocket, though the type does not say so.
    tap,
    maxPayload: MAX_MESSAGE_BYTES,
    agent: agent.agent as unknown as string,
  };
  return {
    path: `${url.pathname.replace(/\/+$/, '')}/socket.io`,
    transports: [GuardedWebSocket],
    autoConnect: false,
    reconnection: reconnect.attempts > 0,
    reconnectionAttempts: reconnect.attempts,
    // The Manager takes 0 for "not set".
    reconnectionDelay: Math.max(1, reconnect.delayMs),
    reconnectionDelayMax: Math.max(1, reconnect.delayMaxMs),
    randomizationFactor: reconnect.jitter,
    timeout: reconnect.connectTimeoutMs,
    ...more,
  };
}

/**
 * Sends or drops, never keeps: the client buffers what it cannot send, also when it believes that a ping is overdue,
 * and would send it after the next connect, long after its time.
 */
function emitNow(socket: Socket, event: string, payload: unknown): boolean {
  if (!socket.connected) return false;
  socket.emit(event, payload);
  if (socket.sendBuffer.length === 0) return true;
  socket.sendBuffer.length = 0;
  return false;
}

/** A bounded reason: the allow list's refusal, the socket's own code, or the library's words. */
function reasonOf(error: Error): string {
  const { description } = error as { description?: { error?: unknown; message?: unknown } };
  const cause = description?.error ?? error;
  const { kind, detail } = endOfError(cause);
  if (kind === 'not_allowed') return kind;
  if (detail !== undefined && /^[A-Z][A-Z_0-9]+$/.test(detail)) return detail;
  const words = typeof description?.message === 'string' ? description.message : error.message;
  return words.slice(0, MAX_REASON_CHARS);
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
