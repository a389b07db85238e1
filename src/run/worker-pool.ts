import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { FromWorker, ToWorker, WorkerTask } from '../protocol.js';

/** A worker's task without what the pool itself adds. */
export type PoolTask = Omit<WorkerTask, 'port'>;

export interface PoolHandlers {
  onMessage(worker: number, message: FromWorker): void;
  /** The thread is gone although nobody ended it, or its task threw. Called once per worker. */
  onDied(worker: number, reason: string): void;
}

/** The run's worker threads: one long task each. */
export interface WorkerPool {
  send(message: ToWorker): void;
  /** Resolves when every worker has ended or died. Never rejects. */
  readonly done: Promise<void>;
  /** Ends all threads at once; what they had not sent is lost. */
  destroy(): Promise<void>;
}

/**
 * Starts one thread per task. `atomics: 'disabled'`, because piscina's default blocks a thread's event loop when a
 * task returns; and tasks are stopped by a message, because an abort signal would end the thread and lose what
 * it had still to say.
 */
export function startWorkers(
  workerUrl: URL,
  tasks: readonly PoolTask[],
  handlers: PoolHandlers,
  makePool: (workerUrl: URL, threads: number, heapMb: number) => ThreadPool = piscina,
): WorkerPool {
  const pool = makePool(workerUrl, tasks.length, heapMbFor(Math.max(...tasks.map(({ own }) => own.length))));
  // A thread that dies rejects its own task; the pool repeats that as an event, which must not throw.
  pool.on('error', () => {});
  const ports: MessagePort[] = [];
  const running = tasks.map((task) => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    const take = (message: FromWorker): void => handlers.onMessage(task.worker, message);
    port1.on('message', take);
    const result = pool.run({ ...task, port: port2 } satisfies WorkerTask, {
      transferList: [port2],
      name: 'runWorker',
    });
    return result.then(
      () => drain(port1, take),
      (error: unknown) => {
        drain(port1, take);
        handlers.onDied(task.worker, error instanceof Error ? error.message : String(error));
      },
    );
  });
  return {
    send(message) {
      for (const port of ports) port.postMessage(message);
    },
    done: Promise.all(running).then(() => undefined),
    destroy: () => pool.destroy(),
  };
}

/** The part of piscina that is used. */
export interface ThreadPool {
  run(task: WorkerTask, options: { transferList: [MessagePort]; name: string }): Promise<unknown>;
  on(event: 'error', fn: () => void): unknown;
  destroy(): Promise<void>;
}

/**
 * Largest old generation of a thread, MB. Far more than its viewers need (about a tenth of a megabyte each), and far
 * less than Node's default: how far V8 lets garbage pile up between two collections depends on it. With 300 viewers
 * the process took 195 MB in place of 281.
 */
export function heapMbFor(viewers: number): number {
  return 256 + viewers;
}

function piscina(workerUrl: URL, threads: number, heapMb: number): ThreadPool {
  return new Piscina({
    filename: workerUrl.href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    idleTimeout: Number.POSITIVE_INFINITY,
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
}

/**
 * Messages that a worker sent before it ended may still lie in the queue, its last tick among them: closing would
 * drop them, and the end comes on another way and may be faster.
 */
function drain(port: MessagePort, take: (message: FromWorker) => void): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    take(next.message as FromWorker);
  }
  port.close();
}
