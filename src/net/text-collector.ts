import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type {
  ResponseHeaders,
  StreamEnd,
  StreamEndKind,
  StreamSink,
  TextFailure,
  TextResponse,
} from '../seams.js';
import { headerTokens } from './http-headers.js';

type Decode = (
  bytes: Buffer,
  limits: { maxOutputLength: number },
  done: (error: Error | null, text: Buffer) => void,
) => void;

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
};

const UTF8 = new TextDecoder();

/**
 * Gathers a small body and settles once: the decoded text, or why there is none. The limit holds for the bytes on
 * the wire and for the decoded ones.
 */
export class TextCollector implements StreamSink {
  /** Stops the exchange. */
  onTooLarge: () => void = () => undefined;
  private readonly startedAtMs: number;
  private readonly maxBytes: number;
  private readonly settle: (result: TextResponse | TextFailure) => void;
  private readonly chunks: Buffer[] = [];
  private bodyBytes = 0;
  private head: { status: number; headers: ResponseHeaders; firstByteAtMs: number; url: string } | undefined;

  constructor(startedAtMs: number, maxBytes: number, settle: (result: TextResponse | TextFailure) => void) {
    this.startedAtMs = startedAtMs;
    this.maxBytes = maxBytes;
    this.settle = settle;
  }

  onResponse(status: number, headers: ResponseHeaders, atMs: number, url: string): void {
    this.head = { status, headers, firstByteAtMs: atMs, url };
  }

  onBytes(chunk: Uint8Array): void {
    this.bodyBytes += chunk.byteLength;
    if (this.bodyBytes > this.maxBytes) this.onTooLarge();
    else this.chunks.push(Buffer.from(chunk));
  }

  onEnd(end: StreamEnd): void {
    const { head } = this;
    if (this.bodyBytes > this.maxBytes) this.fail(end.atMs, 'too_large', `more than ${this.maxBytes} bytes`);
    else if (end.kind !== 'complete' || !head)
      this.settle({ kind: 'failure', end, startedAtMs: this.startedAtMs });
    else this.decode(head, end.atMs);
  }

  private decode(head: NonNullable<TextCollector['head']>, endedAtMs: number): void {
    const wire = Buffer.concat(this.chunks);
    const codings = headerTokens(head.headers, 'content-encoding').filter((coding) => coding !== 'identity');
    const [coding] = codings;
    if (coding === undefined || wire.byteLength === 0) {
      this.succeed(endedAtMs, head, wire);
      return;
    }
    const decode = codings.length === 1 ? DECODERS[coding] : undefined;
    if (!decode) {
      this.fail(endedAtMs, 'network', 'unknown content-encoding');
      return;
    }
    decode(wire, { maxOutputLength: this.maxBytes }, (error, text) => {
      const tooLarge = (error as NodeJS.ErrnoException | null)?.code === 'ERR_BUFFER_TOO_LARGE';
      if (!error) this.succeed(endedAtMs, head, text);
      else if (tooLarge) this.fail(endedAtMs, 'too_large', `more than ${this.maxBytes} bytes when decoded`);
      else this.fail(endedAtMs, 'network', 'content-encoding does not decode');
    });
  }

  private succeed(endedAtMs: number, head: NonNullable<TextCollector['head']>, text: Buffer): void {
    const { bodyBytes, startedAtMs } = this;
    // As a browser: a byte order mark is dropped, bytes that are not UTF-8 become U+FFFD.
    const body = UTF8.decode(text);
    this.settle({ kind: 'response', ...head, body, startedAtMs, endedAtMs, bodyBytes });
  }

  private fail(atMs: number, kind: StreamEndKind, detail: string): void {
    this.settle({ kind: 'failure', end: { kind, atMs, detail }, startedAtMs: this.startedAtMs });
  }
}
