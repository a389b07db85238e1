import { readFile, realpath, stat } from 'node:fs/promises';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import { type Summary, summarySchema } from '../report/summary-schema.js';
import { conclude } from './conclude.js';
import { readEach } from './named-runs.js';
import { type RunOnDisk, readRun } from './read-run.js';

/** One of several runs that are looked at together. */
export interface LoadedRun {
  /** As it was named. */
  readonly path: string;
  readonly summary: Summary;
  /** Absent when only a summary was named. */
  readonly onDisk?: RunOnDisk;
}

/** Runs that are read at a time are held in memory as totals; more than these nobody has measured at once. */
const MAX_RUNS = 100;
/** A run that measured less of its plan than this was cut short. */
const WHOLE_SHARE = 0.95;

/**
 * Reads runs by their folders or their summary.json, each judged as it stands there.
 * @throws {ConfigError} with every path that is no run, and when one run is named twice
 */
export async function loadRuns(paths: readonly string[]): Promise<LoadedRun[]> {
  if (paths.length > MAX_RUNS) {
    throw new ConfigError([{ path: 'command line', problem: `${paths.length} runs, ${MAX_RUNS} at most` }]);
  }
  const seen = new Map<string, string>();
  return await readEach(paths, async (path) => {
    const run = await loadRun(path);
    const names = [await realpath(path), `run ${run.summary.run.id}`];
    const before = names.map((name) => seen.get(name)).find((name) => name !== undefined);
    for (const name of names) seen.set(name, path);
    if (before === undefined) return run;
    throw new ConfigError([{ path, problem: `is the same run as ${before}: name each once` }]);
  });
}

async function loadRun(path: string): Promise<LoadedRun> {
  if (path === '') throw new ConfigError([{ path: 'command line', problem: 'an empty name of a run' }]);
  if (!(await isFile(path))) {
    const onDisk = await readRun(path);
    return { path, onDisk, summary: conclude(onDisk.record, onDisk.totals, onDisk.ending).summary };
  }
  return { path, summary: readSummary(path, await readFile(path, 'utf8')) };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([{ path, problem: `neither the folder of a run nor a summary.json: ${code}` }], {
      cause,
    });
  }
}

function readSummary(path: string, text: string): Summary {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(
      [{ path, problem: 'is not JSON; a summary.json or the folder of a run is meant' }],
      {
        cause,
      },
    );
  }
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== undefined && version !== 1) {
    const problem = `a summary of schema version ${JSON.stringify(version)}; this version reads 1`;
    throw new ConfigError([{ path, problem }]);
  }
  const parsed = summarySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const where = first === undefined ? '' : `: ${first.path.join('.') || 'as a whole'}: ${first.message}`;
  throw new ConfigError([{ path, problem: `is not the summary of a run${where}` }]);
}

/** Why a run did not go all of its way; undefined = it did. */
export function cutShort({ summary, onDisk }: LoadedRun): string | undefined {
  if (summary.run.stoppedBy !== undefined) return `stopped by ${summary.run.stoppedBy}`;
  if (onDisk && !onDisk.ending.completed) return 'killed, or still going';
  if (summary.exitCode === EXIT.stopped) return 'stopped or killed';
  if (summary.exitCode === EXIT.internal) return 'ended by a fault of our own';
  const { measuredMs, plannedMs } = summary.run;
  return measuredMs < plannedMs * WHOLE_SHARE ? 'cut short' : undefined;
}

/** What two runs must have in common to be the same load; only what both say is compared. */
function loadOf({ summary, onDisk }: LoadedRun): Readonly<Record<string, string>> {
  const { run, vus, gate } = summary;
  const own = {
    profile: run.profile,
    viewers: String(vus.planned),
    'planned length': `${run.plannedMs} ms`,
    'time scale': String(run.timeScale ?? 1),
    'gate level': gate,
  };
  if (onDisk === undefined) return own;
  const { behaviour, rates, planned, phases } = onDisk.record;
  return {
    ...own,
    mix: `hls=${planned.byProtocol.hls},flv=${planned.byProtocol.flv}`,
    behaviour: behaviour ?? 'strategy',
    rates: pairs(rates),
    'viewers with an account': String(planned.users),
    writes: planned.writes ? 'on' : 'off',
    phases: phases.map(({ name, fromMs, toMs }) => `${name} ${(toMs - fromMs) / 1000} s`).join(', '),
  };
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');
}

/** What may differ between comparable runs, and has to be known by who reads the result. */
function settingOf({ summary: { run, boxes } }: LoadedRun): Readonly<Record<string, string>> {
  const { target, version, nodeVersion, host, workers, seed } = run;
  return {
    target,
    'version of dorami-load': version,
    'version of Node': nodeVersion,
    // Containers have another host name each time: boxes are told by what they have.
    'generator host': boxes === undefined ? host : boxSizes(boxes),
    workers: String(workers),
    seed: String(seed),
  };
}

/** `3 load boxes with 2, 2, 4 cores`. */
function boxSizes(boxes: readonly { readonly cores: number }[]): string {
  const cores = boxes.map((box) => box.cores).sort((a, b) => a - b);
  return `${boxes.length} load ${boxes.length === 1 ? 'box' : 'boxes'} with ${cores.join(', ')} cores`;
}

/** Differences of `runs` from the first of them, in words. */
function differences(
  runs: readonly LoadedRun[],
  of: (run: LoadedRun) => Readonly<Record<string, string>>,
): ConfigIssue[] {
  const [first, ...rest] = runs;
  if (first === undefined) return [];
  const wanted = of(first);
  return rest.flatMap((run) =>
    Object.entries(of(run))
      .filter(([name, value]) => wanted[name] !== undefined && wanted[name] !== value)
      .map(([name, value]) => ({
        path: run.path,
        problem: `${name} ${value}, of ${first.path} ${wanted[name]}`,
      })),
  );
}

/** @throws {ConfigError} naming what differs, when the runs are not the same load */
export function checkSameLoad(runs: readonly LoadedRun[]): void {
  const found = differences(runs, loadOf);
  if (found.length === 0) return;
  throw new ConfigError([
    ...found,
    { path: 'command line', problem: 'these runs are not the same load: their rows do not mean the same' },
  ]);
}

/** What differs and does not forbid to look at the runs together. */
export function settingNotes(runs: readonly LoadedRun[]): string[] {
  return [...new Set(differences(runs, settingOf).map(({ path, problem }) => `${path}: ${problem}`))];
}
