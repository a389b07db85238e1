import type { JudgeFlags } from '../config/flags.js';
import { ConfigError } from '../errors.js';
import { type Conclusion, conclude } from './conclude.js';
import { explainable, explainRun } from './explain.js';
import { type Output, printConclusion } from './output.js';
import { readRun } from './read-run.js';

/** The command `judge DIR`: prints the summary, or with `--explain` one row of it, and ends as the run ended. */
export async function judgeCommand(
  folder: string,
  flags: JudgeFlags,
  output: Output,
): Promise<{ exitCode: number; reason: string }> {
  const { explain, json = false } = flags;
  if (explain !== undefined && json) {
    throw new ConfigError([{ path: '--json', problem: 'goes without --explain, which is a text to read' }]);
  }
  if (explain === undefined) {
    const conclusion = await judgeFolder(folder);
    printConclusion(conclusion, json, output, folder);
    return endOf(conclusion);
  }
  const options = { color: output.resultColor === true };
  const { text, conclusion } = await explainRun(folder, explainable(explain), options);
  output.result(text);
  return endOf(conclusion);
}

function endOf({ summary, reason }: Conclusion): { exitCode: number; reason: string } {
  return { exitCode: summary.exitCode, reason };
}

/**
 * Judges the folder of a run again, from what the run wrote while it went: equal to the run's own summary, and for
 * a killed run the verdict up to its last tick.
 * @throws {ConfigError} when the folder is not that of a run
 */
export async function judgeFolder(folder: string): Promise<Conclusion> {
  const { record, totals, moments, ending } = await readRun(folder);
  return conclude(record, totals, ending, moments);
}
