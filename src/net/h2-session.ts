import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../seams.js';
import { H2Exchange, type OnUnanswered } from './h2-exchange.js';
import type { TransportHandler, TransportRequest } from './transport.js';

/** What Chrome announces: how much a server may send ahead of the reader, per stream and in all. */
const STREAM_WINDOW_BYTES = 6 * 2 ** 20;
const CONNECTION_WINDOW_BYTES = 15 * 2 ** 20;
const HEADER_TABLE_BYTES = 65_536;
const MAX_HEADER_LIST_BYTES = 262_144;
/** Before a request on a connection that has been silent this long, Chrome asks whether it still lives. */
const SILENT_MS = 10_000;
/** A server that has said neither SETTINGS nor an answer to a ping by then is gone. */
const ANSWER_MS = 10_000;

/** One HTTP/2 connection of one viewer to one origin (RFC 9113), over a TLS socket on which `h2` was agreed. */
export class H2Session {
  private readonly session: ClientHttp2Session;
  private readonly clock: Clock;
  private readonly onRetired: () => void;
  private readonly cancelSettingsLimit: Cancel;
  private cancelPingLimit: Cancel | undefined;
  private lastReadAtMs: number;
  private retired = false;
  private heard = false;

  /** `onRetired` is called once, when the connection takes no further requests; those that run may go on. */
  constructor(socket: Socket, origin: string, clock: Clock, onRetired: () => void) {
    this.clock = clock;
    this.onRetired = onRetired;
    this.lastReadAtMs = clock.nowMs();
    const session = connect(origin, {
      createConnection: () => socket,
      settings: {
        headerTableSize: HEADER_TABLE_BYTES,
        enablePush: false,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: MAX_HEADER_LIST_BYTES,
      },
    });
    this.session = session;
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    session.once('remoteSettings', () => this.cancelSettingsLimit());
    session.once('goaway', () => this.retire());
    session.once('close', () => this.stopTimers());
    session.once('close', () => this.retire());
    // Each stream is told of it by itself.
    session.on('error', () => undefined);
    this.cancelSettingsLimit = clock.after(ANSWER_MS, () => this.giveUp('no HTTP/2 settings'));
  }

  /** True once the server has answered anything: a request that then finds it closed has not been seen. */
  get hasAnswered(): boolean {
    return this.heard;
  }

  /** False once the server or we have ended it; requests that run may go on. */
  get takesRequests(): boolean {
    return !(this.retired || this.session.closed || this.session.destroyed);
  }

  /** The returned function cancels the request. Undefined: the connection takes none any more. */
  start(
    request: TransportRequest,
    handler: TransportHandler,
    onUnanswered: OnUnanswered,
  ): Cancel | undefined {
    const { session } = this;
    if (!this.takesRequests) return undefined;
    this.checkSilence();
    handler.onStep?.('sent');
    const { body } = request;
    const stream = session.request(fieldsOf(request), { endStream: body === undefined });
    const exchange = new H2Exchange(stream, handler, onUnanswered, () => {
      this.heard = true;
      this.lastReadAtMs = this.clock.nowMs();
    });
    if (body !== undefined) stream.end(body);
    return () => exchange.abort();
  }

  destroy(): void {
    this.stopTimers();
    this.retire();
    this.session.destroy();
  }

  private checkSilence(): void {
    const { clock, session } = this;
    if (this.cancelPingLimit || clock.nowMs() - this.lastReadAtMs < SILENT_MS) return;
    this.cancelPingLimit = clock.after(ANSWER_MS, () => this.giveUp('ping unanswered'));
    session.ping((error) => {
      if (error) return;
      this.lastReadAtMs = clock.nowMs();
      this.cancelPingLimit?.();
      this.cancelPingLimit = undefined;
    });
  }

  private giveUp(what: string): void {
    this.session.destroy(Object.assign(new Error(what), { code: `${what} in ${ANSWER_MS / 1000} s` }));
  }

  private retire(): void {
    if (this.retired) return;
    this.retired = true;
    this.onRetired();
  }

  private stopTimers(): void {
    this.cancelSettingsLimit();
    this.cancelPingLimit?.();
  }
}

/** Pseudo-header fields (RFC 9113 8.3.1) and fields; names are in lower case already. */
function fieldsOf({ method, url, headers, body }: TransportRequest): OutgoingHttpHeaders {
  return {
    ':method': method,
    ':scheme': 'https',
    ':authority': url.host,
    ':path': url.pathname + url.search,
    ...headers,
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
  };
}
