import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALERT_FILE } from '../collect/alert-log.js';
import { SYSTEM_FILE } from '../collect/system-file.js';
import { ConfigError } from '../errors.js';
import { errorCode } from './error-code.js';
import { makeFolder } from './make-folder.js';

/** Names of the files in a run folder. */
export const RUN_FILES = {
  run: 'run.json',
  ticks: 'ticks.ndjson',
  events: 'events.ndjson',
  summary: 'summary.json',
  /** Only of a run over load boxes, while it goes: what `dorami-load resume` goes on from. */
  progress: 'progress.json',
  /** Only of a run with --collect. */
  system: SYSTEM_FILE,
  alerts: ALERT_FILE,
} as const;

/** A file that only grows; the part of `FileHandle` that is used, so that a test can have a full disk. */
export interface AppendFile {
  appendFile(text: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/**
 * The folder of one run. Lines are handed to the operating system as they come, so that a killed run can be
 * judged up to its last tick. A disk that fails does not end the run: the first failure is kept, and nothing
 * more is written to that file.
 */
export class RunFolder {
  readonly path: string;
  #failure: string | undefined;
  readonly #onFailure: (failure: string) => void;
  readonly #ticks: LineFile;
  readonly #events: LineFile;

  constructor(path: string, ticks: AppendFile, events: AppendFile, onFailure: (failure: string) => void) {
    this.path = path;
    this.#onFailure = onFailure;
    this.#events = new LineFile(events, (error) => this.#fail(RUN_FILES.events, error));
    // Who reads a tick knows who had trouble in it, and in those before.
    const eventsFirst = (): Promise<boolean> => this.#events.written();
    this.#ticks = new LineFile(ticks, (error) => this.#fail(RUN_FILES.ticks, error), eventsFirst);
  }

  /** One sentence on the first write that failed; absent = all is on disk. */
  get failure(): string | undefined {
    return this.#failure;
  }

  appendTick(line: string): void {
    this.#ticks.append(line);
  }

  appendEvent(line: string): void {
    this.#events.append(line);
  }

  /** Writes a whole file so that a reader sees either nothing or all of it. */
  async writeJson(name: string, value: unknown): Promise<void> {
    const to = join(this.path, name);
    try {
      await writeFile(`${to}.part`, `${JSON.stringify(value, null, 2)}\n`);
      await rename(`${to}.part`, to);
    } catch (error) {
      this.#fail(name, error);
      await rm(`${to}.part`, { force: true }).catch(() => {});
    }
  }

  /** Resolves when all lines up to now are handed to the operating system; false = they could not be. */
  async written(): Promise<boolean> {
    const done = await Promise.all([this.#ticks.written(), this.#events.written()]);
    return done.every(Boolean);
  }

  /** Waits until every line is written. */
  async close(): Promise<void> {
    await Promise.all([this.#ticks.close(), this.#events.close()]);
  }

  #fail(file: string, error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = `cannot write ${join(this.path, file)}: ${errorCode(error)}`;
    this.#onFailure(this.#failure);
  }
}

/**
 * Makes `<outDir>/<UTC>-<profile>-<id>/` with its empty files.
 * @throws {ConfigError} with the file system's code, e.g. EACCES: the run has nowhere to write to and should not begin
 */
export async function createRunFolder(
  outDir: string,
  profile: string,
  startedEpochMs: number,
  onFailure: (failure: string) => void,
): Promise<RunFolder> {
  const path = join(outDir, runFolderName(profile, startedEpochMs, randomBytes(3).toString('hex')));
  const files: FileHandle[] = [];
  try {
    await makeFolder(path);
    for (const name of [RUN_FILES.ticks, RUN_FILES.events]) files.push(await open(join(path, name), 'a'));
  } catch (cause) {
    for (const file of files) await file.close().catch(() => {});
    await rm(path, { recursive: true, force: true }).catch(() => {});
    const problem = `cannot make a run folder in ${outDir}: ${errorCode(cause)}`;
    throw new ConfigError([{ path: '--out', problem }], { cause });
  }
  return new RunFolder(path, files[0] as FileHandle, files[1] as FileHandle, onFailure);
}

/** `20261122T090605Z-smoke-a1b2c3`: sorts by time, safe on every file system. */
export function runFolderName(profile: string, startedEpochMs: number, id: string): string {
  const utc = new Date(startedEpochMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${utc}-${profile}-${id}`;
}

/** Lines that wait when a disk hangs; beyond it the file counts as failed, so that memory stays bounded. */
const MAX_WAITING_LINES = 4096;

/** Appends lines in order, one write at a time; lines that come meanwhile go together with the next write. */
class LineFile {
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  /** One write of it. */
  #step: Promise<unknown> | undefined;
  #appended = 0;
  #done = 0;
  #failed = false;
  readonly #file: AppendFile;
  readonly #onFailure: (error: unknown) => void;
  readonly #before: (() => Promise<unknown>) | undefined;

  /** @param before awaited with each write, for what must not be on the disk later than its lines */
  constructor(file: AppendFile, onFailure: (error: unknown) => void, before?: () => Promise<unknown>) {
    this.#file = file;
    this.#onFailure = onFailure;
    this.#before = before;
  }

  append(line: string): void {
    if (this.#failed) return;
    this.#waiting.push(line);
    this.#appended += 1;
    if (this.#waiting.length > MAX_WAITING_LINES) this.#fail(new Error('the disk does not answer'));
    this.#writing ??= this.#write();
  }

  /** Resolves when what was appended up to now is written; false = it could not be. */
  async written(): Promise<boolean> {
    const upTo = this.#appended;
    while (this.#done < upTo && !this.#failed) await (this.#step ?? this.#writing)?.catch(() => {});
    return !this.#failed;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close().catch((error: unknown) => this.#fail(error));
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#failed) {
        const text = `${this.#waiting.join('\n')}\n`;
        const upTo = this.#appended;
        this.#waiting = [];
        const write = (): Promise<unknown> => this.#file.appendFile(text);
        this.#step = this.#before === undefined ? write() : this.#before().then(write);
        await this.#step;
        this.#done = upTo;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#waiting = [];
    this.#onFailure(error);
  }
}
