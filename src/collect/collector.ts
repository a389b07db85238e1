import type { Cancel, Clock } from '../seams.js';
import type { SystemLine } from './line.js';
import { lineOf } from './line.js';
import type { Part, Reading, Source } from './reading.js';

/** What became of one source at one instant: a reading, or why there is none. */
export type Look = { readonly reading: Reading } | { readonly gap: string };

export interface CollectorOptions {
  readonly clock: Clock;
  readonly sources: readonly Source[];
  readonly intervalMs: number;
  /** Of each source by itself; below the interval. */
  readonly deadlineMs: number;
  /** What nobody here can tell, by section, with the reason. */
  readonly absent: Readonly<Record<string, string>>;
  onLine(line: SystemLine): void;
  /** A source has become a gap (reason) or is back (undefined). */
  onTurn(source: string, gap: string | undefined): void;
}

/** A stop takes no longer than this for the last line. */
const LAST_DEADLINE_MS = 1000;

/**
 * Asks every source at the same instants, start + k x interval, and makes a line of what they say. Each source has its
 * own deadline: who is late or fails is a gap with its reason, and the others stand in the line all the same. A source
 * that hangs is not asked again before it has ended. When this process itself is late by intervals, they are left out.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #busySinceMs = new Map<Source, number>();
  readonly #gaps = new Map<string, string>();
  #startMs = 0;
  #lastAtMs: number | undefined;
  #timer: Cancel = () => {};
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Takes the first line now: what grows has its first value then. */
  start(): void {
    this.#startMs = this.#options.clock.nowMs();
    this.#tick();
  }

  /** Takes a last line, closes the sources, and is done. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer();
    await this.#running;
    await this.#look(Math.min(LAST_DEADLINE_MS, this.#options.deadlineMs));
    await Promise.all(this.#options.sources.map((source) => source.close?.().catch(() => {})));
  }

  #tick(): void {
    const { clock, intervalMs, deadlineMs } = this.#options;
    this.#running = this.#look(deadlineMs).then(() => {
      if (this.#stopped) return;
      const sinceMs = clock.nowMs() - this.#startMs;
      const dueMs = (Math.floor(sinceMs / intervalMs) + 1) * intervalMs;
      this.#timer = clock.after(dueMs - sinceMs, () => this.#tick());
    });
  }

  async #look(deadlineMs: number): Promise<void> {
    const { clock, sources, absent, onLine } = this.#options;
    const atMs = clock.nowMs();
    const epochMs = clock.epochMs();
    const looks = await Promise.all(
      sources.map(async (source) => ({ source, look: await this.#ask(source, deadlineMs) })),
    );
    const intervalMs = this.#lastAtMs === undefined ? undefined : atMs - this.#lastAtMs;
    this.#lastAtMs = atMs;
    for (const { source, look } of looks) {
      this.#note(source.name, 'gap' in look ? look.gap : undefined);
      if ('reading' in look) this.#noteParts(source.name, look.reading.parts);
    }
    onLine(lineOf({ epochMs, intervalMs, looks, absent }));
  }

  #ask(source: Source, deadlineMs: number): Promise<Look> {
    const { clock } = this.#options;
    const busySince = this.#busySinceMs.get(source);
    if (busySince !== undefined) {
      const seconds = Math.round((clock.nowMs() - busySince) / 1000);
      return Promise.resolve({ gap: `still busy with the question of ${seconds} s ago` });
    }
    this.#busySinceMs.set(source, clock.nowMs());
    const abort = new AbortController();
    return new Promise((resolve) => {
      const cancel = clock.after(deadlineMs, () => {
        resolve({ gap: `no answer within ${deadlineMs} ms` });
        abort.abort();
      });
      const done = (look: Look): void => {
        cancel();
        this.#busySinceMs.delete(source);
        resolve(look);
      };
      // A reader that throws before it waits is a gap, too.
      Promise.resolve()
        .then(() => source.read(abort.signal))
        .then(
          (reading) => done({ reading }),
          (error: unknown) => done({ gap: wordsOf(error) }),
        );
    });
  }

  /** A part that is not spoken of any more is no gap any more either, nor is it back. */
  #noteParts(source: string, parts: readonly Part[] | undefined): void {
    if (parts === undefined) return;
    const names = new Set(parts.map(({ key }) => `${source}.${key}`));
    for (const name of [...this.#gaps.keys()])
      if (name.startsWith(`${source}.`) && !names.has(name)) this.#gaps.delete(name);
    for (const part of parts) this.#note(`${source}.${part.key}`, 'gap' in part ? part.gap : undefined);
  }

  #note(name: string, gap: string | undefined): void {
    const before = this.#gaps.get(name);
    if (gap === undefined) this.#gaps.delete(name);
    else this.#gaps.set(name, gap);
    // The seconds of a busy source are no news.
    if ((before === undefined) !== (gap === undefined)) this.#options.onTurn(name, gap);
  }
}

const MAX_REASON_CHARS = 200;

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return (words.split('\n')[0] ?? '').slice(0, MAX_REASON_CHARS) || 'failed without a word';
}
