import type { MessagePort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { FromWorker, OwnVu, ToWorker, WorkerTask } from '../protocol.js';
import { type PoolTask, startWorkers, type ThreadPool } from './worker-pool.js';

/** Threads that do what the test says. */
class FakePool implements ThreadPool {
  readonly tasks: { task: WorkerTask; end(): void; die(error: unknown): void }[] = [];
  destroyed = 0;

  run(task: WorkerTask, options: { transferList: [MessagePort]; name: string }): Promise<unknown> {
    expect(options).toEqual({ transferList: [task.port], name: 'runWorker' });
    return new Promise((resolve, reject) => {
      this.tasks.push({ task, end: () => resolve({ worker: task.worker, ticks: 0 }), die: reject });
    });
  }

  on(): void {}

  async destroy(): Promise<void> {
    this.destroyed++;
  }
}

const taskOf = (worker: number): PoolTask =>
  ({ worker, own: [{ vu: worker }] as readonly OwnVu[] }) as PoolTask;
const READY: FromWorker = { kind: 'ready' };

function started(workers: number) {
  const pool = new FakePool();
  const heard: string[] = [];
  const tasks = Array.from({ length: workers }, (_, worker) => taskOf(worker));
  const running = startWorkers(
    new URL('file:///worker.js'),
    tasks,
    {
      onMessage: (worker, message) => heard.push(`${worker} ${message.kind}`),
      onDied: (worker, reason) => heard.push(`${worker} died: ${reason}`),
    },
    (_url, threads, heapMb) => {
      expect(threads).toBe(workers);
      // More than one viewer needs, and well below Node's own limit.
      expect(heapMb).toBe(257);
      return pool;
    },
  );
  return { pool, heard, running };
}

it('gives each worker its task and a port of its own, and hears each by its number', async () => {
  const { pool, heard, running } = started(2);
  pool.tasks[1]?.task.port.postMessage(READY);
  pool.tasks[1]?.end();
  pool.tasks[0]?.end();
  await running.done;
  expect(heard).toEqual(['1 ready']);
});

it('reads what a worker sent before it ended, whether it ended well or died', async () => {
  const { pool, heard, running } = started(2);
  for (const { task } of pool.tasks) task.port.postMessage(READY);
  pool.tasks[0]?.die(new Error('out of memory'));
  pool.tasks[1]?.end();
  await running.done;
  await settled();
  expect(heard.sort()).toEqual(['0 died: out of memory', '0 ready', '1 ready']);
});

it('is done only when every worker has ended, and never rejects', async () => {
  const { pool, running, heard } = started(2);
  let done = false;
  void running.done.then(() => {
    done = true;
  });
  pool.tasks[0]?.die('no error at all');
  await settled();
  expect(done).toBe(false);
  pool.tasks[1]?.die(new Error('too'));
  await running.done;
  expect(heard).toEqual(['0 died: no error at all', '1 died: too']);
});

it('sends a message to all, also when one of them is gone', async () => {
  const { pool, running } = started(2);
  const got: ToWorker[] = [];
  pool.tasks[1]?.task.port.on('message', (message: ToWorker) => got.push(message));
  pool.tasks[0]?.end();
  await settled();
  running.send({ kind: 'leave' });
  await settled();
  expect(got).toEqual([{ kind: 'leave' }]);
  pool.tasks[1]?.end();
  await running.done;
  await running.destroy();
  expect(pool.destroyed).toBe(1);
});

/** Messages between ports take some turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
