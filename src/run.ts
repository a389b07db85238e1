import { access, constants, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RunConfig } from './config.js';
import { ConfigError } from './errors.js';
import { preflightLines } from './preflight/report.js';
import { annotationLines } from './report/annotations.js';
import { EXIT } from './report/exit-codes.js';
import { PlatformCurves } from './report/platform-curves.js';
import { REPORT_METRICS } from './report/run-curves.js';
import { watchAbort } from './run/abort-watch.js';
import { carryLines, estimateCarry } from './run/carry.js';
import { type Conclusion, conclude, type Ending } from './run/conclude.js';
import { openCtl } from './run/ctl.js';
import { EscalationRunner } from './run/escalation-runner.js';
import { checkFaults } from './run/fault-check.js';
import { addUndone } from './run/fault-late.js';
import { openFaultMeans, type RunFaultMeans } from './run/fault-means.js';
import type { Intake } from './run/intake.js';
import { type LiveDashboard, openLiveDashboard } from './run/live-dashboard.js';
import { createLiveMeters } from './run/live-meters.js';
import { liveRun, type Wheel } from './run/live-run.js';
import { checkLocalAddresses } from './run/local-addresses.js';
import { readMachine } from './run/machine.js';
import { makeFolder } from './run/make-folder.js';
import { type Output, printConclusion } from './run/output.js';
import { asChanged, changedPlan } from './run/plan-changed.js';
import { crowdText, formatPlan, planJson } from './run/plan-text.js';
import { openPlatform, type Platform } from './run/platform.js';
import { openPlatformWatch } from './run/platform-watch.js';
import { checkPlatform } from './run/preflight.js';
import { createProgressView } from './run/progress-view.js';
import { openPublisherClock, type PublisherClockLink } from './run/publisher-clock.js';
import { readAlerts } from './run/read-alerts.js';
import { withPlatform } from './run/read-run.js';
import { readEvents } from './run/report-events.js';
import { writeReports } from './run/report-files.js';
import { openRunAlerts } from './run/run-alerts.js';
import type { OnSystemLine } from './run/run-collector.js';
import { createRunFolder, RUN_FILES, type RunFolder } from './run/run-folder.js';
import { type BeforeRun, createRunRecord, type RunRecord } from './run/run-record.js';
import { finishTraces, openTraces } from './run/run-traces.js';
import { type StepJudged, stepLine } from './run/step-judgement.js';
import { listenForStop, type SignalSource, untilStopped } from './run/stop-signals.js';
import { openingStages } from './scenarios/escalation-plan.js';
import { createPlan, type Plan } from './scenarios/plan.js';
import { RunSeries } from './stats/run-series.js';

export interface RunDeps {
  readonly output: Output;
  readonly version: string;
  readonly signals: SignalSource & { exit(code: number): never };
  /** Takes each batch of lines of the viewers that are followed, in place of progress and verdict. */
  readonly story?: (lines: readonly string[]) => void;
  /** Told of the run's folder as soon as there is one. */
  readonly madeFolder?: (path: string) => void;
}

const INSECURE_NOTE = 'note: --insecure: TLS certificates are not checked';

/**
 * One run from plan to verdict: plan, platform, preflight, folder, workers, judgement.
 * @throws {ConfigError} {PreflightError} {StoppedBeforeStart} before the first viewer came; afterwards whatever
 * happens is part of the verdict
 */
export async function runCommand(
  config: RunConfig,
  deps: RunDeps,
): Promise<{ exitCode: number; reason?: string }> {
  const drawn = createPlan(config.profile, config);
  checkFaults(config, drawn);
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
  let platform: Platform | undefined;
  let publisherClock: PublisherClockLink | undefined;
  const dashboard = await openLiveDashboard(deps.story === undefined ? config : {});
  if (dashboard !== undefined) deps.output.line(`dashboard ${dashboard.url}`);
  const stop = listenForStop(
    deps.signals,
    () => performance.now(),
    (signal) => {
      platform?.kill();
      deps.output.line(`exit ${EXIT.stoppedTwice}: stopped by a second ${signal}, nothing was judged`);
      deps.signals.exit(EXIT.stoppedTwice);
    },
  );
  try {
    const machine = readMachine();
    // Before the stage takes its share of the CPU.
    const carry =
      config.preflight && deps.story === undefined ? await estimateCarry(machine, config) : undefined;
    platform = await untilStopped(openPlatform(config), stop.first, (late) => late.kill());
    const { target, identities } = platform;
    publisherClock = await untilStopped(openPublisherClock(config, target), stop.first, (late) =>
      late.close(),
    );
    const preflight = config.preflight
      ? await untilStopped(
          checkPlatform({
            ...{ config, target, identities, publisherClock },
            runMs: drawn.totalMs,
            stop: stop.first,
          }),
          stop.first,
        )
      : undefined;
    const before = {
      ...{ machine, publisherClock: publisherClock.record },
      ...(carry && { carry }),
      ...(preflight && { preflight }),
    };
    const opening = openingOf(config);
    const plan = createPlan(opening.profile, opening);
    return await runAgainst({ platform, publisherClock, dashboard }, opening, plan, deps, stop.first, before);
  } finally {
    stop.dispose();
    publisherClock?.close();
    await dashboard?.close();
    await platform?.close();
  }
}

/** What a run stands on, each opened before it and closed after it. */
interface Grounds {
  readonly platform: Platform;
  readonly publisherClock: PublisherClockLink;
  /** Absent = nobody asked for one. */
  readonly dashboard: LiveDashboard | undefined;
}

/** An escalation finds its steps as it goes: it begins with the first of them and nothing else. */
function openingOf(config: RunConfig): RunConfig {
  const { escalation, profile, vus } = config;
  if (escalation === undefined) return config;
  return { ...config, profile: { ...profile, stages: openingStages(escalation, vus) } };
}

async function runAgainst(
  { platform, publisherClock, dashboard }: Grounds,
  config: RunConfig,
  plan: Plan,
  deps: RunDeps,
  stop: Promise<string>,
  before: BeforeRun,
): Promise<{ exitCode: number; reason?: string }> {
  const { output } = deps;
  const say = (text: string): void => {
    if (!config.quiet) output.line(text);
  };
  for (const line of before.carry ? carryLines(before.carry) : []) say(line);
  for (const line of before.preflight ? preflightLines(before.preflight) : []) say(line);
  const folder = await createRunFolder(config.outDir, config.profile.name, Date.now(), (failure) => {
    output.line(`${failure}: what is measured is judged from memory`);
  });
  deps.madeFolder?.(folder.path);
  const who = deps.story ? 'one viewer' : `${config.profile.name}: ${crowdText(plan)}`;
  say(`${who}, run folder ${folder.path}`);
  let record: RunRecord | undefined;
  const { story } = deps;
  const isQuiet = config.quiet || story !== undefined;
  const view = createProgressView({
    config: { ...config, quiet: isQuiet },
    folder: folder.path,
    output,
  });
  /** Everyone who wants to see each line of the platform's own meters. */
  const onSystemLine: OnSystemLine[] = dashboard === undefined ? [] : [dashboard.takeLine];
  const alerts = await openRunAlerts(config, folder.path, say, (entry) => dashboard?.takeAlert(entry));
  if (alerts !== undefined) onSystemLine.push(alerts.take);
  const meters = createLiveMeters(config);
  if (meters !== undefined) onSystemLine.push((line) => meters.take({ ...line }));
  const watch = openPlatformWatch(config, platform.target.streamKey, folder.path, say, onSystemLine);
  const traces = openTraces(config, folder.path, story && ((_vu, lines) => story(lines)));
  const ctl = await openCtl(config, folder.path, output.line);
  let abort: (why: string) => void = () => {};
  const aborted = new Promise<string>((resolve) => {
    abort = resolve;
  });
  const leave = Promise.race([stop, aborted, ...(ctl === undefined ? [] : [ctl.stop])]);
  void leave.then((why) => {
    view.leaving(why);
    dashboard?.leaving(why);
    ctl?.leaving();
  });
  let means: RunFaultMeans | undefined;
  const intake = await liveRun({
    config,
    plan,
    target: platform.target,
    identities: platform.identities,
    folder,
    traces,
    series: config.report && story === undefined ? new RunSeries(plan.totalMs, REPORT_METRICS) : undefined,
    publisherClock,
    doerOf: (step) => (means as RunFaultMeans).doerOf(step),
    workerUrl: new URL('./worker.js', import.meta.url),
    stop: leave,
    stageDied: platform.stageDied,
    async onStart(startEpochMs) {
      traces?.begin(startEpochMs);
      watch?.begin(startEpochMs);
      const users = platform.identities.length;
      const { target } = platform;
      const { version } = deps;
      record = createRunRecord({
        id: basename(folder.path),
        config,
        plan,
        target,
        startEpochMs,
        users,
        version,
        before,
      });
      await folder.writeJson(RUN_FILES.run, record);
      means = openFaultMeans(config, platform.controlUrl, folder.path, startEpochMs);
      await platform.plantFaults(startEpochMs - performance.timeOrigin - performance.now());
    },
    progressEveryMs: view.everyMs,
    onProgress: view.show,
    describe: (changed) => changedPlan(config, changed, platform.identities.length),
    steer(wheel) {
      ctl?.steer(wheel);
      watch?.attach(wheel.intake, wheel.clock);
      if (record === undefined) return;
      const secrets = [platform.target.streamKey];
      dashboard?.steer(wheel, { record, folder: folder.path, meters, secrets });
      const users = platform.identities.length;
      const levels = escalate({ config, record, users, wheel, leave, say });
      if (config.abortOn.length > 0)
        watchAbort({ rules: config.abortOn, record, wheel, levels, meters, abort });
    },
  }).finally(async () => {
    if (record === undefined) watch?.kill();
    view.close();
    await ctl?.close();
    await means?.close();
  });
  if (record === undefined) throw new Error('the run was over before it began');
  const left = await platform.leftOpen();
  if (left !== undefined) intake.note({ kind: 'left_open', atMs: intake.totals.toMs, ...left });
  await watch?.stop();
  await alerts?.end();
  await folder.close();
  await addUndone(folder.path, intake.ending);
  const curves = config.collect && new PlatformCurves(plan.totalMs, config.collect.intervalMs);
  const ending = await withPlatform(intake.ending.ending(), folder.path, record, (line) => curves?.add(line));
  const conclusion = concludeWith(record, intake, ending, folder.failure);
  dashboard?.conclude(conclusion, intake);
  const ended =
    story === undefined
      ? await report({ conclusion, record, intake, folder, config, output, curves })
      : endOfStory(conclusion);
  await finishTraces(traces, config, output);
  return ended;
}

interface Escalated {
  readonly config: RunConfig;
  readonly record: RunRecord;
  readonly users: number;
  readonly wheel: Wheel;
  /** Resolves when all are asked to leave. */
  readonly leave: Promise<string>;
  say(text: string): void;
}

/** Looks for the breaking point, if the run was asked to. */
function escalate({
  config,
  record,
  users,
  wheel,
  leave,
  say,
}: Escalated): Pick<EscalationRunner, 'level'> | undefined {
  const { escalation: spec } = config;
  if (spec === undefined) return undefined;
  const onStep = (step: StepJudged): void => say(stepLine(step));
  const runner = new EscalationRunner({ spec, config, record, users, wheel, onStep });
  runner.start();
  void Promise.race([leave, wheel.over]).then(() => runner.stop());
  return runner;
}

/** A story is not judged: it ends well, by a signal, or by a fault of ours. */
function endOfStory({ summary, reason }: Conclusion): { exitCode: number; reason?: string } {
  const { exitCode } = summary;
  return exitCode === EXIT.stopped || exitCode === EXIT.internal
    ? { exitCode, reason: reason.split(';')[0] ?? reason }
    : { exitCode: EXIT.pass };
}

interface Reported {
  readonly conclusion: Conclusion;
  readonly record: RunRecord;
  readonly intake: Intake;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly output: Output;
  /** What the platform's own meters said; undefined = nobody asked them. */
  readonly curves: PlatformCurves | undefined;
}

async function report(reported: Reported): Promise<{ exitCode: number; reason: string }> {
  const { conclusion, folder, config, output } = reported;
  const { summary } = conclusion;
  await folder.writeJson(RUN_FILES.summary, summary);
  printConclusion(conclusion, config.json, output, folder.path);
  if (config.annotations && !config.json) output.result(annotationLines(summary).join('\n'));
  await writeRunReports(reported);
  if (folder.failure !== undefined && summary.exitCode !== EXIT.internal) {
    return { exitCode: EXIT.internal, reason: `${folder.failure}; ${conclusion.reason}` };
  }
  return { exitCode: summary.exitCode, reason: conclusion.reason };
}

/** What can be made again from the folder decides nothing: a disk that fails here is told of, and that is all. */
async function writeRunReports({
  conclusion,
  record,
  intake,
  folder,
  config,
  output,
  curves,
}: Reported): Promise<void> {
  const { series, totals, ending } = intake;
  if (series === undefined) return;
  const { summary } = conclusion;
  const place = { folder: folder.path, tool: output.tool ?? 'dorami-load' };
  const events = await readEvents(folder.path);
  const held = asChanged(record, ending.ending());
  const alerts = curves === undefined ? undefined : await readAlerts(folder.path);
  const platform =
    curves === undefined ? {} : { platform: curves, ...(alerts === undefined ? {} : { alerts }) };
  const input = { summary, record: held, totals, ticks: series.finish(), events, ...platform, place };
  const made = await writeReports(folder.path, input);
  if (made.failure !== undefined) output.line(`${made.failure}: the verdict stands without it`);
  else if (!config.quiet && made.written[0] !== undefined) output.line(`report ${made.written[0]}`);
}

function concludeWith(
  record: RunRecord,
  intake: Intake,
  ending: Ending,
  diskFailure: string | undefined,
): Conclusion {
  const disk = diskFailure === undefined ? {} : { diskFault: diskFailure };
  return conclude(record, intake.totals, { ...ending, ...disk }, intake.moments);
}

/** Nothing is started for a run that could not write down what it saw. */
async function checkOutDir(outDir: string): Promise<void> {
  try {
    await makeFolder(outDir);
    if (!(await stat(outDir)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(outDir, constants.W_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([{ path: '--out', problem: `cannot write to ${outDir}: ${code}` }], { cause });
  }
}
