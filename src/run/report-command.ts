import type { ReportFlags } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { readParity } from '../parity/read-parity.js';
import { annotationLines } from '../report/annotations.js';
import { EXIT } from '../report/exit-codes.js';
import { PlatformCurves } from '../report/platform-curves.js';
import type { ReportInput } from '../report/report-input.js';
import { REPORT_METRICS } from '../report/run-curves.js';
import { RunSeries } from '../stats/run-series.js';
import { conclude } from './conclude.js';
import { makeFolder } from './make-folder.js';
import type { Output } from './output.js';
import { readAlerts } from './read-alerts.js';
import { readRecord, readRun } from './read-run.js';
import { USUAL_INTERVAL_MS } from './read-system.js';
import { readEvents } from './report-events.js';
import { writeReports } from './report-files.js';

/**
 * The command `report DIR`: makes the reports of a run once more from its folder, those of a run that was killed or is
 * still going up to its last tick. Where they are is the result.
 * @throws {ConfigError} when the folder is not that of a run, or nothing can be written
 */
export async function reportCommand(
  folder: string,
  flags: ReportFlags,
  output: Output,
): Promise<{ exitCode: number; reason?: string }> {
  const input = withParity(await readReport(folder, output.tool ?? 'dorami-load'), flags.parity);
  const to = flags.out ?? folder;
  if (flags.out !== undefined) await makeFolderFor(flags.out);
  const { written, failure } = await writeReports(to, input);
  if (written.length > 0) output.result(written.join('\n'));
  if (flags.annotations === true) output.result(annotationLines(input.summary).join('\n'));
  return failure === undefined ? { exitCode: EXIT.pass } : { exitCode: EXIT.internal, reason: failure };
}

/** @throws {ConfigError} when the folder is not that of a run */
export async function readReport(folder: string, tool: string): Promise<ReportInput> {
  const { plannedMs, collect } = await readRecord(folder);
  const curves = new PlatformCurves(plannedMs, collect?.intervalMs ?? USUAL_INTERVAL_MS);
  const series = new RunSeries(plannedMs, REPORT_METRICS);
  const { record, totals, moments, ending } = await readRun(
    folder,
    (tick) => series.add(tick),
    (line) => curves.add(line),
  );
  const { summary } = conclude(record, totals, ending, moments);
  const place = { folder: folder.replace(/(?<=.)\/+$/, ''), tool };
  const alerts = curves.lines > 0 ? await readAlerts(folder) : undefined;
  const platform = curves.lines > 0 ? { platform: curves, ...(alerts === undefined ? {} : { alerts }) } : {};
  const events = await readEvents(folder);
  return { summary, record, totals, ticks: series.finish(), events, ...platform, place };
}

/** @throws {ConfigError} when the file is not what `dorami-load parity` writes */
function withParity(input: ReportInput, path: string | undefined): ReportInput {
  if (path === undefined) return input;
  const issues: ConfigIssue[] = [];
  const parity = readParity(path, '--parity', issues);
  if (input.record.embeddedStage)
    issues.push({ path: '--parity', problem: 'this run was on its own stage, which is no platform' });
  if (parity === undefined || issues.length > 0) throw new ConfigError(issues);
  return { ...input, record: { ...input.record, parity } };
}

async function makeFolderFor(out: string): Promise<void> {
  try {
    await makeFolder(out);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([{ path: '--out', problem: `cannot write to ${out}: ${code}` }], { cause });
  }
}
