import type { Cancel, Clock, ResponseHeaders } from '../seams.js';
import { AlpnTransport, type Http1Origins } from './alpn-transport.js';
import type { Connector } from './connect.js';
import { ConnectionLimit } from './connection-limit.js';
import { headerTokens } from './http-headers.js';
import { Http1Transport } from './http1-transport.js';
import type { Transport, TransportHandler, TransportRequest } from './transport.js';
import { UndiciTransport } from './undici-transport.js';

/** Origins of one viewer that are remembered for closing their connections. */
const MAX_CLOSING_ORIGINS = 16;

/**
 * All connections of one viewer, WebSockets apart: HTTP/2 where a TLS server picks it, else HTTP/1.1, media over bare
 * sockets and the API over undici, six exchanges per origin at a time.
 */
export class ViewerTransports {
  readonly media: Transport;
  readonly api: Transport;
  private readonly bare: Http1Transport;
  private readonly undici: UndiciTransport;
  private readonly alpn: AlpnTransport;
  private readonly limit = new ConnectionLimit();
  private readonly closingOrigins = new Set<string>();

  constructor(connector: Connector, clock: Clock, http1Origins: Http1Origins) {
    this.bare = new Http1Transport(connector, clock);
    this.undici = new UndiciTransport(connector);
    const { limit, bare } = this;
    this.alpn = new AlpnTransport(connector, clock, http1Origins, (socket, request, handler) =>
      limit.start(request.url.origin, handler, (inner) => bare.startOn(socket, request, inner)),
    );
    this.media = this.alpn.over((request, handler) => this.limited(bare, request, handler));
    this.api = this.alpn.over((request, handler) => this.limited(this.apiFor(request), request, handler));
  }

  /** Told of each response. */
  learn(url: URL, headers: ResponseHeaders): void {
    if (this.closingOrigins.size >= MAX_CLOSING_ORIGINS) return;
    if (headerTokens(headers, 'connection').includes('close')) this.closingOrigins.add(url.origin);
  }

  /** What waits in line for a connection is not sent any more. */
  stopWaiting(): void {
    this.limit.close();
  }

  close(): void {
    this.alpn.close();
    this.bare.close();
    this.undici.close();
  }

  /** A server that closes each connection is cheaper to ask over bare sockets; a keep-alive one over undici. */
  private apiFor({ method, url }: TransportRequest): Transport {
    return method === 'GET' && this.closingOrigins.has(url.origin) ? this.bare : this.undici;
  }

  private limited(transport: Transport, request: TransportRequest, handler: TransportHandler): Cancel {
    return this.limit.start(request.url.origin, handler, (inner) => transport.start(request, inner));
  }
}
