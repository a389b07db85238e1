import type { Namespace } from '../seams.js';

/**
 * Shapes of the platform's socket events (contract 1.2 to 1.5). Pure; looks at the fields it needs and no
 * deeper, so that no payload, however large or odd, can do more than be counted.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** What a payload says to a question, or `garbage` when it has not the agreed shape. */
export type Reading<T> = T | 'garbage';

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** Content of `{type, data: {...}}`. */
export function dataOf(payload: unknown): Fields | undefined {
  return fieldsOf(fieldsOf(payload)?.data);
}

/** The account the server took us for; null = a guest. Flat on `/`, in an envelope elsewhere. */
export function readReady(namespace: Namespace, payload: unknown): Reading<{ userId: string | null }> {
  const userId = (namespace === '/' ? fieldsOf(payload) : dataOf(payload))?.userId;
  return typeof userId === 'string' || userId === null ? { userId } : 'garbage';
}

/** How one namespace is joined and how the platform confirms it. */
export interface JoinRule {
  readonly readyEvent: string;
  readonly joinEvent: string;
  readonly confirmEvent: string;
  /** Sent again every so often until it is confirmed, as the page does; absent = sent once. */
  readonly retryMs?: number;
  /**
   * What the page does instead of waiting for the ready event: sends the join as soon as the namespace is connected,
   * so many times when it connects first (once when it connects again), and never repeats it. Absent = it waits, too.
   */
  readonly pageSends?: number;
  joinPayload(streamKey: string): unknown;
  /** Whether a `confirmEvent` is about our own join. `me` is how the namespace's room calls us. */
  confirms(payload: unknown, streamKey: string, me: string): Reading<boolean>;
}

/** Contract 1.4 and 1.7. `/` has no success event: the room's `user:joined` that names us is the proof. */
export const JOIN_RULES: Readonly<Record<Namespace, JoinRule>> = {
  '/': {
    readyEvent: 'connected',
    joinEvent: 'join:stream',
    confirmEvent: 'user:joined',
    // Once buffered at mount, once from the connect handler: both leave right after the connect.
    pageSends: 2,
    joinPayload: (streamKey) => ({ streamId: streamKey }),
    confirms(payload, streamKey, me) {
      const fields = fieldsOf(payload);
      if (typeof fields?.userId !== 'string' || typeof fields.streamId !== 'string') return 'garbage';
      return fields.userId === me && fields.streamId === streamKey;
    },
  },
  '/chat': {
    readyEvent: 'connection:success',
    joinEvent: 'chat:join-room',
    confirmEvent: 'chat:join-room:success',
    retryMs: 1000,
    joinPayload: (streamKey) => ({ liveId: streamKey }),
    confirms(payload, streamKey) {
      const roomName = dataOf(payload)?.roomName;
      return typeof roomName === 'string' ? roomName === `live:${streamKey}` : 'garbage';
    },
  },
  '/streaming': {
    readyEvent: 'connection:success',
    joinEvent: 'stream:viewer:join',
    confirmEvent: 'stream:viewer:join:success',
    pageSends: 1,
    joinPayload: (streamKey) => ({ streamKey }),
    confirms(payload, streamKey) {
      const joined = dataOf(payload)?.streamKey;
      return typeof joined === 'string' ? joined === streamKey : 'garbage';
    },
  },
};

/** Viewers of the stream, from `stream:viewer:update` and `stream:viewer:join:success`. */
export function readViewerCount(payload: unknown): Reading<number> {
  const count = dataOf(payload)?.viewerCount;
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : 'garbage';
}

export type SocketErrorCode = 'rate_limit' | 'invalid_message' | 'auth' | 'internal' | 'other';

const ERROR_CODES: ReadonlyMap<unknown, SocketErrorCode> = new Map([
  ['RATE_LIMIT_EXCEEDED', 'rate_limit'],
  ['INVALID_MESSAGE', 'invalid_message'],
  ['MESSAGE_TOO_LONG', 'invalid_message'],
  ['UNAUTHORIZED', 'auth'],
  ['FORBIDDEN', 'auth'],
  ['INTERNAL_ERROR', 'internal'],
]);

/** The refusal in an `error` event (contract 1.2 to 1.4). */
export function readError(payload: unknown): Reading<SocketErrorCode> {
  const code = fieldsOf(payload)?.errorCode;
  return typeof code === 'string' ? (ERROR_CODES.get(code) ?? 'other') : 'garbage';
}

/** The id its sender gave a chat message: empty if it gave none, undefined if this is no chat message. */
export function readChatMessageId(payload: unknown): string | undefined {
  const data = dataOf(payload);
  if (!data || typeof data.userId !== 'string') return undefined;
  if (typeof data.message !== 'string' || data.message === '') return undefined;
  const id = data.clientMessageId ?? '';
  return typeof id === 'string' ? id : undefined;
}

/** Where the fields of an event stand; events that are not listed are nothing a viewer looks at. */
const KNOWN_EVENTS: Readonly<Record<Namespace, ReadonlyMap<string, 'flat' | 'data'>>> = {
  '/': new Map([
    ['user:left', 'flat'],
    ['upcoming:updated', 'flat'],
    ['live:product:added', 'data'],
    ['live:product:updated', 'data'],
    ['live:product:soldout', 'data'],
    ['live:product:deleted', 'data'],
    ['product:low-stock', 'data'],
    ['cart:item-added', 'data'],
    ['live:cart:activity', 'data'],
    ['order:purchase:notification', 'flat'],
    ['order:new', 'flat'],
  ]),
  '/chat': new Map([
    ['chat:history', 'data'],
    ['chat:user-joined', 'data'],
    ['chat:user-left', 'data'],
    ['chat:message-deleted', 'data'],
    ['chat:send-message:success', 'data'],
  ]),
  '/streaming': new Map([['stream:ended', 'flat']]),
};

/** True when an event that the contract names has lost its shape. */
export function isMalformed(namespace: Namespace, event: string, payload: unknown): boolean {
  const place = KNOWN_EVENTS[namespace].get(event);
  if (place === undefined) return false;
  return (place === 'flat' ? fieldsOf(payload) : dataOf(payload)) === undefined;
}
