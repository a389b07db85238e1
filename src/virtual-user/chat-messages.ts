import { type ChatId, createChatIdCodec, type DecodedChatId } from './chat-id.js';
import { readChatMessageId } from './socket-payloads.js';

/** What a `chat:message` is to this run: `text` is its `clientMessageId` as it came, empty when it has none. */
export interface ReadMessage {
  readonly id: DecodedChatId;
  readonly text: string;
}

/**
 * The chat messages of one run, read and named. One per worker: a message that reaches hundreds of its viewers as
 * one payload object is read once.
 */
export interface ChatMessages {
  /** A `clientMessageId` for a message to send. */
  nameOf(id: ChatId): string;
  /** Never throws, whatever the payload is. */
  read(payload: unknown): ReadMessage;
}

const GARBAGE: ReadMessage = { id: 'garbage', text: '' };

/** `runId` as `createChatIdCodec` wants it. */
export function createChatMessages(runId: string): ChatMessages {
  const codec = createChatIdCodec(runId);
  // Weak: what nobody receives any more is forgotten.
  const known = new WeakMap<object, ReadMessage>();
  return {
    nameOf: (id) => codec.encode(id),
    read(payload) {
      if (typeof payload !== 'object' || payload === null) return GARBAGE;
      const before = known.get(payload);
      if (before !== undefined) return before;
      const text = readChatMessageId(payload);
      const message = text === undefined ? GARBAGE : { id: codec.decode(text), text };
      // Only what cannot change may be remembered.
      if (Object.isFrozen(payload)) known.set(payload, message);
      return message;
    },
  };
}
