import { setTimeout as delay } from 'node:timers/promises';
import { BoxRefused } from './cluster/box.js';
import { LinkError } from './cluster/link.js';
import type { RunConfig } from './config.js';
import { PreflightError } from './errors.js';
import { EXIT } from './report/exit-codes.js';
import { estimateCarry } from './run/carry.js';
import { checkOutDir } from './run/check-out-dir.js';
import { checkFaults } from './run/fault-check.js';
import { type Fleet, localFleet } from './run/fleet.js';
import { openLiveDashboard } from './run/live-dashboard.js';
import { checkLocalAddresses } from './run/local-addresses.js';
import { readMachine } from './run/machine.js';
import type { Output } from './run/output.js';
import { formatPlan, planJson } from './run/plan-text.js';
import { openPlatform, type Platform } from './run/platform.js';
import { checkPlatform } from './run/preflight.js';
import { openPublisherClock, type PublisherClockLink } from './run/publisher-clock.js';
import { CannotResume, checkSamePlan, type Left } from './run/resumable.js';
import { type Grounds, runAgainst } from './run/run-against.js';
import type { RunOutcome } from './run/run-outcome.js';
import type { BeforeRun, RunRecord } from './run/run-record.js';
import { listenForStop, type SignalSource, untilStopped } from './run/stop-signals.js';
import { openingStages } from './scenarios/escalation-plan.js';
import { createPlan, type Plan } from './scenarios/plan.js';

export interface RunDeps {
  readonly output: Output;
  readonly version: string;
  readonly signals: SignalSource & { exit(code: number): never };
  /** Takes each batch of lines of the viewers that are followed, in place of progress and verdict. */
  readonly story?: (lines: readonly string[]) => void;
  /** Told of the run's folder as soon as there is one. */
  readonly madeFolder?: (path: string) => void;
}

/** The end of a process is told a little after its connections broke. */
const STAGE_DEATH_MS = 500;
const INSECURE_NOTE = 'note: --insecure: TLS certificates are not checked';

/**
 * One run from plan to verdict: plan, platform, preflight, folder, workers, judgement.
 * @throws {ConfigError} {PreflightError} {StoppedBeforeStart} before the first viewer came; afterwards whatever
 * happens is part of the verdict
 */
export async function runCommand(config: RunConfig, deps: RunDeps): Promise<RunOutcome> {
  const drawn = createPlan(config.profile, config);
  await checkFaults(config, drawn);
  if (config.printPlan) {
    deps.output.result(
      config.json ? JSON.stringify(planJson(config, drawn), null, 2) : formatPlan(config, drawn),
    );
    return { exitCode: EXIT.pass };
  }
  await checkOutDir(config.outDir);
  await checkLocalAddresses(config.localIps);
  // Whoever reads the verdict must know that anybody could have answered; so --quiet does not hide it.
  if (config.insecure) deps.output.line(INSECURE_NOTE);
  const open: OpenFleet = (platform) => openFleet(config, platform, deps);
  return await onGrounds(config, drawn, deps, open, async (grounds, before, stop) => {
    const opening = openingOf(config);
    const plan = createPlan(opening.profile, opening);
    const { output, version, story, madeFolder } = deps;
    return await runAgainst({
      ...{ ...grounds, config: opening, plan, before, stop, output, version, story, madeFolder },
    });
  });
}

/** A run whose coordinator was killed, as its folder has it. */
export interface LeftRun {
  readonly folder: string;
  readonly record: RunRecord;
  readonly left: Left;
}

/**
 * Takes up a run that its boxes go on with, and ends it as it would have ended.
 * @throws {CannotResume} with words why it cannot be; {ConfigError} {PreflightError} {StoppedBeforeStart}
 */
export async function resumeRun(
  config: RunConfig,
  { folder, record, left }: LeftRun,
  deps: RunDeps,
): Promise<RunOutcome> {
  const { boxes: setting } = config;
  if (setting === undefined) throw new CannotResume('no broker is named');
  const plan = createPlan(config.profile, config);
  const { output, version } = deps;
  const say = (line: string): void => {
    if (!config.quiet) output.line(line);
  };
  // The platform is under load: nobody is sent ahead, and this machine carries no viewers.
  const quietly = { ...config, preflight: false };
  const open: OpenFleet = async ({ identities }) => {
    checkSamePlan(record, config, plan, identities.length);
    const { takeUpBoxes } = await import('./run/taken-up-boxes.js');
    return await takeUpBoxes({ setting, ...left, version, say, onSuperseded: () => giveWay(deps) });
  };
  return await onGrounds(quietly, plan, deps, open, async (grounds, before, stop) => {
    const taken = { path: folder, record, progress: left.progress };
    return await runAgainst({ ...grounds, config: quietly, plan, before, stop, output, version, taken });
  });
}

/** An escalation finds its steps as it goes: it begins with the first of them and nothing else. */
function openingOf(config: RunConfig): RunConfig {
  const { escalation, profile, vus } = config;
  if (escalation === undefined) return config;
  return { ...config, profile: { ...profile, stages: openingStages(escalation, vus) } };
}

type OpenFleet = (platform: Platform) => Promise<Fleet>;

/** Opens what a run stands on and looks at it, lets the run go, and closes all again however it ended. */
async function onGrounds(
  config: RunConfig,
  { totalMs }: Pick<Plan, 'totalMs'>,
  { output, signals, story }: RunDeps,
  open: OpenFleet,
  go: (grounds: Grounds, before: BeforeRun, stop: Promise<string>) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  let platform: Platform | undefined;
  let publisherClock: PublisherClockLink | undefined;
  let fleet: Fleet | undefined;
  const dashboard = await openLiveDashboard(story === undefined ? config : {});
  if (dashboard !== undefined) output.line(`dashboard ${dashboard.url}`);
  const stop = listenForStop(
    signals,
    () => performance.now(),
    (signal) => {
      platform?.kill();
      output.line(`exit ${EXIT.stoppedTwice}: stopped by a second ${signal}, nothing was judged`);
      signals.exit(EXIT.stoppedTwice);
    },
  );
  try {
    const machine = readMachine();
    // Before the stage takes its share of the CPU.
    const carry =
      config.preflight && story === undefined && config.boxes === undefined
        ? await estimateCarry(machine, config)
        : undefined;
    platform = await untilStopped(openPlatform(config), stop.first, (late) => late.kill());
    publisherClock = await untilStopped(openPublisherClock(config, platform.target), stop.first, (late) =>
      late.close(),
    );
    fleet = await untilStopped(open(platform), stop.first, (late) => late.close());
    const grounds = { platform, publisherClock, fleet, dashboard };
    const preflight = await lookAhead(config, grounds, totalMs, stop.first);
    const before = {
      ...{ machine, publisherClock: publisherClock.record },
      ...(carry && { carry }),
      ...(preflight && { preflight }),
    };
    return await go(grounds, before, stop.first);
  } catch (error) {
    // Threads of this machine are no boxes, and that they do not start is no matter of the platform.
    if (error instanceof BoxRefused && config.boxes === undefined)
      throw new Error(error.reason, { cause: error });
    // Nobody has come yet: what boxes and broker say then is about the ground that the run should stand on.
    if (error instanceof BoxRefused || error instanceof LinkError)
      throw new PreflightError(`load boxes: ${error.message}`, { cause: error });
    throw error;
  } finally {
    stop.dispose();
    publisherClock?.close();
    await fleet?.close();
    await dashboard?.close();
    await platform?.close();
  }
}

/** The machines that the viewers run on: this one, or load boxes that are found at a broker. */
async function openFleet(
  config: RunConfig,
  { target }: Platform,
  deps: Pick<RunDeps, 'output' | 'version' | 'signals'>,
): Promise<Fleet> {
  const { output, version } = deps;
  const { boxes: setting, quiet } = config;
  if (setting === undefined) return localFleet(config, version);
  const say = (line: string): void => {
    if (!quiet) output.line(line);
  };
  // The client of the broker is loaded by runs that have one.
  const { openRemoteBoxes } = await import('./run/remote-boxes.js');
  const onSuperseded = (): void => giveWay(deps);
  return await openRemoteBoxes({ setting, config, target, version, say, onSuperseded });
}

/**
 * This process was stopped or cut off for so long that another one took its run up. That one took it for dead, and dead
 * it has to be: folder, streams and boxes are the other's, so nothing is ended here that a killed process would not end.
 */
function giveWay({ output, signals }: Pick<RunDeps, 'output' | 'signals'>): void {
  output.line(
    `exit ${EXIT.refused}: this process gave no sign for too long, and another one has taken the run up (resume): it gives the verdict`,
  );
  signals.exit(EXIT.refused);
}

/** One viewer is sent ahead, unless nobody wants it. */
async function lookAhead(
  config: RunConfig,
  { platform: { target, identities, stageDied }, publisherClock }: Grounds,
  runMs: number,
  stop: Promise<string>,
): Promise<BeforeRun['preflight']> {
  if (!config.preflight) return undefined;
  const looked = checkPlatform({ config, target, identities, publisherClock, runMs, stop });
  try {
    return await untilStopped(looked, stop);
  } catch (error) {
    // A stage of our own that is gone is our fault, not a platform that does not answer.
    const died = await Promise.race([stageDied, delay(STAGE_DEATH_MS)]);
    if (error instanceof PreflightError && died !== undefined) throw new Error(died, { cause: error });
    throw error;
  }
}
