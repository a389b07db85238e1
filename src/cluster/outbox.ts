import type { Cancel, Clock } from '../seams.js';
import { MAX_WIRE_BYTES, writeWire } from './agent-messages.js';
import { type Link, LinkError } from './link.js';
import type { RingFiles, RingPlace } from './ring-files.js';

/** What is said, without what the outbox itself adds. */
export type OutboxRecord = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface OutboxDeps {
  readonly link: Pick<Link, 'append' | 'onUp'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly ring: Pick<RingFiles, 'append' | 'read' | 'release' | 'close'>;
  readonly subject: string;
  readonly run: string;
  readonly box: string;
  readonly epoch: string;
  /** Told of trouble, once per kind. */
  say(words: string): void;
  readonly maxMemoryBytes?: number;
}

export interface OutboxState {
  readonly waiting: number;
  readonly unsaved: number;
  readonly dropped: number;
}

interface Entry {
  readonly seq: number;
  readonly size: number;
  /** Absent = on disk only. */
  bytes: Uint8Array | undefined;
  place: RingPlace | undefined;
  /** Small, and its loss could not be told. */
  readonly keep: boolean;
  state: 'new' | 'waiting' | 'flying';
}

/** Appends that wait for their acknowledgement at a time. */
const MOST_FLYING = 64;
/** Records that are kept in memory too, so that sending needs no disk. */
const MAX_MEMORY_BYTES = 16 * 2 ** 20;
const RETRY_MS = 500;
const TOO_LARGE = 'a record is larger than the broker takes';

/**
 * All that a box has to say of its run: each record is on this machine's disk before it is sent, and goes from there
 * when the broker has acknowledged it. Several are on the way at a time; the other end puts them in order.
 *
 * | what runs out | what happens |
 * |---|---|
 * | the disk, or the ring on it | the record is kept in memory only and sent; counted as unsaved |
 * | memory too, or the record is longer than the other end reads | the record is lost; its number is told with the next one that finds room |
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #maxMemoryBytes: number;
  /** By number, oldest first. */
  readonly #entries = new Map<number, Entry>();
  readonly #toWrite: Entry[] = [];
  #writing: Promise<void> | undefined;
  #seq = 0;
  #memoryBytes = 0;
  #flying = 0;
  #unsaved = 0;
  #dropped = 0;
  #droppedFrom: number | undefined;
  #retry: Cancel | undefined;
  #closed = false;
  readonly #told = new Set<string>();
  readonly #ups: { close(): void };
  #onEmpty: (() => void)[] = [];

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#maxMemoryBytes = deps.maxMemoryBytes ?? MAX_MEMORY_BYTES;
    this.#ups = deps.link.onUp((isUp) => {
      if (isUp) this.#send();
    });
  }

  get state(): OutboxState {
    return { waiting: this.#entries.size, unsaved: this.#unsaved, dropped: this.#dropped };
  }

  /** Takes a record. `must`: it is small and has room where others have none. */
  add(record: OutboxRecord, must = false): void {
    if (this.#closed) return;
    if (!must && this.#memoryBytes >= this.#maxMemoryBytes) {
      this.#lose(++this.#seq, 'memory is full too: records are lost, the report will number them');
      return;
    }
    if (this.#droppedFrom !== undefined) {
      const range = { from: this.#droppedFrom, to: this.#seq };
      this.#droppedFrom = undefined;
      this.#enter({ kind: 'dropped', ...range }, true);
    }
    this.#enter(record, must);
  }

  /** Resolves when all is acknowledged. */
  empty(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  /** Sends no more. What was not acknowledged stays on disk, unless all was; what was on its way there gets there. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.();
    this.#ups.close();
    await this.#writing;
    await this.#deps.ring.close(this.#entries.size === 0);
  }

  #enter(record: OutboxRecord, keep = false): void {
    const { run, box, epoch } = this.#deps;
    const seq = ++this.#seq;
    const bytes = writeWire({ v: 1, run, box, epoch, seq, ...record });
    if (bytes.byteLength > MAX_WIRE_BYTES && !keep) {
      this.#lose(seq, TOO_LARGE);
      return;
    }
    const entry: Entry = { seq, size: bytes.byteLength, bytes, place: undefined, state: 'new', keep };
    this.#memoryBytes += entry.size;
    this.#entries.set(seq, entry);
    this.#toWrite.push(entry);
    this.#writing ??= this.#write();
  }

  /** Its number is told with the next one that finds room. */
  #lose(seq: number, why: string): void {
    this.#droppedFrom ??= seq;
    this.#dropped += 1;
    this.#tell(why);
  }

  async #write(): Promise<void> {
    for (let entry = this.#toWrite.shift(); entry !== undefined; entry = this.#toWrite.shift()) {
      try {
        entry.place = await this.#deps.ring.append(entry.seq, entry.bytes as Uint8Array);
        if (entry.place === undefined)
          this.#tell('its ring on disk is full: records are kept in memory only');
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        this.#tell(`its disk fails (${code ?? message}): records are kept in memory only`);
      }
      if (entry.place === undefined) this.#unsaved += 1;
      // Half of the memory is for those that are on their way to the disk.
      else if (!entry.keep && this.#memoryBytes > this.#maxMemoryBytes / 2) this.#forgetBytes(entry);
      entry.state = 'waiting';
      this.#send();
    }
    this.#writing = undefined;
  }

  #send(): void {
    if (this.#closed) return;
    for (const entry of this.#entries.values()) {
      if (this.#flying >= MOST_FLYING || entry.state === 'new') return;
      if (entry.state === 'waiting') void this.#fly(entry);
    }
  }

  async #fly(entry: Entry): Promise<void> {
    const { link, ring, subject, box, epoch } = this.#deps;
    entry.state = 'flying';
    this.#flying += 1;
    try {
      const bytes = entry.bytes ?? (await ring.read(entry.place as RingPlace));
      await link.append(subject, bytes, `${box}:${epoch}:${entry.seq}`);
      this.#settle(entry);
    } catch (error) {
      // Its file may have been closed under it; it stays there for the next process.
      const lost = this.#closed ? undefined : lostForGood(error);
      if (lost !== undefined && !entry.keep) {
        this.#tell(lost);
        this.#dropped += 1;
        this.#enter({ kind: 'dropped', from: entry.seq, to: entry.seq }, true);
        this.#settle(entry);
      } else entry.state = 'waiting';
    } finally {
      this.#flying -= 1;
    }
    if (entry.state === 'waiting') this.#later();
    else this.#send();
  }

  #settle(entry: Entry): void {
    this.#entries.delete(entry.seq);
    this.#forgetBytes(entry);
    if (entry.place !== undefined) void this.#deps.ring.release(entry.place);
    if (this.#entries.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #forgetBytes(entry: Entry): void {
    if (entry.bytes === undefined) return;
    entry.bytes = undefined;
    this.#memoryBytes -= entry.size;
  }

  #later(): void {
    if (this.#retry !== undefined || this.#closed) return;
    this.#retry = this.#deps.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#send();
    });
  }

  #tell(words: string): void {
    if (this.#told.has(words)) return;
    this.#told.add(words);
    this.#deps.say(words);
  }
}

/** Why sending it again would not help; undefined = it would. */
function lostForGood(error: unknown): string | undefined {
  if (!(error instanceof LinkError))
    return `a record cannot be read back: ${error instanceof Error ? error.message : String(error)}`;
  return error.code === 'too_large' ? TOO_LARGE : undefined;
}
