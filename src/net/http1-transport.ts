import type { Socket } from 'node:net';
import type { Cancel, Clock, StreamEndKind } from '../seams.js';
import type { Connector } from './connect.js';
import { Http1Parser } from './http1-parser.js';
import { endOfError, type Transport, type TransportHandler, type TransportRequest } from './transport.js';

/**
 * HTTP/1.1 over bare sockets, for media: it reads into one buffer per thread, which costs about half of what a
 * general client costs per byte and a third per connection (docs/adr/0002-media-transport.md).
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
    if (kept) kept.carry(exchange);
    else this.connect(exchange);
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
    const open = (onread: (bytes: Buffer) => void): Socket =>
      this.connector.open({ host: url.hostname, port, tls, onread: onReadInto(onread) });
    const connection = new Http1Connection(open, {
      onIdle: () => this.keep(connection, url.origin),
      onLinger: () => this.clock.after(LINGER_MS, () => connection.destroy()),
      onClosed: () => this.forget(connection, url.origin),
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

/** One request and what has come of its response. */
class Http1Exchange {
  readonly request: TransportRequest;
  readonly parser: Http1Parser;
  private readonly handler: TransportHandler;
  private connection: Http1Connection | undefined;
  private over = false;

  constructor(request: TransportRequest, handler: TransportHandler) {
    this.request = request;
    this.handler = handler;
    this.parser = new Http1Parser(handler);
  }

  boardedOn(connection: Http1Connection): void {
    this.connection = connection;
  }

  abort(): void {
    if (this.over) return;
    this.over = true;
    this.parser.stop();
    this.connection?.destroy();
  }

  done(kind: StreamEndKind, detail?: string): void {
    if (this.over) return;
    this.over = true;
    this.handler.onDone(kind, detail);
  }
}

interface ConnectionOwner {
  onIdle(): void;
  onLinger(): Cancel;
  onClosed(): void;
  /** A kept connection turned out to be closed already: the request has not been seen by anybody. */
  onStale(exchange: Http1Exchange): void;
}

class Http1Connection {
  private readonly socket: Socket;
  private readonly owner: ConnectionOwner;
  private exchange: Http1Exchange | undefined;
  private reused = false;
  private answered = false;
  private error: unknown;
  private cancelLinger: Cancel | undefined;

  constructor(open: (onread: (bytes: Buffer) => void) => Socket, owner: ConnectionOwner) {
    this.owner = owner;
    this.socket = open((bytes) => this.onBytes(bytes));
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.socket.once('end', () => this.onPeerEnd());
    this.socket.once('close', () => this.onClose());
  }

  carry(exchange: Http1Exchange): void {
    this.reused = this.answered;
    this.answered = false;
    this.exchange = exchange;
    exchange.boardedOn(this);
    this.socket.write(formatRequest(exchange.request), 'latin1');
  }

  destroy(): void {
    this.exchange = undefined;
    this.socket.destroy();
  }

  private onBytes(bytes: Buffer): void {
    const { exchange } = this;
    if (!exchange) {
      // Nobody asked: late bytes of a closing server are dropped, on an idle connection they are a fault.
      if (!this.cancelLinger) this.socket.destroy();
      return;
    }
    this.answered = true;
    exchange.parser.push(bytes);
    if (this.exchange !== exchange) return; // aborted by its own reader
    const { state, reusable, problem } = exchange.parser;
    if (state === 'complete') this.settle(exchange, reusable);
    else if (state === 'bad') this.drop(exchange, 'network', problem);
  }

  private settle(exchange: Http1Exchange, reusable: boolean): void {
    this.exchange = undefined;
    if (reusable) this.owner.onIdle();
    else this.cancelLinger = this.owner.onLinger();
    exchange.done('complete');
  }

  private drop(exchange: Http1Exchange, kind: StreamEndKind, detail?: string): void {
    this.destroy();
    exchange.done(kind, detail);
  }

  private onPeerEnd(): void {
    const { exchange } = this;
    if (!exchange) {
      this.socket.destroy();
      return;
    }
    if (this.isStale()) {
      this.hadGone(exchange);
      return;
    }
    const kind = exchange.parser.finish();
    this.drop(exchange, kind, kind === 'cut' ? whereCut(exchange.parser.state) : undefined);
  }

  private onClose(): void {
    this.cancelLinger?.();
    const { exchange } = this;
    this.exchange = undefined;
    this.owner.onClosed();
    if (!exchange) return;
    if (this.isStale()) {
      this.owner.onStale(exchange);
    } else if (this.error === undefined) {
      exchange.done('cut', whereCut(exchange.parser.state));
    } else {
      const { kind, detail } = endOfError(this.error);
      exchange.done(kind, detail);
    }
  }

  /** The server closed a kept connection while the next request was on its way; browsers send it again. */
  private isStale(): boolean {
    return this.reused && !this.answered;
  }

  private hadGone(exchange: Http1Exchange): void {
    this.destroy();
    this.owner.onStale(exchange);
  }
}

function whereCut(state: string): string {
  return state === 'head' ? 'closed before the response' : 'closed within the body';
}

/** Request line, headers and body as they go over the wire; a body counts in bytes of UTF-8. */
function formatRequest({ method, url, headers, body }: TransportRequest): string {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  const bytes = Buffer.from(body, 'utf8');
  return `${head}content-length: ${bytes.byteLength}\r\n\r\n${bytes.toString('latin1')}`;
}
