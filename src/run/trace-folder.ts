import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLine } from '../trace/line.js';
import { makeFolder } from './make-folder.js';
import { TraceFile, type TraceLimits, type TraceStore } from './trace-file.js';

/** Within a run folder. */
export const TRACE_FOLDER = 'trace';
/** Of the files of a trace; see docs/trace.md. */
export const TRACE_VERSION = 1;

/** What a viewer's files are called, without their endings. */
export function traceName(vu: number): string {
  return `vu-${vu}`;
}

/** The traces of a run's viewers, as they come from the workers. */
export class TraceFolder {
  /** `RUN/trace`. */
  readonly path: string;
  readonly #run: string;
  readonly #files = new Map<number, TraceFile>();
  readonly #store: TraceStore;
  readonly #onLines: (vu: number, lines: readonly string[]) => void;
  readonly #limits: TraceLimits | undefined;
  #startEpochMs = 0;

  constructor(
    runPath: string,
    run: string,
    onLines: (vu: number, lines: readonly string[]) => void = () => {},
    limits?: TraceLimits,
  ) {
    this.path = join(runPath, TRACE_FOLDER);
    this.#run = run;
    this.#store = diskStore(this.path);
    this.#onLines = onLines;
    this.#limits = limits;
  }

  /** Viewers that have a trace, in order. */
  get vus(): readonly number[] {
    return [...this.#files.keys()].sort((a, b) => a - b);
  }

  /** Run time 0 is at this instant of the wall clock, ms since the Unix epoch. Called before the first line. */
  begin(startEpochMs: number): void {
    this.#startEpochMs = startEpochMs;
  }

  take(vu: number, lines: readonly string[]): void {
    this.#onLines(vu, lines);
    const known = this.#files.get(vu);
    if (known !== undefined) {
      known.append(lines);
      return;
    }
    const file = new TraceFile(traceName(vu), this.#store, this.#limits);
    this.#files.set(vu, file);
    const head = { version: TRACE_VERSION, vu, run: this.#run, startEpochMs: this.#startEpochMs };
    file.append([formatLine({ kind: 'head', atMs: 0, ...head }), ...lines]);
  }

  /** Waits for the disk. Resolves with a sentence for each trace that is not whole. */
  async close(): Promise<readonly string[]> {
    const notes: string[] = [];
    for (const [vu, file] of this.#files) {
      await file.close();
      const { lines, why } = file.lost;
      if (lines > 0) notes.push(`trace of viewer ${vu}: ${lines} lines could not be written (${why})`);
      else if (why !== '') notes.push(`trace of viewer ${vu}: its parts could not be put together (${why})`);
    }
    return notes;
  }
}

/** Files in one folder, which is made with the first. */
export function diskStore(folder: string): TraceStore {
  let made = false;
  return {
    async append(name, text, fresh) {
      if (!made) await makeFolder(folder);
      made = true;
      await (fresh ? writeFile : appendFile)(join(folder, name), text);
    },
    async join(name, parts) {
      for (const part of parts) await appendFile(join(folder, name), await readFile(join(folder, part)));
      for (const part of parts) await rm(join(folder, part), { force: true });
    },
  };
}
