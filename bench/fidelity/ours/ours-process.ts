import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { OurAnswer, OurCommand, OurRaw } from './raw.js';

/** Our viewers' process, as the runner sees it. */
export class OursProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (raw: OurRaw) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #ended = false;

  constructor() {
    const main = fileURLToPath(new URL('./ours-main.js', import.meta.url));
    // A session of its own: Ctrl-C reaches the runner alone, which ends everything in order.
    this.#child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      const { id, raw } = JSON.parse(line) as OurAnswer;
      this.#waiting.get(id)?.resolve(raw);
      this.#waiting.delete(id);
    });
    this.#child.on('exit', () => {
      this.#ended = true;
      for (const { reject } of this.#waiting.values())
        reject(new Error('our viewers ended before they were asked to'));
      this.#waiting.clear();
    });
    this.#child.stdin?.on('error', () => {});
  }

  /** Starts one viewer; the answer is its number. */
  start(command: Omit<OurCommand & { kind: 'start' }, 'kind' | 'id'>): number {
    const id = this.#nextId++;
    this.#send({ kind: 'start', id, ...command });
    return id;
  }

  /** Ends a viewer: what it reported. Rejects when the process is gone. */
  finish(id: number): Promise<OurRaw> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(new Error('our viewers ended before they were asked to'));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'finish', id });
    });
  }

  stop(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  #send(command: OurCommand): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }
}
