import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RunConfig } from '../config.js';
import { preflightLines } from '../preflight/report.js';
import { PlatformCurves } from '../report/platform-curves.js';
import { REPORT_METRICS } from '../report/run-curves.js';
import type { Plan } from '../scenarios/plan.js';
import { RunSeries } from '../stats/run-series.js';
import { watchAbort } from './abort-watch.js';
import { carryLines } from './carry.js';
import { conclude } from './conclude.js';
import { type Ctl, openCtl } from './ctl.js';
import { EscalationRunner } from './escalation-runner.js';
import { addUndone } from './fault-late.js';
import { openFaultMeans, type RunFaultMeans } from './fault-means.js';
import type { Fleet } from './fleet.js';
import { fleetRecord, shareLines } from './fleet-record.js';
import type { Intake } from './intake.js';
import type { LiveDashboard } from './live-dashboard.js';
import { type LiveRunInput, liveRun, type Resumed, type Wheel } from './live-run.js';
import { type Onlookers, openOnlookers } from './onlookers.js';
import type { Output } from './output.js';
import { changedPlan } from './plan-changed.js';
import { crowdText } from './plan-text.js';
import type { Platform } from './platform.js';
import type { Progress } from './progress.js';
import type { PublisherClockLink } from './publisher-clock.js';
import { withPlatform } from './read-run.js';
import { createRunFolder, RUN_FILES, type RunFolder } from './run-folder.js';
import { endOfStory, type RunOutcome, tellOutcome } from './run-outcome.js';
import { type BeforeRun, createRunRecord, type RunRecord } from './run-record.js';
import { finishTraces } from './run-traces.js';
import { type StepJudged, stepLine } from './step-judgement.js';
import { openRunFolder, restoreIntake } from './take-up-folder.js';

/** What a run stands on, each opened before it and closed after it. */
export interface Grounds {
  readonly platform: Platform;
  readonly publisherClock: PublisherClockLink;
  /** The machines that the viewers run on: this one, or load boxes. */
  readonly fleet: Fleet;
  /** Absent = nobody asked for one. */
  readonly dashboard: LiveDashboard | undefined;
}

export interface RunAgainstInput extends Grounds {
  readonly config: RunConfig;
  readonly plan: Plan;
  /** What was found before the first viewer came. */
  readonly before: BeforeRun;
  /** Resolves with the name of the signal that asks to leave. */
  readonly stop: Promise<string>;
  readonly version: string;
  readonly output: Output;
  /** Takes each batch of lines of the viewers that are followed, in place of progress and verdict. */
  readonly story?: ((lines: readonly string[]) => void) | undefined;
  /** Told of the run's folder as soon as there is one. */
  readonly madeFolder?: ((path: string) => void) | undefined;
  /** The run goes already, and its coordinator was killed: what it left. Absent = it is to begin. */
  readonly taken?: TakenUp | undefined;
}

/** What the killed coordinator of a run left. */
export interface TakenUp {
  /** Of its folder. */
  readonly path: string;
  readonly record: RunRecord;
  readonly progress: Progress;
}

/** A run that is about to go, with everyone around it. */
interface Going extends RunAgainstInput {
  readonly folder: RunFolder;
  readonly onlookers: Onlookers;
  readonly ctl: Ctl | undefined;
  /** Resolves when all are asked to leave, by whomever, with why. */
  readonly leave: Promise<string>;
  /** Asks all to leave. */
  abort(why: string): void;
  say(text: string): void;
}

/** One run against a platform that stands, from its folder to its verdict. */
export async function runAgainst(given: RunAgainstInput): Promise<RunOutcome> {
  const input = withBoxes(given);
  const going = await prepare(input);
  try {
    const { intake, record } = await goLive(going);
    await closeBooks(going, intake);
    return await settle(going, intake, record);
  } catch (error) {
    // Whoever looks on does not outlive the run, and what was measured until then is on the disk.
    going.onlookers.kill();
    await going.folder.close();
    throw error;
  }
}

/** Over boxes the threads are theirs; each of them has its share, which is said before the run. */
function withBoxes(input: RunAgainstInput): RunAgainstInput {
  const { config, plan, fleet, platform, output } = input;
  if (fleet.remote === undefined) return input;
  if (input.taken !== undefined)
    return { ...input, config: { ...config, workers: input.taken.record.workers } };
  const { identities } = platform;
  const { boxes } = fleetRecord(fleet.facts, fleet.remote, { config, plan, identities });
  if (!config.quiet) for (const line of shareLines(boxes, config)) output.line(line);
  const workers = boxes.reduce((sum, box) => sum + box.workers, 0);
  return { ...input, config: { ...config, workers } };
}

async function prepare(input: RunAgainstInput): Promise<Going> {
  const { config, plan, before, platform, dashboard, output, story, taken } = input;
  const say = (text: string): void => {
    if (!config.quiet) output.line(text);
  };
  for (const line of before.carry ? carryLines(before.carry) : []) say(line);
  for (const line of before.preflight ? preflightLines(before.preflight) : []) say(line);
  const onFailure = (failure: string): void =>
    output.line(`${failure}: what is measured is judged from memory`);
  const folder =
    taken === undefined
      ? await createRunFolder(config.outDir, config.profile.name, Date.now(), onFailure)
      : await openRunFolder(taken.path, onFailure);
  input.madeFolder?.(folder.path);
  const who = story ? 'one viewer' : `${config.profile.name}: ${crowdText(plan)}`;
  say(`${who}, run folder ${folder.path}${taken === undefined ? '' : ', taken up again'}`);
  const { streamKey } = platform.target;
  const onlookers = await openOnlookers({
    ...{ config, folder: folder.path, streamKey, output, say, dashboard, story },
  });
  const ctl = await openCtl(config, folder.path, output.line);
  let abort: (why: string) => void = () => {};
  const aborted = new Promise<string>((resolve) => {
    abort = resolve;
  });
  const leave = Promise.race([input.stop, aborted, ...(ctl === undefined ? [] : [ctl.stop])]);
  void leave.then((why) => {
    onlookers.leaving(why);
    ctl?.leaving();
  });
  return { ...input, folder, onlookers, ctl, leave, abort, say };
}

/** The viewers come, stay and leave. */
async function goLive(going: Going): Promise<{ intake: Intake; record: RunRecord }> {
  const { config, plan, platform, publisherClock, folder, onlookers, ctl, story } = going;
  const { view, traces } = onlookers;
  const { taken } = going;
  const users = platform.identities.length;
  let record: RunRecord | undefined;
  let means: RunFaultMeans | undefined;
  const live: LiveRunInput = {
    ...{ config, plan, folder, traces, publisherClock, fleet: going.fleet, stop: going.leave },
    target: platform.target,
    identities: platform.identities,
    resumed: taken && resumedOf(taken),
    series: config.report && story === undefined ? new RunSeries(plan.totalMs, REPORT_METRICS) : undefined,
    doerOf: (step) => (means as RunFaultMeans).doerOf(step),
    stageDied: platform.stageDied,
    async onStart(startEpochMs) {
      onlookers.begin(startEpochMs);
      record = taken?.record ?? recordOf(going, startEpochMs);
      if (taken === undefined) await folder.writeJson(RUN_FILES.run, record);
      means = openFaultMeans(config, platform.controlUrl, folder.path, startEpochMs);
      await platform.plantFaults(startEpochMs - performance.timeOrigin - performance.now());
    },
    progressEveryMs: view.everyMs,
    onProgress: view.show,
    describe: (changed) => changedPlan(config, changed, users),
    steer(wheel) {
      ctl?.steer(wheel);
      if (record !== undefined) steer(going, wheel, record);
    },
  };
  const intake = await liveRun(live).finally(async () => {
    view.close();
    await ctl?.close();
    await means?.close();
  });
  if (record === undefined) throw new Error('the run was over before it began');
  return { intake, record };
}

function resumedOf({ path, record, progress }: TakenUp): Resumed {
  const { atMs: silentFromMs, events } = progress;
  return {
    ...{ startEpochMs: record.startEpochMs, silentFromMs },
    restore: (intake) => restoreIntake(path, events, intake),
  };
}

function recordOf({ fleet, config, plan, platform, version, before, folder }: Going, startEpochMs: number) {
  const { target, identities } = platform;
  const id = basename(folder.path);
  return createRunRecord({
    ...{ id, config, plan, target, startEpochMs, version, before },
    users: identities.length,
    ...(fleet.remote === undefined
      ? {}
      : { fleet: fleetRecord(fleet.facts, fleet.remote, { config, plan, identities }) }),
  });
}

/** Hands the wheel to all who look at it or turn it. */
function steer(going: Going, wheel: Wheel, record: RunRecord): void {
  const { config, onlookers, abort } = going;
  onlookers.steer(wheel, record);
  const levels = escalate(going, wheel, record);
  const { abortOn: rules } = config;
  if (rules.length > 0) watchAbort({ rules, record, wheel, levels, meters: onlookers.meters, abort });
}

/** Looks for the breaking point, if the run was asked to. */
function escalate(
  { config, platform, leave, say }: Going,
  wheel: Wheel,
  record: RunRecord,
): Pick<EscalationRunner, 'level'> | undefined {
  const { escalation: spec } = config;
  if (spec === undefined) return undefined;
  const users = platform.identities.length;
  const onStep = (step: StepJudged): void => say(stepLine(step));
  const runner = new EscalationRunner({ spec, config, record, users, wheel, onStep });
  runner.start();
  void Promise.race([leave, wheel.over]).then(() => runner.stop());
  return runner;
}

/** All that is measured is on the disk from here on. */
async function closeBooks({ platform, onlookers, folder }: Going, intake: Intake): Promise<void> {
  const left = await platform.leftOpen();
  if (left !== undefined) intake.note({ kind: 'left_open', atMs: intake.totals.toMs, ...left });
  await onlookers.finish();
  await folder.close();
  // Nobody goes on from here.
  await rm(join(folder.path, RUN_FILES.progress), { force: true }).catch(() => {});
  await addUndone(folder.path, intake.ending);
}

/** Judges, tells, and ends the traces. */
async function settle(going: Going, intake: Intake, record: RunRecord): Promise<RunOutcome> {
  const { config, plan, folder, output, dashboard, onlookers, story } = going;
  const curves = config.collect && new PlatformCurves(plan.totalMs, config.collect.intervalMs);
  const ending = await withPlatform(intake.ending.ending(), folder.path, record, (line) => curves?.add(line));
  const disk = folder.failure === undefined ? {} : { diskFault: folder.failure };
  const conclusion = conclude(record, intake.totals, { ...ending, ...disk }, intake.moments);
  dashboard?.conclude(conclusion, intake);
  const outcome =
    story === undefined
      ? await tellOutcome({ conclusion, record, intake, folder, config, output, curves })
      : endOfStory(conclusion);
  await finishTraces(onlookers.traces, config, output);
  return outcome;
}
