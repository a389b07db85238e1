import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import type { BoxHandlers } from '../cluster/box.js';
import type { BoxFacts } from '../cluster/protocol.js';
import { resolveConfig } from '../config.js';
import type { FromWorker, ToWorker } from '../protocol.js';
import { createPlan } from '../scenarios/plan.js';
import { type LiveRunInput, liveRun } from './live-run.js';
import { LOCAL_BOX, LocalBox } from './local-box.js';
import { changedPlan } from './plan-changed.js';
import type { PublisherClockLink } from './publisher-clock.js';
import { type AppendFile, RunFolder } from './run-folder.js';
import { StoppedBeforeStart } from './stop-signals.js';
import type { PoolHandlers, PoolTask, startWorkers } from './worker-pool.js';

const WORKERS = 2;
const config = resolveConfig({ vus: '4', workers: String(WORKERS), duration: '10s' }, { cores: 4 });
const plan = createPlan(config.profile, config);
const BASE = 'http://127.0.0.1:1';
const TARGET = { apiUrl: BASE, socketUrl: BASE, flvUrl: BASE, hlsUrl: BASE, streamKey: 'secret-show' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Worker threads that do what the test says. */
class FakeWorkers {
  handlers: PoolHandlers | undefined;
  tasks: readonly PoolTask[] = [];
  readonly sent: ToWorker[] = [];
  destroyed = 0;
  #end: () => void = () => {};
  readonly #done = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  readonly start: typeof startWorkers = (_url, tasks, handlers) => {
    this.tasks = tasks;
    this.handlers = handlers;
    return {
      send: (message) => this.sent.push(message),
      done: this.#done,
      destroy: async () => {
        this.destroyed++;
        this.#end();
      },
    };
  };

  say(worker: number, message: FromWorker): void {
    this.handlers?.onMessage(worker, message);
  }

  ready(): void {
    for (let worker = 0; worker < WORKERS; worker++) this.say(worker, { kind: 'ready' });
  }

  end(): void {
    this.#end();
  }
}

const SAME_CLOCK: PublisherClockLink = {
  state: { kind: 'same', servers: true },
  record: { kind: 'same' },
  check: { part: 'clock', status: 'ok', text: 'same clock' },
  follow: () => {},
  close: () => {},
};

const FACTS: BoxFacts = {
  ...{ id: LOCAL_BOX, version: '1', nodeVersion: 'v20', hostname: 'here', cores: 4, memoryBytes: 1e9 },
  ...{ workers: WORKERS, weight: 1, allowTargets: [] },
};

function localBox(handlers: BoxHandlers, start: typeof startWorkers): LocalBox {
  const workerUrl = new URL('file:///worker.js');
  return new LocalBox({ facts: FACTS, workerUrl, localIps: [], handlers }, start);
}

function rig(changes: Partial<LiveRunInput> = {}) {
  const lines: string[] = [];
  const file: AppendFile = {
    appendFile: async (text) => {
      lines.push(...text.trimEnd().split('\n'));
    },
    close: async () => {},
  };
  const workers = new FakeWorkers();
  const seen = { starts: [] as number[], progress: 0 };
  const running = liveRun({
    config,
    plan,
    target: TARGET,
    identities: [{ userId: 'u0', accessToken: 't0' }],
    folder: new RunFolder('runs/x', file, file, () => {}),
    publisherClock: { ...SAME_CLOCK },
    fleet: { open: (handlers) => [localBox(handlers, workers.start)] },
    stop: new Promise(() => {}),
    stageDied: new Promise(() => {}),
    onStart: async (startEpochMs) => {
      seen.starts.push(startEpochMs);
    },
    progressEveryMs: 5000,
    onProgress: () => {
      seen.progress++;
    },
    describe: (changed) => changedPlan(config, changed, 1),
    ...changes,
  });
  running.catch(() => {});
  return { workers, running, lines, seen };
}

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

it('starts nobody before all stand ready, and all at one instant a little ahead', async () => {
  const { workers, seen } = rig();
  workers.say(0, { kind: 'ready' });
  await turn();
  expect(seen.starts).toEqual([]);
  workers.say(1, { kind: 'ready' });
  await turn();
  expect(seen.starts).toHaveLength(1);
  expect(workers.sent).toEqual([{ kind: 'start', startEpochMs: seen.starts[0] }]);
  expect((seen.starts[0] as number) - (performance.timeOrigin + performance.now())).toBeGreaterThan(200);
});

it('shares the viewers among the workers, with an account as long as there are any', () => {
  const { workers } = rig();
  const own = workers.tasks.flatMap((task) => task.own);
  expect(own.sort((a, b) => a.vu - b.vu)).toEqual([
    { vu: 0, identity: { userId: 'u0', accessToken: 't0' } },
    { vu: 1 },
    { vu: 2 },
    { vu: 3 },
  ]);
  expect(workers.tasks.map((task) => task.own.length)).toEqual([2, 2]);
});

it('comes back with what the workers sent when all have ended', async () => {
  const { workers, running, lines, seen } = rig();
  workers.ready();
  await vi.advanceTimersByTimeAsync(6000);
  const recorder = recorderOf(0);
  for (const tick of recorder.takeTick(1000, true)) workers.say(0, { kind: 'tick', tick });
  workers.end();
  const intake = await running;
  expect(intake.totals.tickCount).toBe(1);
  expect(intake.ending.ending()).toEqual({ completed: true, workersDied: [], notes: [] });
  expect(seen.progress).toBe(1);
  expect(lines.map((line) => JSON.parse(line).kind ?? 'tick')).toEqual(['run_started', 'tick', 'run_ended']);
  expect(workers.destroyed).toBe(1);
});

it('asks everybody to leave at a signal, and waits 5 s for the last one', async () => {
  let signal: (name: string) => void = () => {};
  const stop = new Promise<string>((resolve) => {
    signal = resolve;
  });
  const { workers, running } = rig({ stop });
  workers.ready();
  await vi.advanceTimersByTimeAsync(2000);
  signal('SIGINT');
  await turn();
  expect(workers.sent.at(-1)).toEqual({ kind: 'leave' });
  await vi.advanceTimersByTimeAsync(4900);
  expect(workers.destroyed).toBe(0);
  await vi.advanceTimersByTimeAsync(200);
  expect((await running).ending.ending()).toMatchObject({ completed: true, stoppedBy: 'SIGINT' });
});

it('a signal before the start leaves nobody behind', async () => {
  const { workers, running, seen } = rig({ stop: Promise.resolve('SIGTERM') });
  await expect(running).rejects.toThrow(StoppedBeforeStart);
  expect(seen.starts).toEqual([]);
  expect(workers.destroyed).toBe(1);
});

it('a stage that died is our own fault, and everybody leaves', async () => {
  let die: (words: string) => void = () => {};
  const stageDied = new Promise<string>((resolve) => {
    die = resolve;
  });
  const { workers, running } = rig({ stageDied });
  workers.ready();
  await turn();
  die('the stage ended by itself (SIGKILL)');
  await turn();
  expect(workers.sent.at(-1)).toEqual({ kind: 'leave' });
  workers.end();
  expect((await running).ending.ending()).toMatchObject({ ownFault: 'the stage ended by itself (SIGKILL)' });
});

it('a worker that dies later is noted with its viewers, who are in the chat room no more', async () => {
  const { workers, running } = rig();
  workers.ready();
  await turn();
  const counts = new Int32Array(workers.tasks[1]?.roster as SharedArrayBuffer);
  counts[0] = 2;
  counts[1] = 2;
  workers.handlers?.onDied(1, 'out of memory, token secret-show');
  expect([...counts]).toEqual([2, 0]);
  workers.end();
  expect((await running).ending.ending().workersDied).toEqual([
    { worker: 1, vus: 2, reason: 'out of memory, token ***' },
  ]);
});

it('a worker that cannot start ends the run before it began', async () => {
  const { workers, running } = rig();
  workers.say(0, { kind: 'ready' });
  workers.handlers?.onDied(1, 'no memory');
  await expect(running).rejects.toThrow('a worker could not start: no memory');
  expect(workers.destroyed).toBe(1);
});

it('workers that say nothing are not waited for without end', async () => {
  const { running } = rig();
  await vi.advanceTimersByTimeAsync(60_000);
  await expect(running).rejects.toThrow('did not start in time');
});

it('a worker that does not end by the plan is ended 8 s later', async () => {
  const { workers, running } = rig();
  workers.ready();
  await vi.advanceTimersByTimeAsync(plan.totalMs + 8000);
  expect(workers.destroyed).toBe(0);
  await vi.advanceTimersByTimeAsync(500);
  await running;
});

it('a message that cannot be read is our own fault', async () => {
  const { workers, running } = rig();
  workers.ready();
  await turn();
  workers.say(1, { kind: 'tick', tick: { v: 99 } } as unknown as FromWorker);
  workers.end();
  expect((await running).ending.ending().ownFault).toMatch(
    /^worker 1 sent what cannot be read: tick: v is not 1/,
  );
});
