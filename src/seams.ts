/**
 * Where the world enters: time, randomness, HTTP and sockets. Everything in scenarios, players, stats and
 * virtual-user reaches the outside through these types only; seams-node.ts holds their one real version.
 */

/** Cancels what was scheduled; calling it again does nothing. */
export type Cancel = () => void;

/** Time. `nowMs` is monotonic (fractions of a millisecond) and starts at 0 at the run's start on this box. */
export interface Clock {
  /** Milliseconds since the run's start; monotonic, may be negative before the start. */
  nowMs(): number;
  /** Wall clock of this box, milliseconds since the Unix epoch, with fractions. */
  epochMs(): number;
  /** Calls `fn` once, `delayMs` (>= 0) from now. */
  after(delayMs: number, fn: () => void): Cancel;
}

/**
 * How the clock that capture times are on stands to `Clock.epochMs`. Asked for every picture that arrives: allocates
 * nothing.
 */
export interface PublisherClock {
  /** To be added to `epochMs` to read the publisher's clock, ms; 0 where it is unknown. */
  offsetMs(): number;
  /** Greatest error of `offsetMs`, ms: 0 = it is the same clock, undefined = it is unknown. */
  uncertaintyMs(): number | undefined;
  /** The media server's own clock, which dates playlists, is known to be ours. */
  readonly coversServers: boolean;
}

/** A source of uniform numbers in [0, 1). One stream per (seed, virtual user): see rng.ts. */
export interface Rng {
  next(): number;
}

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute http: or https: URL. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Lower-case names; a repeated header is a list (only `set-cookie` matters to us). */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * How an exchange ended.
 * - `complete`: the body ended as HTTP says it must (final chunk, or content-length reached)
 * - `cut`: the peer closed before the body was complete (what SRS does on unpublish)
 * - `reset`: the connection was reset
 * - `refused`, `dns`, `not_allowed`: no connection was made (`not_allowed` = our own allow list refused it)
 * - `untrusted`: the server's TLS certificate is not accepted
 * - `timeout`: the caller's time limit passed
 * - `aborted`: the caller stopped it
 * - `too_large`: the body exceeded the caller's limit
 * - `network`: anything else, `detail` says what
 */
export type StreamEndKind =
  | 'complete'
  | 'cut'
  | 'reset'
  | 'refused'
  | 'dns'
  | 'not_allowed'
  | 'untrusted'
  | 'timeout'
  | 'aborted'
  | 'too_large'
  | 'network';

export interface StreamEnd {
  readonly kind: StreamEndKind;
  readonly atMs: number;
  /** Library's code or sentence, never a URL with secrets. */
  readonly detail?: string;
}

/** Receiver of one streamed response. Calls come in the order response, bytes*, end; end comes exactly once. */
export interface StreamSink {
  /** Status line and headers are in. `url` is the final one, after redirects. */
  onResponse(status: number, headers: ResponseHeaders, atMs: number, url: string): void;
  /** A piece of the body. A view into a pooled buffer: valid during the call only, never keep it. */
  onBytes(chunk: Uint8Array, atMs: number): void;
  onEnd(end: StreamEnd): void;
}

/** `begun` = out of the line for a connection; `sent` = on a connection that is open. The last one of each counts. */
export type RequestStep = 'begun' | 'sent';

export interface StreamOptions {
  /** Told of the steps of the exchange before its response; for whoever looks closely. */
  readonly onStep?: ((step: RequestStep, atMs: number) => void) | undefined;
  /** From the request to the response's headers; absent = no limit. */
  readonly headersTimeoutMs?: number;
  /** From the request to the end of the body; absent = no limit (an FLV body never ends). */
  readonly totalTimeoutMs?: number;
}

export interface TextOptions extends StreamOptions {
  /** Longest body accepted; beyond it the exchange ends with `too_large`. */
  readonly maxBytes: number;
}

/** A whole small response: playlist or JSON. `body` is decoded (gzip, UTF-8). */
export interface TextResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
  /** Final URL, after redirects. */
  readonly url: string;
  readonly startedAtMs: number;
  readonly firstByteAtMs: number;
  readonly endedAtMs: number;
  /** Bytes of the body as they came over the wire. */
  readonly bodyBytes: number;
}

/** No usable response: the end says why. */
export interface TextFailure {
  readonly kind: 'failure';
  readonly end: StreamEnd;
  readonly startedAtMs: number;
}

/**
 * One viewer's HTTP client: its own connections, as a browser's tab has. Never throws or rejects for what the
 * origin does. Follows up to five redirects of a GET; every hop passes the allow list.
 */
export interface Http {
  /** Streams a body into `sink`; the returned function aborts (the sink then gets `aborted`). */
  stream(request: HttpRequest, sink: StreamSink, options?: StreamOptions): Cancel;
  text(request: HttpRequest, options: TextOptions): Promise<TextResponse | TextFailure>;
  /** Closes every connection of this viewer. Running exchanges end with `aborted`. */
  close(): void;
}

export type Namespace = '/' | '/chat' | '/streaming';

/** What one namespace of a connection reports. All callbacks get the arrival time in run milliseconds. */
export interface NamespaceHandlers {
  /** Transport-level CONNECT acknowledged. Not the platform's ready signal. */
  onConnect(atMs: number): void;
  /** The namespace's CONNECT was refused, or the transport could not be opened. `reason` is bounded text. */
  onConnectError(reason: string, atMs: number): void;
  onDisconnect(reason: string, atMs: number): void;
  onEvent(name: string, args: readonly unknown[], atMs: number): void;
}

export interface NamespaceSocket {
  connect(): void;
  /** Sends now if connected; while not connected the packet is dropped and false is returned. */
  emit(event: string, payload: unknown): boolean;
  readonly connected: boolean;
  /** The server's id of this session while connected; a guest is known by it (contract 1.4, `guest:<id>`). */
  readonly id?: string | undefined;
  disconnect(): void;
}

/** Manager-level reconnect policy (contract 1.7): the same for all namespaces of the connection. */
export interface ReconnectPolicy {
  readonly attempts: number;
  readonly delayMs: number;
  readonly delayMaxMs: number;
  /** 0 to 1. */
  readonly jitter: number;
  readonly connectTimeoutMs: number;
}

export interface ConnectionHandlers {
  /** The transport came back after a loss. `attempt` counts from 1. */
  onReconnect(attempt: number, atMs: number): void;
  onReconnectAttempt(attempt: number, atMs: number): void;
  /** All attempts used up: gone for good. */
  onReconnectFailed(atMs: number): void;
}

export interface ConnectionOptions {
  /** http: or https: origin (and optional path prefix) of the Socket.IO server. */
  readonly url: string;
  /** Read at every (re)connect, so that a refreshed token is used. */
  cookieHeader(): string;
  readonly userAgent: string;
  readonly reconnect: ReconnectPolicy;
  readonly rng: Rng;
  readonly handlers: ConnectionHandlers;
}

/** One Manager = one WebSocket carrying all namespaces of one viewer. */
export interface SocketConnection {
  namespace(name: Namespace, handlers: NamespaceHandlers): NamespaceSocket;
  /** Closes the transport for good; no callback comes after it. */
  close(): void;
}

export interface SocketHub {
  open(options: ConnectionOptions): SocketConnection;
}
