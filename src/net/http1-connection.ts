import type { Socket } from 'node:net';
import type { Cancel, StreamEndKind } from '../seams.js';
import { Http1Parser } from './http1-parser.js';
import { endOfError, type TransportHandler, type TransportRequest } from './transport.js';

/** One request and what has come of its response. */
export class Http1Exchange {
  readonly request: TransportRequest;
  readonly parser: Http1Parser;
  private readonly handler: TransportHandler;
  private connection: Http1Connection | undefined;
  private over = false;

  /** See `TransportHandler`. */
  get onStep(): TransportHandler['onStep'] {
    return this.handler.onStep;
  }

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

/** What becomes of a connection is its owner's to know. */
export interface ConnectionOwner {
  onIdle(): void;
  onLinger(): Cancel;
  onClosed(): void;
  /** A kept connection turned out to be closed already: the request has not been seen by anybody. */
  onStale(exchange: Http1Exchange): void;
}

/** One socket that carries one exchange after another. */
export class Http1Connection {
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
