import type { RepeatFlags } from '../config/flags.js';
import type { ConfigIssue } from '../errors.js';
import { formatRepeated, repeated } from '../report/repeat.js';
import { checkSameLoad, loadRuns, settingNotes } from './many-runs.js';
import { needTwo } from './named-runs.js';
import type { Output } from './output.js';

/** The command `repeat DIR...`: several runs of one load as one result; ends as the worst of them. */
export async function repeatCommand(
  paths: readonly string[],
  { json = false }: RepeatFlags,
  before: readonly ConfigIssue[],
  output: Output,
): Promise<{ exitCode: number; reason: string }> {
  needTwo(paths, before, {
    path: 'repeat',
    problem: 'one run is no repetition',
    wanted: 'the folders of two runs or more',
  });
  const runs = await loadRuns(paths);
  checkSameLoad(runs);
  const result = repeated(runs, settingNotes(runs));
  output.result(json ? JSON.stringify(result, null, 2) : formatRepeated(result));
  return { exitCode: result.exitCode, reason: result.sentence };
}
