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

/** Broadcasts that are under way to viewers at one time; a power of two. */
const PLACES = 64;
/** What goes to one viewer alone (a history of 100 messages) is long, and is not worth a place. */
const MAX_KEPT_BYTES = 4096;
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

export function createSharedEvents(): SharedEvents {
  const places: ({ readonly bytes: Buffer; readonly event: SharedEvent } | undefined)[] = Array(PLACES);
  return {
    decode(bytes) {
      if (bytes.length < 4 || bytes[0] !== MESSAGE || bytes[1] !== EVENT) return undefined;
      const place = placeOf(bytes);
      const known = places[place];
      if (known?.bytes.equals(bytes)) return known.event;
      const event = parseEvent(bytes);
      if (event === undefined || bytes.length > MAX_KEPT_BYTES) return event;
      places[place] = { bytes: Buffer.from(bytes), event: freeze(event) };
      return event;
    },
  };
}

/** Messages differ in their ids and times: a handful of bytes spread over the text tells most of them apart. */
function placeOf(bytes: Buffer): number {
  const { length } = bytes;
  let hash = length;
  for (let i = 1; i <= 12; i++) hash = (Math.imul(hash, 31) + (bytes[(length * i) >> 4] ?? 0)) | 0;
  for (let at = length - 12; at < length; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return (hash ^ (hash >>> 15)) & (PLACES - 1);
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
