import { FLV_FILE_HEADER } from '../media/flv-layout.js';
import type { Sender } from './sender.js';
import type { HeaderKind } from './stamper.js';

/** In the order in which a server is told. */
const HEADER_ORDER: readonly HeaderKind[] = ['script', 'avc', 'aac'];

/** The way out to whichever connection there is. Each connection is given the headers first; without one all is dropped. */
export class Outlet {
  readonly #headers = new Map<HeaderKind, Uint8Array>();
  readonly #onRoom: () => void;
  #sender: Sender | undefined;
  #fresh = false;
  #full = false;
  #sentBytes = 0;

  /** @param onRoom called when a full connection can take more, or is gone */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** True while the connection takes no more: what is given to it now stays in memory. */
  get full(): boolean {
    return this.#full;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** From now on everything goes to `sender`, or nowhere. */
  connect(sender: Sender | undefined): void {
    this.#sender = sender;
    this.#fresh = true;
    sender?.input.on('drain', () => {
      if (this.#sender === sender) this.#room();
    });
    this.#room();
  }

  header(kind: HeaderKind, tag: Uint8Array): void {
    this.#headers.set(kind, tag);
    if (!this.#fresh) this.#write(tag);
  }

  /** One whole tag. */
  media(pieces: readonly Uint8Array[]): void {
    if (this.#fresh && this.#sender !== undefined) this.#begin();
    for (const piece of pieces) this.#write(piece);
  }

  /** What `work` writes goes out together. */
  together(work: () => void): void {
    const input = this.#sender?.input;
    input?.cork();
    try {
      work();
    } finally {
      input?.uncork();
    }
  }

  #begin(): void {
    this.#fresh = false;
    this.#write(FLV_FILE_HEADER);
    for (const kind of HEADER_ORDER) {
      const tag = this.#headers.get(kind);
      if (tag !== undefined) this.#write(tag);
    }
  }

  #write(bytes: Uint8Array): void {
    const input = this.#sender?.input;
    if (input === undefined || input.destroyed || input.writableEnded) return;
    this.#sentBytes += bytes.length;
    if (!input.write(bytes)) this.#full = true;
  }

  #room(): void {
    this.#full = false;
    this.#onRoom();
  }
}
