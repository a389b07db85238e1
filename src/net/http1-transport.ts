import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../seams.js';
import type { Connector } from './connect.js';
import { Http1Connection, Http1Exchange } from './http1-connection.js';
import type { Transport, TransportHandler, TransportRequest } from './transport.js';

/**
 * HTTP/1.1 over bare sockets, for media: it reads into one buffer per thread and costs half as much per byte as a
 * general client, and two thirds per connection (docs/adr/0002-media-transport.md).
 *
 * Connections are kept for the next GET when the server allows it, as a browser does. When the server said
 * `Connection: close` we wait for it to close first, so that the port that has to rest is the server's.
 */
export class Http1Transport implements Transport {
  private readonly connector: Connector;
  private readonly clock: Clock;
  private readonly idle = new Map<string, Http1Connection[]>();
  private readonly connections = new Set<Http1Connection>();

  constructor(connector: Connector, clock: Clock) {
    this.connector = connector;
    this.clock = clock;
  }

  start(request: TransportRequest, handler: TransportHandler): Cancel {
    const exchange = new Http1Exchange(request, handler);
    const kept = request.method === 'GET' ? this.idle.get(request.url.origin)?.pop() : undefined;
    if (kept) {
      handler.onStep?.('sent');
      kept.carry(exchange);
    } else this.connect(exchange);
    return () => exchange.abort();
  }

  /** The same over a connection that has just been opened, and is this transport's from now on. */
  startOn(socket: Socket, request: TransportRequest, handler: TransportHandler): Cancel {
    const exchange = new Http1Exchange(request, handler);
    handler.onStep?.('sent');
    this.carryOn(exchange, (onread) => socket.on('data', onread));
    return () => exchange.abort();
  }

  close(): void {
    for (const connection of [...this.connections]) connection.destroy();
    this.idle.clear();
  }

  private connect(exchange: Http1Exchange): void {
    const { url } = exchange.request;
    const tls = url.protocol === 'https:';
    const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
    const open = (onread: (bytes: Buffer) => void): Socket => {
      const socket = this.connector.open({ host: url.hostname, port, tls, onread: onReadInto(onread) });
      const { onStep } = exchange;
      if (onStep) socket.once(tls ? 'secureConnect' : 'connect', () => onStep('sent'));
      return socket;
    };
    this.carryOn(exchange, open);
  }

  private carryOn(exchange: Http1Exchange, open: (onread: (bytes: Buffer) => void) => Socket): void {
    const { origin } = exchange.request.url;
    const connection = new Http1Connection(open, {
      onIdle: () => this.keep(connection, origin),
      onLinger: () => this.clock.after(LINGER_MS, () => connection.destroy()),
      onClosed: () => this.forget(connection, origin),
      onStale: (unanswered) => this.connect(unanswered),
    });
    this.connections.add(connection);
    connection.carry(exchange);
  }

  private keep(connection: Http1Connection, origin: string): void {
    const kept = this.idle.get(origin) ?? [];
    if (kept.length >= MAX_IDLE_PER_ORIGIN || (kept.length === 0 && this.idle.size >= MAX_IDLE_ORIGINS)) {
      connection.destroy();
      return;
    }
    kept.push(connection);
    this.idle.set(origin, kept);
  }

  private forget(connection: Http1Connection, origin: string): void {
    this.connections.delete(connection);
    const kept = this.idle.get(origin)?.filter((other) => other !== connection) ?? [];
    if (kept.length > 0) this.idle.set(origin, kept);
    else this.idle.delete(origin);
  }
}

/** What browsers allow per host over HTTP/1.1. */
const MAX_IDLE_PER_ORIGIN = 6;
const MAX_IDLE_ORIGINS = 16;
/** How long a server that promised to close may take to do so. */
const LINGER_MS = 1000;
const READ_BUFFER_BYTES = 65_536;

/**
 * Bytes are read and handed on in one go on POSIX, so all sockets of a thread share one buffer. Windows reads
 * ahead into it: there each socket has its own.
 */
const sharedBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
const sharesBuffer = process.platform !== 'win32';

function onReadInto(onread: (bytes: Buffer) => void): {
  buffer: Buffer;
  callback: (count: number, buffer: Uint8Array) => boolean;
} {
  const buffer = sharesBuffer ? sharedBuffer : Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  return {
    buffer,
    callback: (count) => {
      onread(buffer.subarray(0, count));
      return true;
    },
  };
}
