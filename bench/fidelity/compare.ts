import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BOUNDS } from './compare/bounds.js';
import { explain } from './compare/causes.js';
import { demandResults } from './compare/demands.js';
import { printTable } from './compare/print-table.js';
import { compareAll, latestModel, parseResults } from './compare/results.js';
import { knownConditions } from './known-conditions.js';

/**
 * Browser against our viewer, from results that were run before: `node dist-bench/bench/fidelity/compare.js
 * --results FILE`. Exits 0 when every demand is met and every miss is explained, 1 when not, 2 without runs.
 */
const { values } = parseArgs({
  options: {
    results: { type: 'string' },
    /** Conditions whose id holds one of these words, comma-separated. */
    only: { type: 'string' },
    libraries: { type: 'string', default: 'page' },
    /** Another model than that of the latest run. */
    model: { type: 'string' },
  },
});

if (values.results === undefined) {
  console.error('--results FILE: the NDJSON file that run.js wrote');
  process.exit(2);
}
const { records, brokenLines } = parseResults(readOrEnd(values.results));
const model = values.model ?? latestModel(records);
const words = values.only?.split(',') ?? [''];
const chosen = records.filter(
  ({ modelVersion, libraries, condition }) =>
    modelVersion === model &&
    libraries === values.libraries &&
    words.some((word) => condition.includes(word)),
);
console.log(
  `model ${model}: ${chosen.length} runs; ${records.length - chosen.length} others left out; ${brokenLines} broken lines`,
);
if (chosen.length === 0) process.exit(2);
const results = compareAll(chosen, knownConditions(), BOUNDS);
console.log(printTable(results));
const unexplained = explain(results).filter(({ cause }) => cause === undefined);
process.exitCode = unexplained.length === 0 && demandResults(results).every(({ pass }) => pass) ? 0 : 1;

function readOrEnd(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    console.error(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`);
    process.exit(2);
  }
}
