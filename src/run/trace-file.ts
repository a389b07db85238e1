import { formatLine, parseLine } from '../trace/line.js';
import { errorCode } from './error-code.js';

/** Where the parts of a trace are kept; a test can have a full disk. */
export interface TraceStore {
  /** Adds text to the end of a file, which is made when it is not there; `fresh` = from nothing. */
  append(name: string, text: string, fresh: boolean): Promise<void>;
  /** Puts the parts behind the first file, in order, and takes them away. */
  join(name: string, parts: readonly string[]): Promise<void>;
}

/** Bytes on disk: what comes first is kept for good, of what comes later the newest. */
export interface TraceLimits {
  readonly firstBytes: number;
  /** Of each of the two files that take turns. */
  readonly lateBytes: number;
  /** Characters that may wait for a disk that is slow. */
  readonly waitingChars: number;
}

/** Half an hour of a busy viewer fits whole; of six hours the first quarter and the last one stay. */
export const TRACE_LIMITS: TraceLimits = {
  firstBytes: 8 * 2 ** 20,
  lateBytes: 4 * 2 ** 20,
  waitingChars: 2 * 2 ** 20,
};

interface Part {
  readonly name: string;
  bytes: number;
  lines: number;
  /** The instant of its first line, ms. */
  fromAtMs: number;
  toAtMs: number;
}

/**
 * The lines of one viewer on disk, in a bounded space: `NAME.ndjson` until it is full, then two more files in turn,
 * the older of which begins anew when the newer one is full. A disk that fails costs lines, which are counted in the
 * file and here; each later batch is tried again.
 */
export class TraceFile {
  readonly #name: string;
  readonly #store: TraceStore;
  readonly #limits: TraceLimits;
  readonly #late: [Part, Part];
  #part: Part;
  #turns = 0;
  #droppedLines = 0;
  #droppedFromAtMs = 0;
  #waiting: string[] = [];
  #waitingChars = 0;
  #writing: Promise<void> | undefined;
  /** Lines that could not be written and are not yet told of in the file. */
  #untold = 0;
  #torn = false;
  #isFresh = false;
  #why = '';
  #lostLines = 0;

  constructor(name: string, store: TraceStore, limits: TraceLimits = TRACE_LIMITS) {
    this.#name = `${name}.ndjson`;
    this.#store = store;
    this.#limits = limits;
    this.#part = emptyPart(this.#name);
    this.#late = [emptyPart(`${name}.late-1.ndjson`), emptyPart(`${name}.late-2.ndjson`)];
  }

  /** Lines that are on no disk, and the first reason. */
  get lost(): { readonly lines: number; readonly why: string } {
    return { lines: this.#lostLines, why: this.#why };
  }

  append(lines: readonly string[]): void {
    for (const line of lines) {
      if (this.#waitingChars + line.length > this.#limits.waitingChars) {
        this.#lose(1, 'the disk does not keep up');
        continue;
      }
      this.#waiting.push(line);
      this.#waitingChars += line.length + 1;
    }
    this.#writing ??= this.#write();
  }

  /** Waits for the disk and makes one file of the parts. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#untold > 0) await this.#put([]);
    if (this.#turns === 0) return;
    const newest = this.#turns % 2 === 1 ? 0 : 1;
    const order = this.#turns === 1 ? [this.#late[0]] : [this.#late[1 - newest], this.#late[newest]];
    const parts = order.map((part) => (part as Part).name);
    await this.#store.join(this.#name, parts).catch((error: unknown) => this.#lose(0, errorCode(error)));
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingChars = 0;
      await this.#put(lines);
    }
    this.#writing = undefined;
  }

  async #put(lines: readonly string[]): Promise<void> {
    const atMs = instantOf(lines[0]) ?? this.#part.toAtMs;
    const head: string[] = [];
    if (this.#turnIfFull(atMs, head)) this.#isFresh = true;
    const told = this.#untold;
    if (told > 0) head.push(formatLine({ kind: 'lost', atMs, lines: told, why: this.#why }));
    const all = [...head, ...lines];
    // What was cut off by a full disk ends where the next line begins.
    const text = `${this.#torn ? '\n' : ''}${all.join('\n')}\n`;
    try {
      await this.#store.append(this.#part.name, text, this.#isFresh);
      this.#isFresh = false;
      this.#torn = false;
      this.#untold -= told;
    } catch (error) {
      this.#torn = true;
      this.#lose(lines.length, errorCode(error));
    }
    const part = this.#part;
    if (part.lines === 0) part.fromAtMs = atMs;
    part.bytes += Buffer.byteLength(text);
    part.lines += all.length;
    part.toAtMs = instantOf(lines.at(-1)) ?? atMs;
  }

  /** True when the file that is written to now begins from nothing. */
  #turnIfFull(atMs: number, head: string[]): boolean {
    const { firstBytes, lateBytes } = this.#limits;
    if (this.#part.bytes < (this.#turns === 0 ? firstBytes : lateBytes)) return false;
    const next = this.#late[this.#turns % 2] as Part;
    this.#turns++;
    this.#torn = false;
    if (next.lines > 0) {
      if (this.#droppedLines === 0) this.#droppedFromAtMs = next.fromAtMs;
      this.#droppedLines += next.lines;
      const gap = { lines: this.#droppedLines, fromAtMs: this.#droppedFromAtMs, atMs: next.toAtMs };
      head.push(formatLine({ kind: 'gap', ...gap }));
    }
    Object.assign(next, emptyPart(next.name), { fromAtMs: atMs });
    this.#part = next;
    return true;
  }

  #lose(lines: number, why: string): void {
    if (this.#why === '') this.#why = why;
    this.#untold += lines;
    this.#lostLines += lines;
  }
}

function emptyPart(name: string): Part {
  return { name, bytes: 0, lines: 0, fromAtMs: 0, toAtMs: 0 };
}

function instantOf(line: string | undefined): number | undefined {
  return line === undefined ? undefined : parseLine(line)?.atMs;
}
