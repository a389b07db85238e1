/**
 * The wire between boxes and coordinator: three kinds of sending, each for what it is good at. Two versions: over a
 * NATS server, and within one process for tests.
 *
 * | kind | for | when the other side is away |
 * |---|---|---|
 * | ask / serve | discovery, preparing, clocks | fails at once or after its time limit |
 * | stream | ticks and all that must not be lost; orders | waits in the server, is read later |
 * | beats | signs of life | expires by itself |
 */
export interface Link {
  /** @throws {LinkError} no_responders | timeout | closed */
  ask(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** All answers that come within `waitMs`, or earlier when there are `most` of them. None = an empty list. */
  askAll(subject: string, payload: Uint8Array, waitMs: number, most?: number): Promise<readonly Uint8Array[]>;
  /** Answers what is asked on a subject; a handler that throws answers nothing. */
  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array> | Uint8Array): Closeable;
  /** To whoever listens now; nobody knows whether anyone did. */
  publish(subject: string, payload: Uint8Array): void;
  subscribe(subject: string, handler: (payload: Uint8Array, subject: string) => void): Closeable;

  /** Makes the stream if it is not there. The same call from two sides at once is no fault. */
  openStream(spec: StreamSpec): Promise<void>;
  /**
   * Adds one message to a stream and waits until the server has it on disk. A message whose id the stream has seen
   * lately is not added again.
   * @throws {LinkError} timeout | closed | too_large | full | refused: it may or may not have been added; sending it
   * again is safe. no_responders: no stream takes this subject. Without a connection it fails at once, and nothing is kept.
   */
  append(subject: string, payload: Uint8Array, id: string): Promise<{ readonly isDuplicate: boolean }>;
  /**
   * Reads a stream from where the reader of this name has stopped (its first call: from the begin), one message at a
   * time in order; the next comes when the handler has resolved, and only then counts as read. One that it throws on
   * counts as read, too: it would throw again, and hold up all behind it. `failed` is told.
   */
  read(spec: ReadSpec, handler: (message: StreamMessage) => Promise<void> | void): Promise<Closeable>;
  deleteStream(name: string): Promise<void>;

  openBeats(bucket: string, ttlMs: number): Promise<Beats>;

  /** Is it connected now? Reconnects by itself for ever, until it is closed. */
  readonly isUp: boolean;
  /** Told of each change of `isUp`. */
  onUp(listener: (isUp: boolean) => void): Closeable;
  /** Sends what is waiting, closes. Safe to call twice. */
  close(): Promise<void>;
}

export interface Closeable {
  close(): void;
}

export interface StreamSpec {
  readonly name: string;
  /** `>` and `*` as in NATS. */
  readonly subjects: readonly string[];
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

export interface ReadSpec {
  readonly stream: string;
  /** Absent = a reader for this once, from the begin of the stream. */
  readonly durable?: string;
  readonly subject?: string;
  /** The handler has thrown. */
  failed?(error: unknown): void;
}

export interface StreamMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Position in the stream, from 1. */
  readonly sequence: number;
}

/** Entries that expire unless they are put again. */
export interface Beats {
  put(key: string, value: Uint8Array): Promise<void>;
  /** All entries that have not expired. */
  all(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Told of each entry that is put, from now on. */
  watch(handler: (key: string, value: Uint8Array) => void): Promise<Closeable>;
}

export type LinkErrorCode = 'no_responders' | 'timeout' | 'closed' | 'too_large' | 'full' | 'refused';

export class LinkError extends Error {
  readonly code: LinkErrorCode;
  constructor(code: LinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LinkError';
    this.code = code;
  }
}
