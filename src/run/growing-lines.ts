import { type FileHandle, open } from 'node:fs/promises';

const PIECE_BYTES = 1 << 20;

/**
 * The lines of a file that grows, each once, from its begin: `next` gives those that were ended since it was asked
 * last, a piece at a time. A file that is not there yet has none; a line longer than `maxBytes` is left out and counted.
 */
export class GrowingLines {
  readonly #path: string;
  readonly #maxBytes: number;
  #offset = 0;
  #held: Buffer = Buffer.alloc(0);
  #skips = false;
  #tooLong = 0;

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** Lines that were left out. */
  get tooLong(): number {
    return this.#tooLong;
  }

  /** The next lines; undefined = there is nothing new. @throws the file system's error */
  async next(): Promise<string[] | undefined> {
    let file: FileHandle;
    try {
      file = await open(this.#path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const piece = Buffer.alloc(PIECE_BYTES);
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, this.#offset);
      if (bytesRead === 0) return undefined;
      this.#offset += bytesRead;
      return this.#linesOf(piece.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }

  #linesOf(piece: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, from)) {
      const line = Buffer.concat([this.#held, piece.subarray(from, at)]);
      if (this.#skips || line.length > this.#maxBytes) this.#tooLong++;
      else if (line.length > 0) lines.push(line.toString('utf8'));
      this.#held = Buffer.alloc(0);
      this.#skips = false;
      from = at + 1;
    }
    if (!this.#skips) this.#held = Buffer.concat([this.#held, piece.subarray(from)]);
    if (this.#held.length > this.#maxBytes) {
      this.#skips = true;
      this.#held = Buffer.alloc(0);
    }
    return lines;
  }
}
