import { appendFile, open } from 'node:fs/promises';

/** Its name in the folder. */
export const SYSTEM_FILE = 'system.ndjson';

/** Lines that wait for a disk; beyond it they are lost, and counted. */
const MAX_WAITING = 1000;

/**
 * `system.ndjson`, or another file of lines beside it, appended to. A disk that fails costs lines, which are tried again with the next one and counted
 * when they are lost.
 */
export class SystemFile {
  readonly #path: string;
  readonly #redact: (text: string) => string;
  #waiting: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #written = 0;
  #lost = 0;
  #why: string | undefined;

  constructor(path: string, redact: (text: string) => string) {
    this.#path = path;
    this.#redact = redact;
  }

  get written(): number {
    return this.#written;
  }

  /** Lines that are on no disk, and why. */
  get lost(): { readonly lines: number; readonly why: string } {
    return { lines: this.#lost + this.#waiting.length, why: this.#why ?? '' };
  }

  /** A line that a killed process left half is ended, so that the next one is whole. @throws when it cannot be written */
  async prepare(): Promise<void> {
    const handle = await open(this.#path, 'a+');
    try {
      const { size } = await handle.stat();
      if (size === 0) return;
      const last = Buffer.alloc(1);
      await handle.read(last, 0, 1, size - 1);
      if (last.toString() !== '\n') await handle.write('\n');
    } finally {
      await handle.close();
    }
  }

  append(line: object): void {
    this.#waiting.push(this.#redact(JSON.stringify(line)));
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#lost++;
    }
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** Resolves when all that can be written is. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const lines = this.#waiting.splice(0);
    if (lines.length === 0) return;
    try {
      await appendFile(this.#path, `${lines.join('\n')}\n`);
      this.#written += lines.length;
    } catch (error) {
      this.#why ??= (error as NodeJS.ErrnoException).code ?? String(error);
      this.#waiting = [...lines, ...this.#waiting];
    }
  }
}
