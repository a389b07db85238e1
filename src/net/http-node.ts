import type {
  Cancel,
  Clock,
  Http,
  HttpRequest,
  ResponseHeaders,
  StreamOptions,
  StreamSink,
  TextFailure,
  TextOptions,
  TextResponse,
} from '../seams.js';
import type { AllowList } from './allow-list.js';
import { type ConnectorStats, createConnector, type Resolve } from './connect.js';
import { Exchange, type ExchangeContext } from './exchange.js';
import { headerTokens } from './http-headers.js';
import { Http1Transport } from './http1-transport.js';
import { TextCollector } from './text-collector.js';
import type { Transport } from './transport.js';
import { UndiciTransport } from './undici-transport.js';

/** What the HTTP of one worker is made with. */
export interface HttpFactoryOptions {
  readonly clock: Clock;
  readonly allowList: AllowList;
  /** Address of this machine to connect from. */
  readonly localAddress?: string;
  /** Further certificate authorities, PEM. */
  readonly ca?: string;
  /** Told of what a sink threw: our own fault. Default: thrown again outside of the exchange, which ends the worker. */
  readonly onInternalError?: (error: unknown) => void;
  readonly resolve?: Resolve;
}

/** Makes one client per viewer; the counts are of all of them. */
export interface HttpFactory {
  forViewer(): Http;
  stats(): ConnectorStats;
}

/** The real HTTP of one worker. */
export function createHttpFactory(options: HttpFactoryOptions): HttpFactory {
  const { clock, onInternalError = throwLater } = options;
  const connector = createConnector(options);
  return {
    forViewer: () =>
      new NodeHttp(clock, onInternalError, {
        media: new Http1Transport(connector, clock),
        api: new UndiciTransport(connector),
      }),
    stats: () => connector.stats(),
  };
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Origins of one viewer that are remembered for closing their connections. */
const MAX_CLOSING_ORIGINS = 16;

class NodeHttp implements Http {
  private readonly clock: Clock;
  private readonly transports: { readonly media: Transport; readonly api: Transport };
  private readonly onInternalError: (error: unknown) => void;
  private readonly running = new Set<Exchange>();
  private readonly closingOrigins = new Set<string>();
  private closed = false;

  constructor(
    clock: Clock,
    onInternalError: (error: unknown) => void,
    transports: { media: Transport; api: Transport },
  ) {
    this.clock = clock;
    this.onInternalError = onInternalError;
    this.transports = transports;
  }

  stream(request: HttpRequest, sink: StreamSink, options: StreamOptions = {}): Cancel {
    return this.begin(request, sink, options, () => this.transports.media);
  }

  text(request: HttpRequest, options: TextOptions): Promise<TextResponse | TextFailure> {
    const headers = { 'accept-encoding': 'gzip', ...request.headers };
    return new Promise((resolve) => {
      const collector = new TextCollector(this.clock.nowMs(), options.maxBytes, resolve);
      // A server that closes each connection is cheaper to ask over bare sockets; a keep-alive one over undici.
      const pick = (url: URL): Transport =>
        request.method === 'GET' && this.closingOrigins.has(url.origin)
          ? this.transports.media
          : this.transports.api;
      const cancel = this.begin({ ...request, headers }, collector, options, pick);
      collector.onTooLarge = cancel;
    });
  }

  close(): void {
    this.closed = true;
    for (const exchange of [...this.running]) exchange.stop('aborted');
    this.transports.media.close();
    this.transports.api.close();
  }

  private begin(
    request: HttpRequest,
    sink: StreamSink,
    options: StreamOptions,
    transportFor: (url: URL) => Transport,
  ): Cancel {
    const context: ExchangeContext = {
      clock: this.clock,
      transportFor,
      onHead: (url, headers) => this.learn(url, headers),
      onInternalError: this.onInternalError,
    };
    if (this.closed) return this.refuse(sink);
    const exchange = new Exchange(context, request, sink, options, (over) => this.running.delete(over));
    this.running.add(exchange);
    return () => exchange.stop('aborted');
  }

  /** A request after `close`: aborted, once, and not before this has returned. */
  private refuse(sink: StreamSink): Cancel {
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      sink.onEnd({ kind: 'aborted', atMs: this.clock.nowMs() });
    };
    this.clock.after(0, end);
    return end;
  }

  private learn(url: URL, headers: ResponseHeaders): void {
    if (this.closingOrigins.size >= MAX_CLOSING_ORIGINS) return;
    if (headerTokens(headers, 'connection').includes('close')) this.closingOrigins.add(url.origin);
  }
}
