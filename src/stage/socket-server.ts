/**
 * The Socket.IO server of the platform (contract 1): three namespaces, authentication as an awaited delay inside
 * the connection handler (so that a packet which comes earlier meets no handler and is lost), no acknowledgements,
 * a ready event of its own per namespace. The only file that knows socket.io.
 */
import type { Server as HttpServer } from 'node:http';
import { type Namespace, Server, type Socket } from 'socket.io';
import type { Accounts, StageUser } from './accounts.js';
import type { Capacity } from './capacity.js';
import { ChatRooms } from './chat-room.js';
import { bearerToken, parseCookies } from './cookies.js';
import type { StageCounts } from './counts.js';
import type { FaultBoard } from './fault-board.js';
import { FixedWindow } from './fixed-window.js';
import type { StageClock } from './stage-clock.js';
import { eventOf, isoTime, type StageRooms, type StageSocket, textField } from './stage-socket.js';
import { ViewerSets } from './viewer-set.js';

export interface SocketServerOptions {
  readonly clock: StageClock;
  readonly accounts: Accounts;
  readonly counts: StageCounts;
  readonly faults: FaultBoard;
  readonly capacity: Pick<Capacity, 'refusesSocket'>;
  /** What looking up a token costs, ms. */
  readonly authDelayMs: number;
}

export interface StageSockets {
  readonly chat: ChatRooms;
  readonly viewers: ViewerSets;
  /** Broadcasts in `/`. */
  readonly root: StageRooms;
  /** Cuts every connection without a word of goodbye. */
  cut(): void;
  /** Takes every socket out of its rooms; nobody is told. */
  loseRooms(): void;
  close(): Promise<void>;
}

const PING_INTERVAL_MS = 25_000;
const PING_TIMEOUT_MS = 60_000;
/** Looking up a token under `slow-auth`. */
const SLOW_AUTH_MS = 2000;
const LIMIT_WINDOW_MS = 10_000;
const SEND_LIMIT = 20;
const JOIN_LIMIT = 10;

type Handlers = Readonly<
  Record<string, { limit?: number; run: (socket: StageSocket, payload: unknown) => void }>
>;

/** Attaches the socket server to `http`, in front of its other routes. */
export function createSocketServer(http: HttpServer, options: SocketServerOptions): StageSockets {
  const io = new Server(http, {
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    transports: ['polling', 'websocket'],
    cors: { origin: true, credentials: true },
    serveClient: false,
    // Asked for new connections only, never for an upgrade of one.
    allowRequest: (_request, answer) => {
      const isFull = options.capacity.refusesSocket(options.counts.sockets.connectionsNow);
      answer(null, !isFull && options.faults.active('refuse-sockets') === undefined);
    },
  });
  const { clock, counts, faults } = options;
  const chat = new ChatRooms(clock, roomsOf(io.of('/chat')), counts.chat, faults);
  const viewers = new ViewerSets(clock, roomsOf(io.of('/streaming')), counts.viewers, faults);
  const root = roomsOf(io.of('/'));
  const connections = countConnections(io, counts.sockets);
  io.of('/').on('connection', (socket) => accept(socket, options, rootHandlers(root, clock)));
  io.of('/chat').on('connection', (socket) => accept(socket, options, chatHandlers(chat)));
  io.of('/streaming').on('connection', (socket) => {
    accept(socket, options, streamingHandlers(viewers), (stageSocket) => viewers.disconnected(stageSocket));
  });
  return {
    ...{ chat, viewers, root },
    cut() {
      for (const connection of connections) connection.close(true);
    },
    loseRooms() {
      for (const name of ['/', '/chat', '/streaming']) leaveRooms(io.of(name));
    },
    async close() {
      io.disconnectSockets(true);
      await io.close();
      viewers.close();
    },
  };
}

function rootHandlers(root: StageRooms, clock: StageClock): Handlers {
  const presence = (event: string) => (socket: StageSocket, payload: unknown) => {
    const streamId = textField(payload, 'streamId');
    const room = `stream:${streamId}`;
    if (event === 'user:joined') socket.join(room);
    else socket.leave(room);
    const userId = socket.user?.userId ?? `guest:${socket.id}`;
    root.toRoom(room, event, { userId, streamId, timestamp: isoTime(clock.epochMs()) });
  };
  return {
    'join:stream': { limit: JOIN_LIMIT, run: presence('user:joined') },
    'leave:stream': { limit: JOIN_LIMIT, run: presence('user:left') },
  };
}

function chatHandlers(chat: ChatRooms): Handlers {
  return {
    'chat:join-room': { limit: JOIN_LIMIT, run: (socket, payload) => chat.join(socket, payload) },
    'chat:leave-room': { limit: JOIN_LIMIT, run: (socket, payload) => chat.leave(socket, payload) },
    'chat:send-message': { limit: SEND_LIMIT, run: (socket, payload) => chat.send(socket, payload) },
    'chat:delete-message': { run: (socket) => chat.remove(socket) },
  };
}

function streamingHandlers(viewers: ViewerSets): Handlers {
  return {
    'stream:viewer:join': { limit: JOIN_LIMIT, run: (socket, payload) => viewers.join(socket, payload) },
    'stream:viewer:leave': { limit: JOIN_LIMIT, run: (socket, payload) => viewers.leave(socket, payload) },
  };
}

async function accept(
  socket: Socket,
  options: SocketServerOptions,
  handlers: Handlers,
  onDisconnect?: (socket: StageSocket) => void,
): Promise<void> {
  const { clock, counts } = options;
  const namespace = socket.nsp.name;
  counts.sockets.namespaces[namespace] = (counts.sockets.namespaces[namespace] ?? 0) + 1;
  let gone = false;
  socket.once('disconnect', () => {
    gone = true;
    counts.sockets.namespaces[namespace] = (counts.sockets.namespaces[namespace] ?? 1) - 1;
  });
  const user = await authenticate(socket, options);
  if (gone) return;
  if (user === undefined && namespace === '/chat') {
    refuse(socket, clock);
    return;
  }
  const stageSocket = stageSocketOf(socket, user);
  for (const [event, handler] of Object.entries(handlers)) {
    stageSocket.on(event, limited(stageSocket, clock, handler));
  }
  if (onDisconnect) stageSocket.onDisconnect(() => onDisconnect(stageSocket));
  sayReady(socket, user, options);
}

async function authenticate(socket: Socket, options: SocketServerOptions): Promise<StageUser | undefined> {
  const { auth, headers } = socket.handshake;
  const token =
    textField(auth, 'token') ||
    bearerToken(headers.authorization) ||
    parseCookies(headers.cookie).get('accessToken') ||
    '';
  if (token === '') return undefined;
  const delayMs = options.faults.spanMs('slow-auth', SLOW_AUTH_MS) ?? options.authDelayMs;
  await new Promise<void>((resolve) => options.clock.after(delayMs, resolve));
  return options.accounts.userOf(token, 'access');
}

function refuse(socket: Socket, clock: StageClock): void {
  socket.emit('error', {
    type: 'error',
    errorCode: 'INTERNAL_ERROR',
    message: 'Authentication failed',
    detail: 'Authentication required',
    timestamp: isoTime(clock.epochMs()),
  });
  socket.disconnect();
}

function sayReady(socket: Socket, user: StageUser | undefined, options: SocketServerOptions): void {
  const fault = options.faults.active('no-ready');
  const only = fault?.parameters.namespace;
  if (fault !== undefined && (only === undefined || only === socket.nsp.name)) return;
  const authenticated = user !== undefined;
  const data = { message: 'Connected', userId: user?.userId ?? null, authenticated };
  if (socket.nsp.name === '/') {
    socket.emit('connected', data);
    return;
  }
  const timestamp = isoTime(options.clock.epochMs());
  socket.emit('connection:success', eventOf('connection:success', { ...data, timestamp }));
}

function limited(
  socket: StageSocket,
  clock: StageClock,
  handler: Handlers[string],
): (payload: unknown) => void {
  const window = new FixedWindow(handler.limit ?? Number.POSITIVE_INFINITY, LIMIT_WINDOW_MS);
  return (payload) => {
    const nowMs = clock.epochMs();
    if (window.take(nowMs)) {
      handler.run(socket, payload);
      return;
    }
    const message = 'Rate limit exceeded';
    const timestamp = isoTime(nowMs);
    socket.emit('error', { type: 'error', errorCode: 'RATE_LIMIT_EXCEEDED', message, timestamp });
  };
}

function stageSocketOf(socket: Socket, user: StageUser | undefined): StageSocket {
  return {
    id: socket.id,
    user,
    join: (room) => void socket.join(room),
    leave: (room) => void socket.leave(room),
    emit: (event, payload) => void socket.emit(event, payload),
    on: (event, handler) => void socket.on(event, handler),
    onDisconnect: (handler) => void socket.once('disconnect', handler),
  };
}

function roomsOf(namespace: Namespace): StageRooms {
  return {
    toRoom(room, event, payload) {
      const receivers = namespace.adapter.rooms.get(room)?.size ?? 0;
      if (receivers > 0) namespace.to(room).emit(event, payload);
      return receivers;
    },
    toAll(event, payload) {
      namespace.emit(event, payload);
      return namespace.sockets.size;
    },
  };
}

function leaveRooms(namespace: Namespace): void {
  for (const socket of namespace.sockets.values()) {
    for (const room of socket.rooms) if (room !== socket.id) socket.leave(room);
  }
}

/** One connection with all its namespaces. */
interface Connection {
  once(event: 'close', fn: () => void): void;
  close(discard: boolean): void;
}

/** Keeps the counts, and the connections that are open now. */
function countConnections(io: Server, counts: StageCounts['sockets']): ReadonlySet<Connection> {
  const open = new Set<Connection>();
  io.engine.on('connection', (connection: Connection) => {
    open.add(connection);
    counts.connectionsNow++;
    counts.connectionsTotal++;
    connection.once('close', () => {
      open.delete(connection);
      counts.connectionsNow--;
    });
  });
  return open;
}
