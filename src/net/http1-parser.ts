import type { ResponseHeaders } from '../seams.js';
import { collectHeaders } from './http-headers.js';
import { type BodyFraming, frameBody } from './http1-framing.js';

/** What a parser reports, in the order head, body*, end. Calling `stop()` inside a call ends all calls. */
export interface MessageHandler {
  onHead(status: number, headers: ResponseHeaders): void;
  /** A view into what was pushed. */
  onBody(chunk: Uint8Array): void;
}

/**
 * - `head`, `body`: in the middle of a message
 * - `complete`: the message is whole
 * - `bad`: what came is not HTTP/1.1 as RFC 9112 has it; `problem` says what
 */
export type ParserState = 'head' | 'body' | 'complete' | 'bad';

type Step =
  | 'status'
  | 'headers'
  | 'fixed'
  | 'until_close'
  | 'chunk_size'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailers'
  | 'complete'
  | 'bad';

/** Status line, headers and trailers together, interim responses included. */
export const MAX_HEAD_BYTES = 65_536;
const MAX_CHUNK_LINE_BYTES = 4096;
const LF = 10;

/**
 * Reads one HTTP/1.1 response (RFC 9112) to a GET or POST as its bytes come in. Bodies pass through as views,
 * nothing of them is kept; memory is bounded by MAX_HEAD_BYTES. Interim 1xx responses are skipped.
 */
export class Http1Parser {
  /** Why the message is bad; set in state `bad`. */
  problem: string | undefined;
  private readonly handler: MessageHandler;
  private step: Step = 'status';
  private stopped = false;
  private partialLine = '';
  private headBytes = 0;
  private status = 0;
  private isHttp10 = false;
  private headerLines: string[] = [];
  private framing: BodyFraming | undefined;
  private remainingBytes = 0;
  private leftover = false;

  constructor(handler: MessageHandler) {
    this.handler = handler;
  }

  get state(): ParserState {
    if (this.step === 'complete' || this.step === 'bad') return this.step;
    return this.step === 'status' || this.step === 'headers' ? 'head' : 'body';
  }

  /** True when the connection may carry another request after this message. */
  get reusable(): boolean {
    return this.step === 'complete' && this.framing?.keepAlive === true && !this.leftover;
  }

  /** Feeds what arrived. `chunk` is only looked at during the call. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.stopped && this.step !== 'bad') {
      switch (this.step) {
        case 'complete':
          this.leftover = true;
          return;
        case 'fixed':
        case 'chunk_data':
        case 'until_close':
          at = this.takeBody(chunk, at);
          break;
        default:
          at = this.takeLine(chunk, at);
      }
    }
  }

  /** The peer ended the stream: a body that lasts until then is complete, anything else was cut. */
  finish(): 'complete' | 'cut' {
    if (this.step === 'until_close') this.step = 'complete';
    return this.step === 'complete' ? 'complete' : 'cut';
  }

  /** No further calls to the handler, whatever was pushed. */
  stop(): void {
    this.stopped = true;
  }

  private takeBody(chunk: Buffer, at: number): number {
    const room = this.step === 'until_close' ? Number.POSITIVE_INFINITY : this.remainingBytes;
    const endAt = Math.min(chunk.length, at + room);
    this.remainingBytes -= endAt - at;
    if (this.remainingBytes === 0) {
      if (this.step === 'fixed') this.step = 'complete';
      else if (this.step === 'chunk_data') this.step = 'chunk_end';
    }
    this.handler.onBody(chunk.subarray(at, endAt));
    return endAt;
  }

  private takeLine(chunk: Buffer, at: number): number {
    const lfAt = chunk.indexOf(LF, at);
    const endAt = lfAt < 0 ? chunk.length : lfAt;
    const inHead = this.step === 'status' || this.step === 'headers' || this.step === 'trailers';
    const limitBytes = inHead ? MAX_HEAD_BYTES - this.headBytes : MAX_CHUNK_LINE_BYTES;
    if (this.partialLine.length + (endAt - at) > limitBytes) {
      this.fail(inHead ? 'headers too large' : 'chunk size line too long');
      return endAt;
    }
    this.partialLine += chunk.toString('latin1', at, endAt);
    if (lfAt < 0) return endAt;
    const line = this.partialLine.endsWith('\r') ? this.partialLine.slice(0, -1) : this.partialLine;
    if (inHead) this.headBytes += this.partialLine.length + 1;
    this.partialLine = '';
    this.onLine(line);
    return endAt + 1;
  }

  private onLine(line: string): void {
    switch (this.step) {
      case 'status':
        this.onStatusLine(line);
        break;
      case 'headers':
        if (line === '') this.onHeadEnd();
        else this.headerLines.push(line);
        break;
      case 'chunk_size':
        this.onChunkSize(line);
        break;
      case 'chunk_end':
        if (line === '') this.step = 'chunk_size';
        else this.fail('chunk longer than its size');
        break;
      default:
        // Trailers say nothing that we need; the empty line ends the message.
        if (line === '') this.step = 'complete';
    }
  }

  private onStatusLine(line: string): void {
    if (line === '') return; // RFC 9112 2.2: an empty line before the message is ignored
    const match = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(line);
    if (!match) {
      this.fail('not an HTTP/1.1 response');
      return;
    }
    this.status = Number(match[1]);
    this.isHttp10 = line.startsWith('HTTP/1.0');
    this.step = 'headers';
  }

  private onHeadEnd(): void {
    const headers = collectHeaders(this.headerLines);
    this.headerLines = [];
    if (headers !== undefined && this.status < 200 && this.status !== 101) {
      this.step = 'status';
      return;
    }
    const framing = this.frame(headers);
    if (headers === undefined || typeof framing === 'string') {
      this.fail(String(framing));
      return;
    }
    this.framing = framing;
    this.remainingBytes = framing.lengthBytes ?? -1;
    this.step = framing.lengthBytes === 0 ? 'complete' : framing.kind;
    this.handler.onHead(this.status, headers);
  }

  private frame(headers: ResponseHeaders | undefined): BodyFraming | string {
    if (headers === undefined) return 'malformed header';
    if (this.status === 101) return 'the connection was upgraded';
    return frameBody(this.status, this.isHttp10, headers);
  }

  private onChunkSize(line: string): void {
    // RFC 9112 7.1: hex digits, then extensions, which we may ignore.
    const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;|$)/.exec(line);
    if (!match) {
      this.fail('malformed chunk size');
      return;
    }
    this.remainingBytes = Number.parseInt(match[1] ?? '', 16);
    this.step = this.remainingBytes === 0 ? 'trailers' : 'chunk_data';
  }

  private fail(problem: string): void {
    this.problem = problem;
    this.step = 'bad';
  }
}
