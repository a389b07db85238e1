import { overridesOf } from '../collect/alert-config.js';
import { resolveDashboard } from '../config/dashboard.js';
import type { DashboardFlags } from '../config/flags.js';
import { LIVE_TRENDS } from '../dashboard/dashboard.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { createRedact } from '../redact.js';
import { EXIT } from '../report/exit-codes.js';
import { openDesk } from './dashboard-desk.js';
import type { Output } from './output.js';
import { readRecord, readRun } from './read-run.js';
import { RunFollower } from './run-follower.js';
import type { RunRecord } from './run-record.js';
import { listenForStop, type SignalSource } from './stop-signals.js';

const LOOK_MS = 1000;
/** Points of the curves of a whole run. */
const POINTS = 300;

/**
 * The command `dashboard DIR`: shows a run from its folder until it is stopped, also one that still goes.
 * @throws {ConfigError} when the folder is not that of a run, or the port is taken
 */
export async function dashboardCommand(
  folder: string,
  flags: DashboardFlags,
  before: readonly ConfigIssue[],
  { output, signals }: { output: Output; signals: SignalSource & { exit(code: number): never } },
): Promise<{ exitCode: number; reason?: string }> {
  const issues = [...before];
  const port = resolveDashboard('--port', flags.port ?? '', issues);
  if (issues.length > 0 || port === undefined) throw new ConfigError(issues);
  const { record, isOver } = await firstLook(folder);
  const trends = isOver ? wholeRun(record) : LIVE_TRENDS;
  const desk = await openDesk({
    ...{ port, portPath: '--port', trends, redact: createRedact([]) },
    // Coloured by what was watched then, not by the strategy's own bounds.
    alerts: overridesOf(record.collect?.config.alerts),
  });
  const follower = new RunFollower({
    ...{ folder, record },
    ears: desk,
    stepMs: trends.everyMs,
    nowMs: () => performance.now(),
  });
  let wake: () => void = () => {};
  let stopped = false;
  const stop = listenForStop(
    signals,
    () => performance.now(),
    () => signals.exit(EXIT.stoppedTwice),
  );
  void stop.first.then(() => {
    stopped = true;
    wake();
  });
  output.line(`dashboard ${desk.url} of ${folder}; Ctrl-C ends it`);
  try {
    while (!stopped) {
      await follower.look();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { unreadable } = follower;
    if (unreadable > 0) output.line(`${unreadable} lines of ${folder} could not be read`);
    return { exitCode: EXIT.pass };
  } finally {
    stop.dispose();
    await desk.close();
  }
}

/** The head of the folder, and whether its run has ended: then the curves are of all of it. */
async function firstLook(folder: string): Promise<{ record: RunRecord; isOver: boolean }> {
  const record = await readRecord(folder);
  const { ending } = await readRun(folder);
  return { record, isOver: ending.completed };
}

function wholeRun({ plannedMs }: RunRecord): { spanMs: number; everyMs: number } {
  const everyMs = Math.max(LIVE_TRENDS.everyMs, Math.ceil(plannedMs / POINTS / 1000) * 1000);
  return { spanMs: Math.max(plannedMs * 1.1, 60_000), everyMs };
}
