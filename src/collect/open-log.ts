import { type FileHandle, open } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;
/** Longer than any line of a log. */
const MAX_LINE_CHARS = 64 * 1024;
/** What a file is known by beside its number: the begin of its first line. */
const MARK_BYTES = 128;

/** One file of a log, read on from where it was left. */
export class OpenLog {
  readonly #handle: FileHandle;
  /** Device and number: the same file by any name. */
  readonly id: string;
  #at: number;
  #mark: Buffer = Buffer.alloc(0);
  #rest = '';
  #decoder = new TextDecoder();

  private constructor(handle: FileHandle, id: string, at: number) {
    this.#handle = handle;
    this.id = id;
    this.#at = at;
  }

  /** @throws the file system's error */
  static async open(path: string, from: 'begin' | 'end'): Promise<OpenLog> {
    const handle = await open(path, 'r');
    const { dev, ino, size } = await handle.stat();
    const log = new OpenLog(handle, `${dev}:${ino}`, from === 'end' ? size : 0);
    log.#mark = await log.#head();
    return log;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Whether it was cut in place: it is shorter than what was read, or begins otherwise. Then it is read from its begin. */
  async restartIfCut(): Promise<boolean> {
    const { size } = await this.#handle.stat();
    const head = await this.#head();
    const isOther = !head.subarray(0, this.#mark.length).equals(this.#mark);
    this.#mark = head;
    if (size >= this.#at && !isOther) return false;
    this.#at = 0;
    this.#rest = '';
    this.#decoder = new TextDecoder();
    return true;
  }

  /** Reads to the end, but no more than `budgetBytes`; says how many of them are left. */
  async read(onLine: (line: string) => void, budgetBytes: number, signal: AbortSignal): Promise<number> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let left = budgetBytes;
    while (left > 0) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(CHUNK_BYTES, left), this.#at);
      if (bytesRead === 0) break;
      this.#at += bytesRead;
      left -= bytesRead;
      this.#split(buffer.subarray(0, bytesRead), onLine);
    }
    return left;
  }

  async unreadBytes(): Promise<number> {
    return Math.max(0, (await this.#handle.stat()).size - this.#at);
  }

  async #head(): Promise<Buffer> {
    const buffer = Buffer.alloc(MARK_BYTES);
    const { bytesRead } = await this.#handle.read(buffer, 0, MARK_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  }

  #split(chunk: Buffer, onLine: (line: string) => void): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}
