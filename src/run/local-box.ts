import { hostname } from 'node:os';
import { type Box, type BoxHandlers, BoxRefused } from '../cluster/box.js';
import type { BoxFacts, BoxShare, BoxWork } from '../cluster/protocol.js';
import { roomCells } from '../cluster/room-book.js';
import type { RunConfig } from '../config.js';
import type { FromWorker, ToWorker } from '../protocol.js';
import { vusOfWorker } from '../scenarios/plan.js';
import { readMachine } from './machine.js';
import { type PoolTask, startWorkers, type WorkerPool } from './worker-pool.js';

/** What a box of this machine is made of. */
export interface LocalBoxOptions {
  readonly facts: BoxFacts;
  readonly workerUrl: URL;
  /** Addresses of this machine that viewers connect from, in turn; empty = the system chooses. */
  readonly localIps: readonly string[];
  readonly handlers: BoxHandlers;
  /** The run has other boxes: whoever speaks is heard there, too. */
  readonly isOneOfMany?: boolean;
}

/** Name of the box that is the machine of the run itself. */
export const LOCAL_BOX = 'local';

const READY_TIMEOUT_MS = 60_000;

/** Threads that a box really runs: one without a viewer would measure nothing. */
export function threadsOf({ workers }: Pick<BoxFacts, 'workers'>, viewers: number): number {
  return Math.max(1, Math.min(workers, viewers));
}

/** The load box that is this very process: one thread per worker. */
export class LocalBox implements Box {
  readonly id: string;
  readonly facts: BoxFacts;
  readonly done: Promise<void>;
  readonly #options: LocalBoxOptions;
  readonly #start: typeof startWorkers;
  #pool: WorkerPool | undefined;
  #roster: Int32Array = new Int32Array();
  #threads = 0;
  #over: () => void = () => {};

  constructor(options: LocalBoxOptions, start = startWorkers) {
    this.#options = options;
    this.#start = start;
    this.facts = options.facts;
    this.id = options.facts.id;
    this.done = new Promise((resolve) => {
      this.#over = resolve;
    });
  }

  /** Its viewers that stand in the chat room now. */
  get inRoom(): number {
    let viewers = 0;
    for (let worker = 0; worker < this.#threads; worker++) {
      viewers += Atomics.load(this.#roster, worker);
    }
    return viewers;
  }

  /** Where its threads read of the viewers of other boxes; empty = there are none. */
  get far(): Int32Array {
    return this.#roster.subarray(this.#threads);
  }

  async prepare(work: BoxWork, { viewers }: BoxShare): Promise<void> {
    const { workerUrl, handlers } = this.#options;
    const tasks = this.#tasks(work, viewers);
    const ready = new ReadyBarrier(this.id, tasks.length);
    const pool = this.#start(workerUrl, tasks, {
      onMessage: (worker, message: FromWorker) => {
        if (message.kind === 'ready') ready.arrived();
        else handlers.onMessage(this.id, worker, message);
      },
      onDied: (worker, reason) => {
        // Its viewers are in the room no more: nobody must wait for their share of a message.
        Atomics.store(this.#roster, worker, 0);
        handlers.onDied(this.id, worker, reason);
        ready.failed(reason);
      },
    });
    this.#pool = pool;
    void pool.done.then(() => this.#over());
    await ready.all();
  }

  send(message: ToWorker): void {
    this.#pool?.send(message);
  }

  async destroy(): Promise<void> {
    await this.#pool?.destroy();
    this.#over();
  }

  #tasks(work: BoxWork, viewers: BoxShare['viewers']): PoolTask[] {
    const { facts, localIps, isOneOfMany = false } = this.#options;
    const workers = threadsOf(facts, viewers.length);
    const cells = workers + (isOneOfMany ? roomCells(viewers.map(({ vu }) => vu)) : 0);
    const roster = new SharedArrayBuffer(cells * Int32Array.BYTES_PER_ELEMENT);
    this.#roster = new Int32Array(roster);
    this.#threads = workers;
    return Array.from({ length: workers }, (_, worker) => ({
      ...work,
      ...{ box: this.id, worker, workers, roster, localIps },
      allowTargets: facts.allowTargets,
      own: vusOfWorker(viewers.length, worker, workers).flatMap((place) => viewers[place] ?? []),
    }));
  }
}

/** What the box of a run on one machine says of itself. */
export function localFacts(
  { workers, allowTargets }: Pick<RunConfig, 'workers' | 'allowTargets'>,
  version: string,
): BoxFacts {
  const { cores, memoryBytes, openFiles } = readMachine();
  return {
    ...{ id: LOCAL_BOX, version, nodeVersion: process.version, hostname: hostname() },
    ...{ cores, memoryBytes, workers, weight: 1, allowTargets },
    ...(openFiles === undefined ? {} : { openFiles }),
  };
}

/** The box of a run on one machine: this one, with all the viewers. */
export function localBox(
  facts: BoxFacts,
  { localIps }: Pick<RunConfig, 'localIps'>,
  handlers: BoxHandlers,
): LocalBox {
  return new LocalBox({ facts, workerUrl: new URL('../worker.js', import.meta.url), localIps, handlers });
}

/** Everyone at the line before anyone starts. */
class ReadyBarrier {
  readonly #box: string;
  #missing: number;
  #open: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  readonly #all: Promise<void>;

  constructor(box: string, count: number) {
    this.#box = box;
    this.#missing = count;
    this.#all = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    // A worker may die after everyone stood ready: nobody waits for this promise then.
    this.#all.catch(() => {});
  }

  arrived(): void {
    this.#missing--;
    if (this.#missing === 0) this.#open();
  }

  failed(reason: string): void {
    this.#fail(new BoxRefused(this.#box, `a worker could not start: ${reason}`));
  }

  async all(): Promise<void> {
    const late = new BoxRefused(this.#box, 'the workers did not start in time');
    const timer = setTimeout(() => this.#fail(late), READY_TIMEOUT_MS);
    try {
      await this.#all;
    } finally {
      clearTimeout(timer);
    }
  }
}
