import type {
  Cancel,
  Clock,
  Http,
  HttpRequest,
  StreamOptions,
  StreamSink,
  TextFailure,
  TextOptions,
  TextResponse,
} from '../seams.js';
import { Http1Origins } from './alpn-transport.js';
import { type ConnectorStats, createConnector, type NetOptions, type Resolve } from './connect.js';
import { Exchange, type ExchangeContext } from './exchange.js';
import { TextCollector } from './text-collector.js';
import type { Transport } from './transport.js';
import { createUnixConnector } from './unix-connector.js';
import type { ViewerHome } from './viewer-home.js';
import { ViewerTransports } from './viewer-transports.js';

/** What the HTTP of one worker is made with. */
export interface HttpFactoryOptions extends NetOptions {
  readonly clock: Clock;
  /** Told of what a sink threw: our own fault. Default: thrown again outside of the exchange, which ends the worker. */
  readonly onInternalError?: (error: unknown) => void;
  readonly resolve?: Resolve;
}

/** Makes one client per viewer; the counts are of all of them. */
export interface HttpFactory {
  forViewer(home?: ViewerHome): Http;
  stats(): ConnectorStats;
}

/** The real HTTP of one worker. */
export function createHttpFactory(options: HttpFactoryOptions): HttpFactory {
  const { clock, onInternalError = throwLater } = options;
  const connector = createConnector(options);
  const http1Origins = new Http1Origins();
  return {
    forViewer: (home = {}) =>
      new NodeHttp(clock, onInternalError, new ViewerTransports(connector.from(home), clock, http1Origins)),
    stats: () => connector.stats(),
  };
}

/** HTTP/1.1 over a Unix domain socket, as the Docker Engine speaks it; the host in a URL is a name and nothing more. */
export function createUnixHttp(path: string, clock: Clock): Http {
  const transports = new ViewerTransports(createUnixConnector(path), clock, new Http1Origins());
  return new NodeHttp(clock, throwLater, transports);
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

class NodeHttp implements Http {
  private readonly clock: Clock;
  private readonly transports: ViewerTransports;
  private readonly onInternalError: (error: unknown) => void;
  private readonly running = new Set<Exchange>();
  private closed = false;

  constructor(clock: Clock, onInternalError: (error: unknown) => void, transports: ViewerTransports) {
    this.clock = clock;
    this.onInternalError = onInternalError;
    this.transports = transports;
  }

  stream(request: HttpRequest, sink: StreamSink, options: StreamOptions = {}): Cancel {
    return this.begin(request, sink, options, this.transports.media);
  }

  text(request: HttpRequest, options: TextOptions): Promise<TextResponse | TextFailure> {
    const headers = { 'accept-encoding': 'gzip', ...request.headers };
    return new Promise((resolve) => {
      const collector = new TextCollector(this.clock.nowMs(), options.maxBytes, resolve);
      const cancel = this.begin({ ...request, headers }, collector, options, this.transports.api);
      collector.onTooLarge = cancel;
    });
  }

  close(): void {
    this.closed = true;
    this.transports.stopWaiting();
    for (const exchange of [...this.running]) exchange.stop('aborted');
    this.transports.close();
  }

  private begin(
    request: HttpRequest,
    sink: StreamSink,
    options: StreamOptions,
    transport: Transport,
  ): Cancel {
    const context: ExchangeContext = {
      clock: this.clock,
      transport,
      onHead: (url, headers) => this.transports.learn(url, headers),
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
}
