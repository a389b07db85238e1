import { parseArgs } from 'node:util';
import type { Libraries } from './one-run.js';

export interface RunOptions {
  /** Ids of conditions; empty = all of the set. */
  readonly only: readonly string[];
  readonly set: 'calibration' | 'unseen';
  readonly repeats: number;
  readonly parallel: number;
  readonly libraries: Libraries;
  /** Undefined = results are printed and not kept. */
  readonly results: string | undefined;
  /** Folder for the raw logs of every run. */
  readonly raw: string | undefined;
  /** Runs count with this many times the lag that they may have as a rule: for wide bounds on a busy machine. */
  readonly lag: number;
}

export const USAGE = `node dist-bench/bench/fidelity/run.js [--only id,...] [--set calibration|unseen]
  [--repeats 5] [--parallel 3] [--libraries page|newest] [--results FILE.ndjson] [--raw FOLDER] [--lag 1]`;

/** Throws with a sentence for flags that are not understood. */
export function runOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      set: { type: 'string', default: 'calibration' },
      repeats: { type: 'string', default: '5' },
      parallel: { type: 'string', default: '3' },
      libraries: { type: 'string', default: 'page' },
      results: { type: 'string' },
      raw: { type: 'string' },
      lag: { type: 'string', default: '1' },
    },
  });
  return {
    only: values.only?.split(',').filter((id) => id !== '') ?? [],
    set: oneOf('--set', values.set, ['calibration', 'unseen']),
    repeats: count('--repeats', values.repeats, 100),
    parallel: count('--parallel', values.parallel, 16),
    libraries: oneOf('--libraries', values.libraries, ['page', 'newest']),
    results: values.results,
    raw: values.raw,
    lag: count('--lag', values.lag, 10),
  };
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${flag} is ${value}: it can be ${allowed.join(' or ')}`);
  return found;
}

function count(flag: string, value: string, most: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Error(`${flag} is ${value}: a whole number from 1 to ${most} is wanted`);
  return number;
}
