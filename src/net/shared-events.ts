/**
 * One decoding per broadcast. A chat message goes to every viewer of the room, byte for byte the same; the platform
 * sends it hundreds of times, and a generator that parses it hundreds of times spends most of its time on that.
 */

/** A server event, frozen through and through where several receivers share it. */
export interface SharedEvent {
  readonly namespace: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Events of all connections of one worker. */
export interface SharedEvents {
  /**
   * The event that these bytes of one WebSocket text message are; undefined for everything that is not a plain
   * event (acknowledgements, connects, what cannot be parsed). The bytes are copied if they are kept.
   */
  decode(bytes: Buffer): SharedEvent | undefined;
}

/**
 * Different texts that are known at one time, the latest. After a network failure of ten seconds every viewer gets the
 * whole backlog in one piece, one viewer after the other: at 50 messages a second that is 500 texts, and the first of
 * them must still be known when the last viewer's turn comes.
 */
const MAX_KNOWN = 1024;
/**
 * A text is known no longer than this: all viewers have had it by then. At the two messages a second of a long soak the
 * places would else take ten minutes to fill, and the memory with them.
 */
const KNOWN_MS = 60_000;
/** What goes to one viewer alone (a history of 100 messages) is long, and is not worth a place. */
const MAX_KEPT_BYTES = 2048;
/** Engine.IO "message" and Socket.IO "event": https://github.com/socketio/socket.io-protocol */
const MESSAGE = 0x34;
const EVENT = 0x32;
const SLASH = 0x2f;
const BRACKET = 0x5b;
/** Names that the client library keeps for itself. */
const RESERVED: ReadonlySet<string> = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);

interface Known {
  readonly bytes: Buffer;
  readonly event: SharedEvent;
  readonly sinceMs: number;
}

export function createSharedEvents(nowMs: () => number): SharedEvents {
  const known = new Map<number, Known>();
  return {
    decode(bytes) {
      if (bytes.length < 4 || bytes[0] !== MESSAGE || bytes[1] !== EVENT) return undefined;
      if (bytes.length > MAX_KEPT_BYTES) return parseEvent(bytes);
      const hash = hashOf(bytes);
      const same = known.get(hash);
      if (same?.bytes.equals(bytes)) return same.event;
      const event = parseEvent(bytes);
      if (event === undefined) return undefined;
      const sinceMs = nowMs();
      // Anew at the end: the map is in the order of its times.
      known.delete(hash);
      known.set(hash, { bytes: copied(bytes), event: freeze(event), sinceMs });
      forgetOld(known, sinceMs - KNOWN_MS);
      return event;
    },
  };
}

/** A map gives its entries in the order in which they came. */
function forgetOld(known: Map<number, Known>, beforeMs: number): void {
  for (const [hash, { sinceMs }] of known) {
    if (sinceMs >= beforeMs && known.size <= MAX_KNOWN) return;
    known.delete(hash);
  }
}

/** A piece of a shared pool would keep all of that pool for as long as this one text is known. */
function copied(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

/** Over all bytes: messages of one kind may differ in a single digit of an id. */
function hashOf(bytes: Buffer): number {
  let hash = bytes.length;
  for (let at = 2; at < bytes.length; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return hash;
}

function parseEvent(bytes: Buffer): SharedEvent | undefined {
  let from = 2;
  let namespace = '/';
  if (bytes[from] === SLASH) {
    const comma = bytes.indexOf(',', from);
    if (comma < 0) return undefined;
    namespace = bytes.toString('latin1', from, comma);
    from = comma + 1;
  }
  // A number here asks for an acknowledgement: the library answers it.
  if (bytes[from] !== BRACKET) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8', from));
  } catch {
    return undefined;
  }
  if (!Array.isArray(content)) return undefined;
  const [name, ...args] = content as unknown[];
  if (typeof name !== 'string' || RESERVED.has(name)) return undefined;
  return { namespace, name, args };
}

/** Goes as deep as a short message can be nested. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
