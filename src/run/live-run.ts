import { randomBytes } from 'node:crypto';
import type { BoxWork } from '../cluster/protocol.js';
import type { RunConfig } from '../config.js';
import { createRedact } from '../redact.js';
import { type FaultNews, planFaults } from '../scenarios/fault-plan.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import type { Plan } from '../scenarios/plan.js';
import type { Clock } from '../seams.js';
import { createClock } from '../seams-node.js';
import type { RunSeries } from '../stats/run-series.js';
import type { Target, ViewerIdentity } from '../target.js';
import { Boxes } from './boxes.js';
import { tellOfClock } from './clock-news.js';
import { pastFaults } from './fault-past.js';
import { type FaultDoer, FaultRunner } from './fault-runner.js';
import type { Fleet, RemoteSide } from './fleet.js';
import { Intake } from './intake.js';
import type { LifecycleEvent } from './lifecycle.js';
import type { ChangedPlan } from './plan-changed.js';
import { ProgressKeeper } from './progress.js';
import type { PublisherClockLink } from './publisher-clock.js';
import type { RunFolder } from './run-folder.js';
import { RunPlan } from './run-plan.js';
import type { TraceFolder } from './trace-folder.js';

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
  /** The load boxes of this run, at least one; they are told their work here, and ended. */
  readonly fleet: Pick<Fleet, 'open' | 'remote'>;
  /** The run goes already, and its coordinator was killed; absent = it is to begin. */
  readonly resumed?: Resumed | undefined;
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

/** Where a run stands that is taken up again. */
export interface Resumed {
  readonly startEpochMs: number;
  /** The last word of the process that is gone, run time. */
  readonly silentFromMs: number;
  /** What it had counted; the folder is handed over by `restore`. */
  restore(intake: Intake): Promise<void>;
}

/** What a running run is steered by. */
export interface Wheel {
  readonly plan: RunPlan;
  readonly intake: Intake;
  /** Run time. */
  readonly clock: Clock;
  /** Resolves when all have left. */
  readonly over: Promise<void>;
  /** What came of a box so far; absent = the run goes on one machine. */
  readonly boxFigures?: RemoteSide['figures'];
}

/** What takes longer where boxes are behind a wire. */
interface Patience {
  /** From the last worker's ready to run time 0: every worker must have its start message by then. */
  readonly startLeadMs: number;
  /** A worker that has not ended this long after it should have is dead, or what it had to say is lost. */
  readonly leaveGraceMs: number;
  /** After Ctrl-C nobody waits longer than this. */
  readonly stopGraceMs: number;
}
const HERE: Patience = { startLeadMs: 250, leaveGraceMs: 8000, stopGraceMs: 5000 };
/** A broker may be begun anew meanwhile. */
const REMOTE: Patience = { startLeadMs: 3000, leaveGraceMs: 30_000, stopGraceMs: 15_000 };
/**
 * The running part of a run: gives the boxes their work, lets them go at one instant, takes in what they send, and
 * comes back when all have ended, were told to leave, or died.
 */
export async function liveRun(input: LiveRunInput): Promise<Intake> {
  const { traces, series, resumed, fleet } = input;
  const intake = new Intake(input.folder, createRedact([input.target.streamKey]), { traces, series });
  if (resumed !== undefined) await resumed.restore(intake);
  let clock = resumed === undefined ? undefined : createClock(resumed.startEpochMs);
  let faults: FaultRunner | undefined;
  const atMs = (): number => Math.round(clock?.nowMs() ?? 0);
  let tooManyLost: (reason: string) => void = () => {};
  const boxesLost = new Promise<string>((resolve) => {
    tooManyLost = resolve;
  });
  void fleet.remote?.died.then((why) => tooManyLost(`the broker of the run is gone: ${why}`));
  const patience = fleet.remote === undefined ? HERE : REMOTE;
  const boxes = new Boxes({ fleet, intake, atMs, onTooManyLost: (why) => tooManyLost(why) });
  const progress = keeperOf(input, intake, atMs);
  try {
    if (resumed === undefined) await boxes.prepare(workOf(input), input, input.stop);
    else await boxes.takeUp(input, lostBoxes(intake));
    const startEpochMs =
      resumed?.startEpochMs ?? Math.ceil(performance.timeOrigin + performance.now()) + patience.startLeadMs;
    clock ??= createClock(startEpochMs);
    await input.onStart(startEpochMs);
    if (progress !== undefined) await progress.begin();
    intake.note(beginning(resumed, atMs()));
    // A box that goes already takes no notice.
    boxes.send({ kind: 'start', startEpochMs });
    tellOfClock(input.publisherClock, boxes, intake, atMs);
    faults = startFaults(input, { clock, intake, boxes });
    await untilOver(input, { boxes, intake, clock, faults, patience, boxesLost });
    await faults?.stop();
    boxes.noteFigures();
    intake.end(atMs());
  } finally {
    // However it ended, nothing stays broken.
    await faults?.stop();
    await progress?.stop();
    await boxes.destroy();
  }
  return intake;
}

function beginning(resumed: Resumed | undefined, atMs: number): LifecycleEvent {
  if (resumed === undefined) return { kind: 'run_started', atMs: 0 };
  return { kind: 'coordinator_resumed', atMs, silentFromMs: resumed.silentFromMs };
}

/** Boxes that were lost and not back when the coordinator died, and why. */
function lostBoxes({ ending }: Intake): ReadonlyMap<string, string> {
  const gone = (ending.ending().boxes ?? []).filter(({ isGone }) => isGone);
  return new Map(gone.map(({ box, lostBy = '' }) => [box, lostBy]));
}

/** A run over this machine's own threads has nothing that could be taken up. */
function keeperOf(
  { fleet: { remote }, folder }: LiveRunInput,
  intake: Intake,
  atMs: () => number,
): ProgressKeeper | undefined {
  if (remote === undefined) return undefined;
  const { hellos } = remote;
  return new ProgressKeeper({
    folder,
    look: () => ({
      ...{ v: 1, savedEpochMs: Math.round(performance.timeOrigin + performance.now()), atMs: atMs(), hellos },
      ...remote.taken(),
      events: intake.state,
    }),
  });
}

function startFaults(
  { config, plan, doerOf, resumed }: LiveRunInput,
  { clock, intake, boxes }: { clock: Clock; intake: Intake; boxes: Boxes },
): FaultRunner | undefined {
  const { faults: steps = [] } = config.profile;
  if (steps.length === 0 || doerOf === undefined) return undefined;
  const faults = planFaults(steps, plan.phases);
  const note = (event: LifecycleEvent): void => intake.note(event);
  const tell = (news: FaultNews): void => boxes.send({ kind: 'fault', news });
  const past = resumed === undefined ? undefined : pastFaults(faults, { intake, tell, nowMs: clock.nowMs() });
  const runner = new FaultRunner({
    ...{ clock, doerOf, note, faults, tell },
    ...(past === undefined ? {} : { past }),
  });
  runner.start();
  return runner;
}

function workOf({ config, plan, target, identities, publisherClock }: LiveRunInput): BoxWork {
  return {
    profile: config.profile,
    vus: plan.vus,
    users: Math.min(identities.length, plan.vus),
    seed: config.seed,
    mix: config.mix,
    behaviour: config.behaviour,
    playerProfile: config.playerProfile,
    ...(config.live ? { live: true } : {}),
    target,
    insecure: config.insecure,
    publisherClock: publisherClock.state,
    writes: config.writes,
    emptiesCarts: config.target.kind !== 'stage',
    ...(config.jwtSecret !== undefined ? { jwtSecret: config.jwtSecret.reveal() } : {}),
    runId: randomBytes(6).toString('hex'),
    traced: config.traceVus,
  };
}

interface Running {
  readonly boxes: Boxes;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly faults: FaultRunner | undefined;
  readonly patience: Patience;
  /** Resolves with words when more boxes are lost than may be. */
  readonly boxesLost: Promise<string>;
}

/** Waits for the workers, the plan's end and whatever ends it early. */
async function untilOver(input: LiveRunInput, running: Running): Promise<void> {
  const { boxes, intake, clock, faults, patience, boxesLost } = running;
  const atMs = (): number => Math.round(clock.nowMs());
  let over = false;
  let cancelEnd = (): void => {};
  const endAfter = (graceMs: number): void => {
    cancelEnd();
    if (!over) cancelEnd = clock.after(graceMs, () => void boxes.destroy());
  };
  // Who takes up a run late hears what was said in time all the same.
  const endWithPlan = (): void =>
    endAfter(Math.max(0, plan.plan.totalMs - clock.nowMs()) + patience.leaveGraceMs);
  let leaving = false;
  const plan = new RunPlan({
    plan: input.plan,
    maxVus: input.config.maxVus,
    changesPerS: input.config.profile.changesPerS,
    nowMs: () => clock.nowMs(),
    send(change) {
      boxes.send({ kind: 'replan', change });
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
  const leaveOn = (): void => {
    leaving = true;
    void faults?.stop();
    boxes.send({ kind: 'leave' });
    endAfter(patience.stopGraceMs);
  };
  const leaveEarly = (event: LifecycleEvent): void => {
    if (over) return;
    intake.note(event);
    leaveOn();
  };
  void input.stop.then((signal) => leaveEarly({ kind: 'run_stopped', atMs: atMs(), signal }));
  void input.stageDied.then((reason) => leaveEarly({ kind: 'stage_died', atMs: atMs(), reason }));
  void boxesLost.then((reason) => leaveEarly({ kind: 'boxes_lost', atMs: atMs(), reason }));
  endWithPlan();
  if (input.resumed !== undefined && wasLeaving(intake)) leaveOn();
  const boxFigures = input.fleet.remote?.figures;
  const known = boxFigures === undefined ? {} : { boxFigures };
  input.steer?.({ plan, intake, clock, over: boxes.done, ...known });
  await boxes.done;
  over = true;
  cancelEnd();
  clearInterval(progress);
}

/** All had been asked to leave when the coordinator died. */
function wasLeaving({ ending }: Intake): boolean {
  const { stoppedBy, boxesLost, ownFault } = ending.ending();
  return stoppedBy !== undefined || boxesLost !== undefined || ownFault !== undefined;
}
