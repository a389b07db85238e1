import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lineOf } from './run-line.js';
import type { RunRecord } from './story.js';

/** What makes two runs repeats of the same thing. */
export type RunKey = Pick<RunRecord, 'condition' | 'seed' | 'modelVersion' | 'libraries' | 'repeat'>;

const nameOf = (key: RunKey): string =>
  [key.condition, key.seed, key.modelVersion, key.libraries, key.repeat].join(' ');

/** A file that grows by one line per run; a line that was cut by a crash is no run. */
export class ResultsFile {
  readonly #path: string | undefined;
  readonly #done = new Set<string>();

  /** @param path absent = nothing is kept */
  constructor(path: string | undefined) {
    this.#path = path;
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    for (const line of text.split('\n')) this.#note(line);
    if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n');
  }

  has(key: RunKey): boolean {
    return this.#done.has(nameOf(key));
  }

  /** Throws when the file cannot be written. */
  append(record: RunRecord): void {
    this.#done.add(nameOf(record));
    if (this.#path !== undefined) appendFileSync(this.#path, `${lineOf(record)}\n`);
  }

  #note(line: string): void {
    try {
      this.#done.add(nameOf(JSON.parse(line) as RunRecord));
    } catch {
      // Cut by a crash: it will be run again.
    }
  }
}
