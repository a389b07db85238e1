import { randomBytes } from 'node:crypto';
import type { RunConfig } from '../config.js';
import type { FromWorker } from '../protocol.js';
import { createRedact } from '../redact.js';
import { planFaults } from '../scenarios/fault-plan.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import { type Plan, vusOfWorker } from '../scenarios/plan.js';
import type { Clock } from '../seams.js';
import { createClock } from '../seams-node.js';
import type { RunSeries } from '../stats/run-series.js';
import type { Target, ViewerIdentity } from '../target.js';
import { tellOfClock } from './clock-news.js';
import { type FaultDoer, FaultRunner } from './fault-runner.js';
import { Intake } from './intake.js';
import type { LifecycleEvent } from './lifecycle.js';
import type { ChangedPlan } from './plan-changed.js';
import type { PublisherClockLink } from './publisher-clock.js';
import type { RunFolder } from './run-folder.js';
import { RunPlan } from './run-plan.js';
import { StoppedBeforeStart } from './stop-signals.js';
import type { TraceFolder } from './trace-folder.js';
import { type PoolTask, startWorkers, type WorkerPool } from './worker-pool.js';

export interface LiveRunInput {
  readonly config: RunConfig;
  readonly plan: Plan;
  readonly target: Target;
  /** One per VU; absent entries and a short list are guests. */
  readonly identities: readonly ViewerIdentity[];
  readonly folder: RunFolder;
  /** Takes the lines of viewers that are followed; absent = nobody is. */
  readonly traces?: Pick<TraceFolder, 'take'> | undefined;
  /** Takes each tick, for the run over time; absent = nobody wants it. */
  readonly series?: RunSeries | undefined;
  readonly publisherClock: PublisherClockLink;
  /** How a planned fault is made; absent = none is. */
  readonly doerOf?: (step: FaultStep) => FaultDoer;
  readonly workerUrl: URL;
  /** Resolves with the name of the signal that asks to leave. */
  readonly stop: Promise<string>;
  /** Resolves with words when the run's own stage has gone by itself. */
  readonly stageDied: Promise<string>;
  /** Called once, when all workers stand ready and before anything is sent: run time 0 in wall-clock ms. */
  onStart(startEpochMs: number): Promise<void>;
  /** How often `onProgress` is called, ms. */
  readonly progressEveryMs: number;
  onProgress(intake: Intake, plan: RunPlan, elapsedMs: number): void;
  /** What of a changed plan a verdict needs. */
  describe(plan: Plan): ChangedPlan;
  /** Called once, when run time has a beginning: who may change the plan takes the wheel here. */
  steer?(wheel: Wheel): void;
}

/** What a running run is steered by. */
export interface Wheel {
  readonly plan: RunPlan;
  readonly intake: Intake;
  /** Run time. */
  readonly clock: Clock;
  /** Resolves when all have left. */
  readonly over: Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
/** From the last worker's ready to run time 0: every worker must have its start message by then. */
const START_LEAD_MS = 250;
/** A worker that has not ended this long after it should have is dead. */
const LEAVE_GRACE_MS = 8000;
/** After Ctrl-C nobody waits longer than this. */
const STOP_GRACE_MS = 5000;

/**
 * The running part of a run: starts the workers, lets them go at one instant, takes in what they send, and comes
 * back when all have ended, were told to leave, or died.
 */
export async function liveRun(input: LiveRunInput, start = startWorkers): Promise<Intake> {
  const { traces, series } = input;
  const intake = new Intake(input.folder, createRedact([input.target.streamKey]), { traces, series });
  const roster = new SharedArrayBuffer(input.config.workers * Int32Array.BYTES_PER_ELEMENT);
  const tasks = tasksOf(input, roster);
  const ready = new ReadyBarrier(tasks.length);
  let clock: Clock | undefined;
  let faults: FaultRunner | undefined;
  const atMs = (): number => Math.round(clock?.nowMs() ?? 0);
  const note = (event: LifecycleEvent): void => intake.note(event);
  const pool = start(input.workerUrl, tasks, {
    onMessage(worker, message: FromWorker) {
      if (message.kind === 'ready') ready.arrived();
      else takeOrBlame(intake, worker, message, atMs());
    },
    onDied(worker, reason) {
      // Its viewers are in the room no more: nobody must wait for their share of a message.
      Atomics.store(new Int32Array(roster), worker, 0);
      note({ kind: 'worker_died', atMs: atMs(), worker, vus: tasks[worker]?.own.length ?? 0, reason });
      ready.failed(reason);
    },
  });
  try {
    await ready.all(READY_TIMEOUT_MS, input.stop);
    const startEpochMs = Math.ceil(performance.timeOrigin + performance.now()) + START_LEAD_MS;
    clock = createClock(startEpochMs);
    await input.onStart(startEpochMs);
    note({ kind: 'run_started', atMs: 0 });
    pool.send({ kind: 'start', startEpochMs });
    tellOfClock(input.publisherClock, pool, intake, atMs);
    faults = startFaults(input, { clock, note, pool });
    await untilOver(input, { pool, intake, clock, faults });
    await faults?.stop();
    intake.end(atMs());
  } finally {
    // However it ended, nothing stays broken.
    await faults?.stop();
    await pool.destroy();
  }
  return intake;
}

function startFaults(
  { config, plan, doerOf }: LiveRunInput,
  { clock, note, pool }: { clock: Clock; note: (event: LifecycleEvent) => void; pool: WorkerPool },
): FaultRunner | undefined {
  const { faults = [] } = config.profile;
  if (faults.length === 0 || doerOf === undefined) return undefined;
  const runner = new FaultRunner({
    ...{ clock, doerOf, note },
    faults: planFaults(faults, plan.phases),
    tell: (news) => pool.send({ kind: 'fault', news }),
  });
  runner.start();
  return runner;
}

function takeOrBlame(intake: Intake, worker: number, message: FromWorker, atMs: number): void {
  try {
    intake.take(worker, message);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    intake.note({ kind: 'own_fault', atMs, reason: `worker ${worker} sent what cannot be read: ${words}` });
  }
}

function tasksOf(
  { config, plan, target, identities, publisherClock }: LiveRunInput,
  roster: SharedArrayBuffer,
): PoolTask[] {
  const runId = randomBytes(6).toString('hex');
  return Array.from({ length: config.workers }, (_, worker) => ({
    box: 'local',
    worker,
    workers: config.workers,
    profile: config.profile,
    vus: plan.vus,
    users: Math.min(identities.length, plan.vus),
    seed: config.seed,
    mix: config.mix,
    behaviour: config.behaviour,
    playerProfile: config.playerProfile,
    ...(config.live ? { live: true } : {}),
    own: vusOfWorker(config.maxVus, worker, config.workers).map((vu) => {
      const identity = identities[vu];
      return identity ? { vu, identity } : { vu };
    }),
    target,
    allowTargets: config.allowTargets,
    insecure: config.insecure,
    localIps: config.localIps,
    publisherClock: publisherClock.state,
    writes: config.writes,
    emptiesCarts: config.target.kind !== 'stage',
    ...(config.jwtSecret !== undefined ? { jwtSecret: config.jwtSecret.reveal() } : {}),
    roster,
    runId,
    traced: config.traceVus,
  }));
}

/** Waits for the workers, the plan's end and whatever ends it early. */
async function untilOver(
  input: LiveRunInput,
  {
    pool,
    intake,
    clock,
    faults,
  }: { pool: WorkerPool; intake: Intake; clock: Clock; faults: FaultRunner | undefined },
): Promise<void> {
  const atMs = (): number => Math.round(clock.nowMs());
  let over = false;
  let cancelEnd = (): void => {};
  const endAfter = (graceMs: number): void => {
    cancelEnd();
    if (!over) cancelEnd = clock.after(graceMs, () => void pool.destroy());
  };
  const endWithPlan = (): void => endAfter(plan.plan.totalMs - clock.nowMs() + LEAVE_GRACE_MS);
  let leaving = false;
  const plan = new RunPlan({
    plan: input.plan,
    maxVus: input.config.maxVus,
    changesPerS: input.config.profile.changesPerS,
    nowMs: () => clock.nowMs(),
    send(change) {
      pool.send({ kind: 'replan', change });
      faults?.replan(planFaults(input.config.profile.faults ?? [], plan.plan.phases));
      if (!leaving) endWithPlan();
    },
    note: (event) => intake.note(event),
    describe: input.describe,
  });
  const progress = setInterval(() => {
    const now = clock.nowMs();
    if (now >= 0) input.onProgress(intake, plan, now);
  }, input.progressEveryMs);
  const leaveEarly = (event: LifecycleEvent): void => {
    if (over) return;
    leaving = true;
    intake.note(event);
    void faults?.stop();
    pool.send({ kind: 'leave' });
    endAfter(STOP_GRACE_MS);
  };
  void input.stop.then((signal) => leaveEarly({ kind: 'run_stopped', atMs: atMs(), signal }));
  void input.stageDied.then((reason) => leaveEarly({ kind: 'stage_died', atMs: atMs(), reason }));
  endWithPlan();
  input.steer?.({ plan, intake, clock, over: pool.done });
  await pool.done;
  over = true;
  cancelEnd();
  clearInterval(progress);
}

/** Everyone at the line before anyone starts. */
class ReadyBarrier {
  #missing: number;
  #open: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  readonly #all: Promise<void>;

  constructor(count: number) {
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
    this.#fail(new Error(`a worker could not start: ${reason}`));
  }

  async all(timeoutMs: number, stop: Promise<string>): Promise<void> {
    const timer = setTimeout(() => this.#fail(new Error('the workers did not start in time')), timeoutMs);
    void stop.then((signal) => this.#fail(new StoppedBeforeStart(signal)));
    try {
      await this.#all;
    } finally {
      clearTimeout(timer);
    }
  }
}
