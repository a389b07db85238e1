import type { PathScript } from '../script.js';
import { Link, type Passage } from './link.js';

/** SRS's queue_length: what waits longer is thrown away as a whole. */
const QUEUE_MS = 1000;

interface Waiting {
  readonly chunk: Buffer;
  readonly mediaMs: number;
}

/** The server's end of one FLV connection: SRS's queue, the socket's buffer, and the link. Pure. */
export class FlvSender {
  readonly #link: Link;
  readonly #bufferBytes: number;
  readonly #parts: Buffer[] = [];
  readonly #writes: Passage[] = [];
  #sentBytes = 0;
  #queue: Waiting[] = [];

  constructor(path: PathScript, streamBytesPerMs: number) {
    this.#link = new Link(path.link, streamBytesPerMs);
    this.#bufferBytes = path.sendBufferBytes ?? Number.POSITIVE_INFINITY;
  }

  /** A batch leaves SRS at `atMs` (in order); `mediaMs` is the publisher's time of its last unit. */
  offer(atMs: number, chunk: Buffer, mediaMs: number): void {
    this.#queue.push({ chunk, mediaMs });
    while (this.#queue.length > 0 && this.#link.backlogBytes(atMs) < this.#bufferBytes) {
      this.#send(atMs, (this.#queue.shift() as Waiting).chunk);
    }
    const oldest = this.#queue[0];
    if (oldest !== undefined && mediaMs - oldest.mediaMs > QUEUE_MS) this.#queue = [];
  }

  /** All that passes; what still waits in the queue never does. */
  finish(): { readonly bytes: Buffer; readonly writes: readonly Passage[] } {
    return { bytes: Buffer.concat(this.#parts), writes: this.#writes };
  }

  #send(atMs: number, chunk: Buffer): void {
    const start = this.#sentBytes;
    for (const { atMs: passMs, from, to } of this.#link.send(atMs, chunk.length)) {
      this.#writes.push({ atMs: passMs, from: start + from, to: start + to });
    }
    this.#parts.push(chunk);
    this.#sentBytes += chunk.length;
  }
}
