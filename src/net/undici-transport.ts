import type { Socket } from 'node:net';
import { Agent, type Dispatcher, errors } from 'undici';
import type { Cancel, ResponseHeaders, StreamEndKind } from '../seams.js';
import type { Connector } from './connect.js';
import { endOfError, type Transport, type TransportHandler, type TransportRequest } from './transport.js';

/** What browsers allow per host over HTTP/1.1. */
const CONNECTIONS_PER_ORIGIN = 6;
const MAX_HEAD_BYTES = 65_536;
/** A browser keeps an unused connection until the server closes it; a server's own hint still rules. */
const KEEP_ALIVE_MS = 120_000;

/**
 * HTTP/1.1 over undici, for the API: one viewer's keep-alive connections, made when they are first needed.
 * Undici's own time limits are off, they are too coarse for a verdict.
 */
export class UndiciTransport implements Transport {
  private readonly connector: Connector;
  private readonly connecting = new Set<Socket>();
  private agent: Agent | undefined;
  private connectedCount = 0;

  constructor(connector: Connector) {
    this.connector = connector;
  }

  start(request: TransportRequest, handler: TransportHandler): Cancel {
    const exchange = new UndiciExchange(handler);
    this.dispatch(request, exchange, request.method === 'GET');
    return () => exchange.abort();
  }

  close(): void {
    const { agent } = this;
    this.agent = undefined;
    for (const socket of this.connecting) socket.destroy();
    agent?.destroy().catch(() => undefined);
  }

  private dispatch(request: TransportRequest, exchange: UndiciExchange, mayRepeat: boolean): void {
    const connectedBefore = this.connectedCount;
    exchange.onUnanswered = (kind) => {
      // No new connection, no answer: the server had closed the kept one. Browsers send a GET again, so do we.
      const wasKept = this.connectedCount === connectedBefore && (kind === 'cut' || kind === 'reset');
      if (!mayRepeat || !wasKept || this.agent === undefined) return false;
      this.dispatch(request, exchange, false);
      return true;
    };
    const { url, method, headers, body } = request;
    this.agent ??= this.createAgent();
    this.agent.dispatch(
      { origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null },
      exchange,
    );
  }

  private createAgent(): Agent {
    return new Agent({
      connections: CONNECTIONS_PER_ORIGIN,
      pipelining: 1,
      bodyTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      connect: ({ hostname, port, protocol }, done) => {
        const tls = protocol === 'https:';
        const socket = this.connector.open({
          host: hostname,
          port: port === '' ? (tls ? 443 : 80) : Number(port),
          tls,
        });
        this.connecting.add(socket);
        const onError = (error: Error): void => done(error, null);
        socket.once('error', onError);
        socket.once('close', () => this.connecting.delete(socket));
        socket.once(tls ? 'secureConnect' : 'connect', () => {
          this.connecting.delete(socket);
          this.connectedCount++;
          socket.off('error', onError);
          done(null, socket);
        });
      },
    });
  }
}

class UndiciExchange implements Dispatcher.DispatchHandler {
  /** Asked when it failed before any answer; true = it has been sent again. */
  onUnanswered: (kind: StreamEndKind) => boolean = () => false;
  private readonly handler: TransportHandler;
  private controller: Dispatcher.DispatchController | undefined;
  private answered = false;
  private over = false;

  constructor(handler: TransportHandler) {
    this.handler = handler;
  }

  abort(): void {
    this.over = true;
    this.controller?.abort(ABORTED);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.over) controller.abort(ABORTED);
    else this.handler.onStep?.('sent');
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    // Undici reports interim responses in the same way.
    if (status < 200 || this.over) return;
    this.answered = true;
    this.handler.onHead(status, headers as ResponseHeaders);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.over) this.handler.onBody(chunk);
  }

  onResponseEnd(): void {
    this.done('complete');
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.over) return;
    const { kind, detail } = endOfUndiciError(error, this.answered);
    if (!this.answered && this.onUnanswered(kind)) return;
    this.done(kind, detail);
  }

  private done(kind: StreamEndKind, detail?: string): void {
    if (this.over) return;
    this.over = true;
    this.handler.onDone(kind, detail);
  }
}

const ABORTED = new Error('aborted');

/** Undici says in three ways that the peer closed too early; the third has no code (see `isCut`). */
const CUT_CODES = new Set(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

function isCut(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    CUT_CODES.has(code) || (error instanceof errors.HTTPParserError && /invalid eof/i.test(error.message))
  );
}

function endOfUndiciError(error: Error, answered: boolean): { kind: StreamEndKind; detail: string } {
  if (isCut(error)) {
    return { kind: 'cut', detail: answered ? 'closed within the body' : 'closed before the response' };
  }
  if (error instanceof errors.ClientDestroyedError || error instanceof errors.ClientClosedError) {
    return { kind: 'aborted', detail: 'the client was closed' };
  }
  return endOfError(error);
}
