import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fidelityDocument, type Machine } from './compare/document.js';
import { latestModel, parseResults } from './compare/results.js';
import { knownConditions } from './known-conditions.js';
import { projectRoot } from './origin/project-root.js';

/**
 * Prints docs/fidelity.md from bench/fidelity/results: `node dist-bench/bench/fidelity/print-fidelity.js`. With
 * `--machine` this machine is first noted as the one that ran the bench; `--stdout` writes no file.
 */

const RESULTS = join(projectRoot(), 'bench/fidelity/results');
const MACHINE = join(RESULTS, 'machine.json');

/** The document of the results that are committed; the machine is the one noted beside them. */
export function committedDocument(): string {
  const text = readdirSync(RESULTS)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .map((name) => readFileSync(join(RESULTS, name), 'utf8'))
    .join('\n');
  const { records } = parseResults(text);
  const model = latestModel(records);
  return fidelityDocument(
    records.filter(({ modelVersion }) => modelVersion === model),
    knownConditions(),
    JSON.parse(readFileSync(MACHINE, 'utf8')) as Machine,
  );
}

function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  };
}

function main(): void {
  const { values } = parseArgs({
    options: { machine: { type: 'boolean', default: false }, stdout: { type: 'boolean', default: false } },
  });
  if (values.machine) writeFileSync(MACHINE, `${JSON.stringify(thisMachine(), null, 2)}\n`);
  if (values.stdout) process.stdout.write(committedDocument());
  else writeFileSync(join(projectRoot(), 'docs/fidelity.md'), committedDocument());
}

if (process.argv[1]?.endsWith('print-fidelity.js')) main();
