import { EXIT } from '../report/exit-codes.js';
import type { Output } from './output.js';
import { repeatCommand } from './repeat-command.js';

interface Ended {
  readonly exitCode: number;
  readonly reason?: string;
}

export interface ManyRuns {
  readonly runs: number;
  readonly json: boolean;
  readonly output: Output;
  /** Makes one run; `madeFolder` is called when it has its folder. */
  once(output: Output, madeFolder: (path: string) => void): Promise<Ended>;
}

const SAME_SEED =
  'the same seed in each: what differs between them is of the platform and the machines; for the spread of the load, too, make runs with --seed 1, 2, 3 and join them with repeat';

/** One load several times, one after the other, and what they come to together. A run that is stopped is the last. */
export async function runMany({ runs, json, output, once }: ManyRuns): Promise<Ended> {
  const folders: string[] = [];
  // Of several summaries one after the other no machine could read one.
  const quiet: Output = json ? { ...output, line: output.line, result: () => {} } : output;
  output.line(SAME_SEED);
  for (let run = 1; run <= runs; run++) {
    output.line(`run ${run} of ${runs}`);
    const before = folders.length;
    const ended = await once(quiet, (path) => folders.push(path));
    const isStopped = ended.exitCode === EXIT.stopped || ended.exitCode === EXIT.internal;
    if (folders.length === before) return ended;
    if (isStopped && run < runs) {
      const reason = `run ${run} of ${runs}: ${ended.reason ?? 'stopped'}; the others were not made`;
      return { exitCode: ended.exitCode, reason };
    }
  }
  return repeatCommand(folders, { json }, [], output);
}
