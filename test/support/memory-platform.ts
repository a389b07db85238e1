import type { Clock, Namespace } from '../../src/seams.js';

/** What a client sent, and whether any handler was there to see it. */
export interface Received {
  readonly atMs: number;
  readonly namespace: Namespace;
  readonly userId: string | undefined;
  readonly event: string;
  readonly payload: unknown;
  /** False: it came before the server was ready for it and is lost without a trace. */
  readonly handled: boolean;
}

/** Reaction of the server to one event of one namespace. */
export type Handler = (socket: ServerSocket, payload: unknown) => void;

/** Carries an event to one client; `connect` and `disconnect` are the protocol's own. */
export type Deliver = (event: string, args: readonly unknown[]) => void;

/**
 * The server side of a platform as its clients know it: authentication is awaited *inside* the connection
 * handler, so events that come earlier are lost; nothing is acknowledged; success is an event of its own; a chat
 * message goes to the whole room, the sender included. Fields are switches that a test turns as it goes.
 */
export class MemoryPlatform {
  readonly clock: Clock;
  readonly sockets = new Set<ServerSocket>();
  readonly received: Received[] = [];
  /** False: what comes is not written down, for runs of hours. */
  keepsReceived = true;
  /** From CONNECT to ready. */
  authMs = 15;
  /** False: sockets connect and are never told that they are ready. */
  ready = true;
  /** Who gets a chat message. */
  chat: 'room' | 'sender' | 'nobody' = 'room';
  /** False: joins are handled and never confirmed. */
  confirmJoins = true;
  /** Cookie header -> account; undefined = guest (and refused in /chat). Default: `accessToken=<user>`. */
  identify: (cookie: string) => string | undefined = (cookie) => /accessToken=([^;]+)/.exec(cookie)?.[1];
  /** Further or other reactions, by `namespace event`, e.g. `/chat chat:send-message`. */
  readonly handlers = new Map<string, Handler>();
  private ids = 0;
  private messages = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    addDefaultHandlers(this);
  }

  createSocket(namespace: Namespace, cookie: string, deliver: Deliver): ServerSocket {
    return new ServerSocket(this, namespace, this.identify(cookie), `s${++this.ids}`, deliver);
  }

  nextMessageId(): string {
    return `m${++this.messages}`;
  }

  /** Sends to all sockets of a namespace, or those of one room. */
  broadcast(namespace: Namespace, room: string | undefined, event: string, payload: unknown): void {
    for (const socket of [...this.sockets]) {
      if (socket.namespace === namespace && (room === undefined || socket.rooms.has(room))) {
        socket.send(event, payload);
      }
    }
  }

  /** Accounts (or guests) that stand in a stream's room of /streaming. */
  viewerCount(streamKey: string): number {
    const ids = [...this.sockets]
      .filter((socket) => socket.namespace === '/streaming' && socket.rooms.has(`stream:${streamKey}`))
      .map((socket) => socket.userId ?? socket.id);
    return new Set(ids).size;
  }

  timestamp(): string {
    return new Date(this.clock.epochMs()).toISOString();
  }
}

/** One client in one namespace, as the server holds it. */
export class ServerSocket {
  readonly platform: MemoryPlatform;
  readonly namespace: Namespace;
  readonly userId: string | undefined;
  readonly id: string;
  readonly rooms = new Set<string>();
  private readonly deliver: Deliver;
  private listening = false;
  private alive = false;

  constructor(
    platform: MemoryPlatform,
    namespace: Namespace,
    userId: string | undefined,
    id: string,
    deliver: Deliver,
  ) {
    this.platform = platform;
    this.namespace = namespace;
    this.userId = userId;
    this.id = id;
    this.deliver = deliver;
  }

  start(): void {
    const { platform } = this;
    this.alive = true;
    platform.sockets.add(this);
    this.deliver('connect', []);
    platform.clock.after(platform.authMs, () => this.authenticated());
  }

  send(event: string, payload: unknown): void {
    if (this.alive) this.deliver(event, [payload]);
  }

  receive(event: string, payload: unknown): void {
    if (!this.alive) return;
    const { platform, namespace, userId } = this;
    const handler = this.listening ? platform.handlers.get(`${namespace} ${event}`) : undefined;
    const handled = handler !== undefined;
    const atMs = platform.clock.nowMs();
    if (platform.keepsReceived) platform.received.push({ atMs, namespace, userId, event, payload, handled });
    handler?.(this, payload);
  }

  /** The server ends this namespace for this client. */
  kick(): void {
    if (!this.alive) return;
    this.deliver('disconnect', []);
    this.gone();
  }

  gone(): void {
    this.alive = false;
    this.platform.sockets.delete(this);
    for (const room of this.rooms) {
      this.rooms.delete(room);
      if (this.namespace === '/streaming') announceViewers(this.platform, room);
    }
  }

  private authenticated(): void {
    if (!this.alive) return;
    const { platform, namespace, userId } = this;
    if (namespace === '/chat' && userId === undefined) {
      this.send('error', {
        type: 'error',
        errorCode: 'INTERNAL_ERROR',
        message: 'Authentication failed',
        detail: 'No token provided',
        timestamp: platform.timestamp(),
      });
      this.kick();
      return;
    }
    this.listening = true;
    if (!platform.ready) return;
    const authenticated = userId !== undefined;
    const data = { message: 'Connected', userId: userId ?? null, authenticated };
    if (namespace === '/') this.send('connected', data);
    else this.send(...enveloped('connection:success', { ...data, timestamp: platform.timestamp() }));
  }
}

function enveloped(event: string, data: Record<string, unknown>): [string, unknown] {
  return [event, { type: event, data }];
}

function field(payload: unknown, name: string): string {
  const value = (payload as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

function announceViewers(platform: MemoryPlatform, room: string): void {
  const streamKey = room.replace('stream:', '');
  const data = { streamKey, viewerCount: platform.viewerCount(streamKey), timestamp: platform.timestamp() };
  platform.broadcast('/streaming', room, ...enveloped('stream:viewer:update', data));
}

function addDefaultHandlers(platform: MemoryPlatform): void {
  const { handlers } = platform;
  handlers.set('/ join:stream', (socket, payload) => {
    const streamId = field(payload, 'streamId');
    socket.rooms.add(`stream:${streamId}`);
    const userId = socket.userId ?? `guest:${socket.id}`;
    platform.broadcast('/', `stream:${streamId}`, 'user:joined', {
      userId,
      streamId,
      timestamp: platform.timestamp(),
    });
  });
  handlers.set('/streaming stream:viewer:join', (socket, payload) => {
    const streamKey = field(payload, 'streamKey');
    socket.rooms.add(`stream:${streamKey}`);
    announceViewers(platform, `stream:${streamKey}`);
    const viewerCount = platform.viewerCount(streamKey);
    const data = { streamKey, viewerCount, timestamp: platform.timestamp() };
    if (platform.confirmJoins) socket.send(...enveloped('stream:viewer:join:success', data));
  });
  handlers.set('/chat chat:join-room', (socket, payload) => {
    const liveId = field(payload, 'liveId');
    const roomName = `live:${liveId}`;
    socket.rooms.add(roomName);
    const timestamp = platform.timestamp();
    const joined = { userId: socket.userId, authenticated: true, liveId, timestamp };
    platform.broadcast('/chat', roomName, ...enveloped('chat:user-joined', joined));
    if (platform.confirmJoins) socket.send(...enveloped('chat:join-room:success', { roomName, timestamp }));
  });
  handlers.set('/chat chat:send-message', (socket, payload) => sendChat(platform, socket, payload));
}

function sendChat(platform: MemoryPlatform, socket: ServerSocket, payload: unknown): void {
  const liveId = field(payload, 'liveId');
  const timestamp = platform.timestamp();
  const [event, message] = enveloped('chat:message', {
    id: platform.nextMessageId(),
    liveId,
    userId: socket.userId,
    username: socket.userId,
    message: field(payload, 'message'),
    clientMessageId: field(payload, 'clientMessageId') || undefined,
    timestamp,
  });
  if (platform.chat === 'room') platform.broadcast('/chat', `live:${liveId}`, event, message);
  else if (platform.chat === 'sender') socket.send(event, message);
  socket.send(...enveloped('chat:send-message:success', { timestamp }));
}
