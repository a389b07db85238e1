import { mkdirSync } from 'node:fs';
import { BrowserDriver } from './browser/driver.js';
import { conditionOf, conditions } from './conditions.js';
import { modelVersion } from './model-version.js';
import { type Bench, oneRun, type RunJob } from './one-run.js';
import { startOriginProcess } from './origin/origin-process.js';
import { OursProcess } from './ours/ours-process.js';
import { printRun } from './print-run.js';
import { sharePriority } from './priority.js';
import { ResultsFile } from './results-file.js';
import { type RunOptions, runOptions, USAGE } from './run-options.js';
import type { Condition } from './script.js';
import type { RunRecord } from './story.js';
import { Turns } from './turns.js';

/**
 * The fidelity bench: real players in a real browser beside our viewers, on the same streams, under the same
 * trouble. One line of the results file per run; what the file has already is not run again.
 */

/** Beyond them the machine, not the players, made what was seen: the run is repeated. */
const MOST_LAG_MS = { origin: 40, ours: 40, page: 120 };
const TRIES = 4;

let stopping = false;

/** What makes a condition of a seed. */
const CONDITION_FILES = [
  'conditions',
  'condition-kinds',
  'condition-draws',
  'flv-kinds',
  'hls-kinds',
  'script',
].map((name) => `./${name}.js`);

async function main(): Promise<number> {
  let options: RunOptions;
  try {
    options = runOptions(process.argv.slice(2));
  } catch (cause) {
    console.error(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`);
    return 2;
  }
  const chosen = conditions(options.set).filter(
    ({ id }) => options.only.length === 0 || options.only.includes(id),
  );
  const unknown = options.only.filter((id) => chosen.every((condition) => condition.id !== id));
  if (chosen.length === 0 || unknown.length > 0) {
    console.error(`no such condition: ${unknown.join(', ') || `the set ${options.set} is empty`}`);
    return 2;
  }
  if (options.raw !== undefined) mkdirSync(options.raw, { recursive: true });
  const version = modelVersion(CONDITION_FILES);
  const results = new ResultsFile(options.results);
  const jobs = jobsOf(chosen, options).filter(
    ({ condition: { id, seed }, libraries, repeat }) =>
      !results.has({ condition: id, seed, libraries, repeat, modelVersion: version }),
  );
  console.log(`model ${version}: ${jobs.length} runs, ${options.parallel} at a time`);
  const bench = await open(version, options);
  const leavePriority = sharePriority();
  try {
    return await work(bench, jobs, results, options);
  } finally {
    leavePriority();
    await close(bench);
  }
}

/** Repeats come last, so that an early end leaves something of everything. */
function jobsOf(chosen: readonly Condition[], options: RunOptions): RunJob[] {
  const { libraries, parallel } = options;
  const repeats = Array.from({ length: options.repeats }, (_, i) => i + 1);
  return repeats.flatMap((repeat) =>
    chosen.map((condition) => ({ condition, repeat, libraries, inParallel: parallel })),
  );
}

async function open(version: string, { raw }: RunOptions): Promise<Bench> {
  const origin = await startOriginProcess();
  const ours = new OursProcess();
  const browser = await BrowserDriver.launch();
  const ample = { flv: conditionOf('ample-flv', 1), hls: conditionOf('ample-hls', 1) };
  return {
    origin,
    ours,
    browser,
    ample,
    turns: new Turns(),
    modelVersion: version,
    ...(raw === undefined ? {} : { rawFolder: raw }),
  };
}

async function close({ origin, ours, browser }: Bench): Promise<void> {
  ours.stop();
  await browser.close().catch(() => {});
  await origin.close();
}

async function work(
  bench: Bench,
  jobs: RunJob[],
  results: ResultsFile,
  { parallel, lag }: RunOptions,
): Promise<number> {
  let failed = 0;
  let spoilt = 0;
  const lane = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined && !stopping; job = jobs.shift()) {
      const { record, tries } = await steadyRun(bench, job, lag);
      spoilt += tries - (record === undefined ? 0 : 1);
      if (record === undefined) failed += 1;
      else {
        results.append(record);
        console.log(printRun(record));
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  console.log(`${spoilt} runs were spoilt by the machine or failed and repeated, ${failed} never succeeded`);
  return stopping ? 130 : failed > 0 ? 1 : 0;
}

/** A run that the machine did not spoil; undefined when none of a few was. */
async function steadyRun(
  bench: Bench,
  job: RunJob,
  timesLag: number,
): Promise<{ readonly record: RunRecord | undefined; readonly tries: number }> {
  for (let tries = 1; tries <= TRIES && !stopping; tries++) {
    try {
      const record = await oneRun(bench, job);
      if (isSteady(record, timesLag)) return { record, tries };
      console.log(`${job.condition.id} #${job.repeat} spoilt:\n${printRun(record)}`);
    } catch (cause) {
      if (!stopping)
        console.error(
          `${job.condition.id} #${job.repeat}: ${cause instanceof Error ? cause.message : cause}`,
        );
    }
  }
  return { record: undefined, tries: TRIES };
}

function isSteady({ originLagMs, ourLagMs, pageLagMs }: RunRecord, times: number): boolean {
  const { origin, ours, page } = MOST_LAG_MS;
  return originLagMs <= times * origin && ourLagMs <= times * ours && pageLagMs <= times * page;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(130);
    stopping = true;
    console.error('ending; again to end at once');
  });
}
process.exit(await main());
