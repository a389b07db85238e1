import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { ResponseHeaders } from '../seams.js';
import { type BrokenEnd, endOfStream } from './h2-ends.js';
import type { TransportHandler } from './transport.js';

/** Where a request came to nothing before any answer: true = it has been sent again, the handler hears of that. */
export type OnUnanswered = (end: BrokenEnd) => boolean;

/** One request on its stream of an HTTP/2 connection. Bytes are handed on as they come, views of what was read. */
export class H2Exchange {
  private readonly stream: ClientHttp2Stream;
  private readonly handler: TransportHandler;
  private readonly onUnanswered: OnUnanswered;
  private answered = false;
  private finished = false;
  private over = false;
  private error: unknown;

  constructor(
    stream: ClientHttp2Stream,
    handler: TransportHandler,
    onUnanswered: OnUnanswered,
    onRead: () => void,
  ) {
    this.stream = stream;
    this.handler = handler;
    this.onUnanswered = onUnanswered;
    this.watchEnd();
    stream.once('response', (headers) => {
      onRead();
      this.onHead(headers);
      // Not before: Node reports headers one turn later than it pushes the bytes that came along with them.
      stream.on('data', (chunk: Buffer) => {
        onRead();
        if (!this.over) handler.onBody(chunk);
      });
    });
    stream.on('end', () => {
      if (this.finished) this.complete();
    });
    stream.on('error', (error) => {
      this.error = error;
    });
    stream.once('close', () => this.onClose());
  }

  /** The connection and its other streams go on. */
  abort(): void {
    if (this.over) return;
    this.over = true;
    if (!this.stream.closed) this.stream.close(constants.NGHTTP2_CANCEL);
  }

  /**
   * Node ends the readable side in the same way whether the server finished the body or took the stream back. Only
   * in the first case (END_STREAM) is the stream still open when its end is pushed.
   */
  private watchEnd(): void {
    const { stream } = this;
    const push = stream.push.bind(stream);
    let pushed = false;
    stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null && !pushed) {
        pushed = true;
        this.finished = !stream.closed;
      }
      return push(chunk, encoding);
    };
  }

  private onHead(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    if (this.over) return;
    this.answered = true;
    const fields: Record<string, string | readonly string[]> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && !name.startsWith(':')) fields[name] = value;
    }
    this.handler.onHead(headers[':status'] ?? 0, fields satisfies ResponseHeaders);
  }

  private complete(): void {
    if (this.over) return;
    this.over = true;
    this.handler.onDone('complete');
  }

  private onClose(): void {
    if (this.over) return;
    if (this.finished && this.error === undefined) {
      this.complete();
      return;
    }
    const end = endOfStream(this.error, this.stream.rstCode, this.answered);
    if (!this.answered && this.onUnanswered(end)) {
      this.over = true;
      return;
    }
    this.over = true;
    this.handler.onDone(end.kind, end.detail);
  }
}
