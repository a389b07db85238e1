import { stat } from 'node:fs/promises';
import { OpenLog } from './open-log.js';

/** One look reads no more, so that a log that has run ahead does not hold the look up; the rest comes next time. */
const MAX_LOOK_BYTES = 32 * 1024 * 1024;

/** What one look found beside the lines. */
export interface Follow {
  /** Bytes that are still to be read. */
  readonly behindBytes: number;
  /** The file was cut to nothing in place: what was written between the last look and the cut is lost. */
  readonly cut: boolean;
}

/**
 * New lines of a log, from the end that the file has at the first look. Follows a rotation by rename and one by copy
 * and cut. A server goes on writing to a renamed file until it is told of the new one: the old one is read once more
 * at the look after.
 */
export class LogFollower {
  readonly #path: string;
  #log: OpenLog | undefined;
  #old: OpenLog | undefined;
  /** Whatever is there at the first look is old, whatever comes later is new. */
  #from: 'begin' | 'end' = 'end';

  constructor(path: string) {
    this.#path = path;
  }

  /** Calls `onLine` for each whole line since the last look. @throws when there is no such file, or it is not ours */
  async look(onLine: (line: string) => void, signal: AbortSignal): Promise<Follow> {
    let left = MAX_LOOK_BYTES;
    if (this.#old !== undefined) {
      left = await this.#old.read(onLine, left, signal);
      await this.#old.close();
      this.#old = undefined;
    }
    const log = this.#log ?? (await this.#open());
    const cut = await log.restartIfCut();
    left = await log.read(onLine, left, signal);
    if (left > 0 && (await this.#isReplaced(log))) {
      this.#old = log;
      this.#log = undefined;
      left = await (await this.#open()).read(onLine, left, signal);
    }
    return { behindBytes: left > 0 ? 0 : ((await this.#log?.unreadBytes()) ?? 0), cut };
  }

  async close(): Promise<void> {
    await Promise.all([this.#log?.close(), this.#old?.close()]);
    this.#log = undefined;
    this.#old = undefined;
  }

  async #open(): Promise<OpenLog> {
    try {
      this.#log = await OpenLog.open(this.#path, this.#from);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') this.#from = 'begin';
      throw new Error(`cannot read the log: ${code ?? message}`, { cause: error });
    }
    this.#from = 'begin';
    return this.#log;
  }

  /** Between the rename and the new file there is none: it comes with a later look. */
  async #isReplaced(log: OpenLog): Promise<boolean> {
    const now = await stat(this.#path).catch(() => undefined);
    return now !== undefined && `${now.dev}:${now.ino}` !== log.id;
  }
}
