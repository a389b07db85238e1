import type { RunConfig } from '../config.js';
import { annotationLines } from '../report/annotations.js';
import { EXIT } from '../report/exit-codes.js';
import type { PlatformCurves } from '../report/platform-curves.js';
import type { Conclusion } from './conclude.js';
import type { Intake } from './intake.js';
import { type Output, printConclusion } from './output.js';
import { asChanged } from './plan-changed.js';
import { readAlerts } from './read-alerts.js';
import { readEvents } from './report-events.js';
import { writeReports } from './report-files.js';
import { RUN_FILES, type RunFolder } from './run-folder.js';
import type { RunRecord } from './run-record.js';

/** What the process says of a run when it ends. */
export interface RunOutcome {
  readonly exitCode: number;
  /** What stands behind `exit N: `; absent = nothing. */
  readonly reason?: string;
}

/** A story is not judged: it ends well, by a signal, or by a fault of ours. */
export function endOfStory({ summary, reason }: Conclusion): RunOutcome {
  const { exitCode } = summary;
  return exitCode === EXIT.stopped || exitCode === EXIT.internal
    ? { exitCode, reason: reason.split(';')[0] ?? reason }
    : { exitCode: EXIT.pass };
}

export interface ToTell {
  readonly conclusion: Conclusion;
  readonly record: RunRecord;
  readonly intake: Intake;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly output: Output;
  /** What the platform's own meters said; undefined = nobody asked them. */
  readonly curves: PlatformCurves | undefined;
}

/** Writes the verdict down, says it, and makes the report. */
export async function tellOutcome(told: ToTell): Promise<RunOutcome> {
  const { conclusion, folder, config, output } = told;
  const { summary } = conclusion;
  await folder.writeJson(RUN_FILES.summary, summary);
  printConclusion(conclusion, config.json, output, folder.path);
  if (config.annotations && !config.json) output.result(annotationLines(summary).join('\n'));
  await writeRunReports(told);
  if (folder.failure !== undefined && summary.exitCode !== EXIT.internal) {
    return { exitCode: EXIT.internal, reason: `${folder.failure}; ${conclusion.reason}` };
  }
  return { exitCode: summary.exitCode, reason: conclusion.reason };
}

/** What can be made again from the folder decides nothing: a disk that fails here is told of, and that is all. */
async function writeRunReports(told: ToTell): Promise<void> {
  const { conclusion, record, intake, folder, config, output, curves } = told;
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
