import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Cancel, Clock } from '../seams.js';
import type { Connector } from './connect.js';
import type { OnUnanswered } from './h2-exchange.js';
import { H2Session } from './h2-session.js';
import { endOfError, type Transport, type TransportHandler, type TransportRequest } from './transport.js';

/** Runs an exchange over HTTP/1.1. */
export type StartHttp1 = (request: TransportRequest, handler: TransportHandler) => Cancel;

/** Runs an exchange over HTTP/1.1 on a connection that is open already. */
export type StartHttp1On = (socket: Socket, request: TransportRequest, handler: TransportHandler) => Cancel;

interface Pending {
  readonly request: TransportRequest;
  readonly handler: TransportHandler;
  readonly http1: StartHttp1;
  /** Times that it may still be sent again. */
  repeats: number;
  /** Stops it wherever it is now. */
  cancel: Cancel;
  over: boolean;
}

/** Chrome tries a request again this often when the server says that it has not looked at it. */
const MAX_REPEATS = 3;
const OFFER = ['h2', 'http/1.1'];

/** Origins of https: that answered with HTTP/1.1, shared by the viewers of one worker; bounded. */
export class Http1Origins {
  private readonly origins = new Set<string>();

  has(origin: string): boolean {
    return this.origins.has(origin);
  }

  add(origin: string): void {
    if (this.origins.size < 256) this.origins.add(origin);
  }
}

/**
 * One viewer's requests to https: origins over whichever protocol the server picks in the TLS handshake (ALPN, RFC
 * 7301): one HTTP/2 connection per origin for everything, or HTTP/1.1. While nobody knows, requests wait for the
 * first handshake, as a browser's do that remembers HTTP/2 of an origin; its connection is used whatever the answer.
 */
export class AlpnTransport {
  private readonly connector: Connector;
  private readonly clock: Clock;
  private readonly http1Origins: Http1Origins;
  private readonly startHttp1On: StartHttp1On;
  private readonly sessions = new Map<string, H2Session>();
  private readonly live = new Set<H2Session>();
  private readonly dialing = new Map<string, { socket: Socket; waiting: Set<Pending> }>();

  constructor(connector: Connector, clock: Clock, http1Origins: Http1Origins, startHttp1On: StartHttp1On) {
    this.connector = connector;
    this.clock = clock;
    this.http1Origins = http1Origins;
    this.startHttp1On = startHttp1On;
  }

  /** The transport whose exchanges go over `http1` where the server does not speak HTTP/2. */
  over(http1: StartHttp1): Transport {
    return {
      start: (request, handler) => {
        const { protocol, origin } = request.url;
        if (protocol !== 'https:' || this.http1Origins.has(origin)) return http1(request, handler);
        const noCancel = (): void => undefined;
        handler.onStep?.('begun');
        const pending = { request, handler, http1, repeats: MAX_REPEATS, cancel: noCancel, over: false };
        this.send(pending);
        return () => {
          pending.over = true;
          pending.cancel();
        };
      },
      close: () => this.close(),
    };
  }

  close(): void {
    for (const { socket } of this.dialing.values()) socket.destroy();
    this.dialing.clear();
    for (const session of [...this.live]) session.destroy();
  }

  private send(pending: Pending): void {
    const { request, handler } = pending;
    const { origin } = request.url;
    const session = this.sessions.get(origin);
    if (session) {
      const cancel = session.start(request, handler, this.repeatOf(pending, session));
      if (cancel) {
        pending.cancel = cancel;
        return;
      }
    }
    const dial = this.dialing.get(origin) ?? this.dial(request.url);
    dial.waiting.add(pending);
    pending.cancel = () => {
      dial.waiting.delete(pending);
      // Nobody wants it any more; the next request gets a chance of its own.
      if (dial.waiting.size > 0) return;
      this.dialing.delete(origin);
      dial.socket.destroy();
    };
  }

  /**
   * What the server has not looked at is sent again, whatever its method. A GET is also sent again when a connection
   * that had worked turned out to be gone: what a server's idle limit looks like.
   */
  private repeatOf(pending: Pending, session: H2Session): OnUnanswered {
    const wasUsed = session.hasAnswered;
    return ({ kind, unprocessed }) => {
      const wasGone = wasUsed && pending.request.method === 'GET' && !session.takesRequests;
      if (!unprocessed && !(wasGone && (kind === 'cut' || kind === 'reset'))) return false;
      if (pending.over || pending.repeats === 0) return false;
      pending.repeats--;
      this.send(pending);
      return true;
    };
  }

  private dial(url: URL): { socket: Socket; waiting: Set<Pending> } {
    const { origin } = url;
    const port = url.port === '' ? 443 : Number(url.port);
    const socket = this.connector.open({ host: url.hostname, port, tls: true, alpn: OFFER });
    const dial = { socket, waiting: new Set<Pending>() };
    this.dialing.set(origin, dial);
    let failure: unknown;
    const onError = (error: unknown): void => {
      failure = error;
    };
    const onClose = (): void => {
      if (this.dialing.get(origin) === dial) this.dialing.delete(origin);
      const end = failure === undefined ? CLOSED_EARLY : endOfError(failure);
      for (const { handler } of takeAll(dial.waiting)) handler.onDone(end.kind, end.detail);
    };
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      socket.off('close', onClose);
      socket.off('error', onError);
      this.dialing.delete(origin);
      this.connected(origin, socket, takeAll(dial.waiting));
    });
    return dial;
  }

  private connected(origin: string, socket: Socket, waiting: readonly Pending[]): void {
    if ((socket as TLSSocket).alpnProtocol === 'h2') {
      this.welcome(origin, socket);
      for (const pending of waiting) this.send(pending);
      return;
    }
    this.http1Origins.add(origin);
    const [first, ...others] = waiting;
    if (first) first.cancel = this.startHttp1On(socket, first.request, first.handler);
    else socket.destroy();
    for (const pending of others) pending.cancel = pending.http1(pending.request, pending.handler);
  }

  private welcome(origin: string, socket: Socket): void {
    const session = new H2Session(socket, origin, this.clock, () => {
      if (this.sessions.get(origin) === session) this.sessions.delete(origin);
    });
    this.live.add(session);
    socket.once('close', () => this.live.delete(session));
    this.sessions.set(origin, session);
  }
}

const CLOSED_EARLY = { kind: 'cut', detail: 'closed within the TLS handshake' } as const;

function takeAll(waiting: Set<Pending>): readonly Pending[] {
  const all = [...waiting];
  waiting.clear();
  return all;
}
