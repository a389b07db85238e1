import type { FromCollector } from '../collect/child-protocol.js';
import type { RunSystemLine, SystemLine } from '../collect/line.js';
import { SystemFile } from '../collect/system-file.js';
import type { Redact } from '../redact.js';
import type { Cancel, Clock } from '../seams.js';
import type { OwnLook } from '../stats/own-figures.js';
import type { CollectorProcess } from './collector-process.js';

/** Told of each line of the platform's own meters, as soon as it is there and after it went to the file. */
export type OnSystemLine = (line: RunSystemLine) => void;

export interface RunCollectorOptions {
  /** Of the file `system.ndjson`. */
  readonly path: string;
  readonly intervalMs: number;
  readonly redact: Redact;
  /** Starts the collector's process once. */
  start(onMessage: (message: FromCollector) => void): CollectorProcess;
  /** Of this run at the moment; absent or undefined = it has not begun. */
  ownViewers?(): { readonly joined: number; readonly watching: number } | undefined;
  /** Of the generator since the last line; absent or undefined = it has not begun, or is not wanted. */
  ownFigures?(): OwnLook | undefined;
  /** Wall clock of the run, ms. */
  epochMs(): number;
  after: Clock['after'];
  /** A source is silent (reason) or back, or the collector itself is. */
  onTurn(source: string, gap: string | undefined): void;
  /** Who wants each line, also who joins later; one that throws is left out from then on, and told of by `onTurn`. */
  readonly listeners: readonly OnSystemLine[];
}

/** What has to be told of the collector at the end. */
export interface CollectorEnd {
  readonly deaths: number;
  readonly lostLines: number;
  readonly lostWhy?: string;
}

/** It is started again so often. */
const MAX_DEATHS = 5;
/** A collector that is silent for so many intervals hangs. */
const SILENT_INTERVALS = 3;
const MIN_SILENCE_MS = 15_000;
/** What is called silent when the collector itself is. */
export const COLLECTOR = 'collector';

/**
 * The collector within a run: its process is watched and begun anew when it dies or hangs, its lines are put on the
 * run's own time axis, appended to the file, and handed to whoever listens. Nothing of it ever ends or holds up a run.
 */
export class RunCollector {
  readonly #options: RunCollectorOptions;
  readonly #file: SystemFile;
  #process: CollectorProcess | undefined;
  #startEpochMs: number | undefined;
  /** Lines from before run time had a beginning, with the instants they are of. */
  #early: { line: SystemLine; epochMs: number }[] = [];
  readonly #broken = new Set<OnSystemLine>();
  #deaths = 0;
  #down = false;
  #stopped = false;
  #watch: Cancel = () => {};

  constructor(options: RunCollectorOptions) {
    this.#options = options;
    this.#file = new SystemFile(options.path, options.redact);
  }

  start(): void {
    if (this.#stopped) return;
    const life = this.#options.start((message) => this.#take(message));
    this.#process = life;
    this.#waitFor(life);
    void life.died.then((why) => this.#died(life, why));
  }

  /** Run time has a beginning. */
  begin(startEpochMs: number): void {
    this.#startEpochMs = startEpochMs;
    for (const { line, epochMs } of this.#early.splice(0)) this.#append(line, epochMs);
  }

  /** Takes a last line and ends; a collector that hangs is not waited for longer than a moment. */
  async stop(): Promise<CollectorEnd> {
    this.#stopped = true;
    this.#watch();
    // The last line comes before the end of the process.
    await this.#process?.stop();
    await this.#file.flush();
    const { lines, why } = this.#file.lost;
    return {
      deaths: this.#deaths,
      lostLines: lines,
      ...(lines === 0 ? {} : { lostWhy: why }),
    };
  }

  /** At once, without a last line. */
  kill(): void {
    this.#stopped = true;
    this.#watch();
    this.#process?.kill();
  }

  #take(message: FromCollector): void {
    const { epochMs, onTurn } = this.#options;
    if (message.kind === 'turn') onTurn(message.source, message.gap);
    if (message.kind !== 'line') return;
    if (!this.#stopped && this.#process !== undefined) this.#waitFor(this.#process);
    if (this.#down) onTurn(COLLECTOR, undefined);
    this.#down = false;
    const askedEpochMs = epochMs() - message.tookMs;
    if (this.#startEpochMs === undefined) this.#early.push({ line: message.line, epochMs: askedEpochMs });
    else this.#append(message.line, askedEpochMs);
  }

  #append({ timestamp, ...rest }: SystemLine, askedEpochMs: number): void {
    const atMs = Math.round(askedEpochMs - (this.#startEpochMs ?? askedEpochMs));
    const run = atMs < 0 ? undefined : this.#options.ownViewers?.();
    const own = atMs < 0 ? undefined : this.#options.ownFigures?.();
    const line: RunSystemLine = {
      ...{ timestamp, atMs, ...(own === undefined ? rest : withOwn(rest, own)) },
      ...(run === undefined ? {} : { run }),
    };
    this.#file.append(line);
    for (const listener of this.#options.listeners) {
      if (this.#broken.has(listener)) continue;
      try {
        listener(line);
      } catch (error) {
        this.#broken.add(listener);
        this.#options.onTurn('listener', error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** What says nothing for long hangs, and is begun anew. */
  #waitFor(life: CollectorProcess): void {
    const { after, intervalMs } = this.#options;
    this.#watch();
    const silentMs = Math.max(MIN_SILENCE_MS, SILENT_INTERVALS * intervalMs);
    this.#watch = after(silentMs, () => life.kill(`said nothing for ${silentMs / 1000} s`));
  }

  #died(life: CollectorProcess, why: string): void {
    if (this.#stopped || life !== this.#process) return;
    this.#watch();
    this.#deaths++;
    this.#down = true;
    const { after, intervalMs, onTurn, redact } = this.#options;
    const isLast = this.#deaths >= MAX_DEATHS;
    const next = isLast ? ', and is not started again' : ', and is started again';
    onTurn(COLLECTOR, `${redact(why)}${next}`);
    this.#process = undefined;
    if (!isLast) this.#watch = after(intervalMs, () => this.start());
  }
}

/** The run's own figures stand beside those of its machine: they are known also when the kernel tells nothing. */
function withOwn(line: Omit<SystemLine, 'timestamp'>, own: OwnLook): Omit<SystemLine, 'timestamp'> {
  const missing = Object.entries(own.absent).map(([field, why]) => [`generator.${field}`, why]);
  return {
    ...line,
    generator: { ...line.generator, ...own.values },
    absent: { ...line.absent, ...Object.fromEntries(missing) },
  };
}
