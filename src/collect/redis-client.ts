import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { createClient, ErrorReply } from '@redis/client';
import { socketWords, withinBytes } from './kept-connection.js';
import { type RedisConnection, type Size, WRONG_TYPE } from './redis-info.js';

export interface RedisAccess {
  /** `redis:` or `rediss:`, without credentials. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Of a certificate that is not known: accepted. */
  readonly insecure: boolean;
}

/**
 * Connects, by RESP 2 without HELLO: every Redis knows it. It is never tried again by itself.
 * @throws {Error} in words without an address or a secret
 */
export async function connectRedis(
  { url, username, password, insecure }: RedisAccess,
  signal: AbortSignal,
): Promise<RedisConnection> {
  const { hostname, port, protocol, pathname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const at = { host, port: Number(port || 6379), reconnectStrategy: false } as const;
  const client = createClient({
    ...{ RESP: 2, name: 'dorami-load', disableClientInfo: true, maintNotifications: 'disabled' },
    ...{ disableOfflineQueue: true, database: Number(pathname.slice(1) || 0) },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    socket:
      protocol === 'rediss:' ? { ...at, tls: true, servername: host, rejectUnauthorized: !insecure } : at,
  });
  // Each failure is told by the question that it fails; between two questions nobody is there to hear it.
  client.on('error', () => {});
  const cut = (): void => {
    if (client.isOpen) client.destroy();
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    const { socket, connected } = begun(() => client.connect());
    const within = <T>(ask: () => Promise<T>): Promise<T> =>
      withinBytes(() => socket?.bytesRead ?? 0, cut, ask).catch(inWords);
    await within(() => connected);
    return {
      isOpen: () => client.isReady,
      cut,
      look: (keys) =>
        within(async () => {
          const [info, ...sizes] = await Promise.all([
            client.sendCommand(['INFO']),
            ...keys.map(({ command, key }) => sizeOf(client.sendCommand([command, key]))),
          ]);
          return { info: String(info), sizes: sizes as Size[] };
        }),
    };
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** What a server refuses is not known; what a connection fails of is no answer at all. */
async function sizeOf(answer: Promise<unknown>): Promise<Size> {
  try {
    const size = Number(await answer);
    return Number.isInteger(size) && size >= 0 ? { size } : { absent: 'the answer is no number' };
  } catch (error) {
    if (!(error instanceof ErrorReply)) throw error;
    return { absent: error.message.startsWith('WRONGTYPE') ? WRONG_TYPE : error.message };
  }
}

/** The client does not show its socket, and its bytes must be counted: Node tells of each that is made. */
function begun<T>(connect: () => T): { readonly socket: Socket | undefined; readonly connected: T } {
  let socket: Socket | undefined;
  const note = (message: unknown): void => {
    socket = (message as { readonly socket?: Socket }).socket;
  };
  subscribe('net.client.socket', note);
  try {
    const connected = connect();
    return { socket, connected };
  } finally {
    unsubscribe('net.client.socket', note);
  }
}

function inWords(error: unknown): never {
  throw new Error(wordsOf(error), { cause: error });
}

function wordsOf(error: unknown): string {
  const words = socketWords(error);
  if (words !== undefined) return words;
  const message = error instanceof Error ? error.message : String(error);
  if (/^(?:Socket closed unexpectedly|Disconnects client|The client is closed)/.test(message))
    return 'the connection was cut';
  return message || 'failed without a word';
}
