import { writeFile } from 'node:fs/promises';
import type { ReadinessFlags } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { paritySentence } from '../parity/parity-words.js';
import { EXIT } from '../report/exit-codes.js';
import { type Evidence, readiness, SCENARIOS } from '../report/readiness.js';
import { formatReadiness, readinessMarkdown } from '../report/readiness-text.js';
import { EMBEDDED_STAGE } from '../report/summary.js';
import { findProfile } from '../scenarios/profiles.js';
import { cutShort, type LoadedRun, loadRuns } from './many-runs.js';
import type { Output } from './output.js';
import { scenarioDoubts } from './scenario-doubts.js';

/** The command `readiness DIR...`: the ten mandatory rows of a release, each from the scenario it belongs to. */
export async function readinessCommand(
  paths: readonly string[],
  flags: ReadinessFlags,
  before: readonly ConfigIssue[],
  output: Output,
): Promise<{ exitCode: number; reason: string }> {
  if (before.length > 0) throw new ConfigError(before);
  const runs = await loadRuns(paths);
  checkOnePlatform(runs);
  const others = runs.filter(({ summary }) => !SCENARIOS.some((name) => name === summary.run.profile));
  const result = readiness(
    runs.map((run) => ({ path: run.path, summary: run.summary, doubts: doubtsOf(run) })),
    [
      ...others.map(
        ({ path, summary }) => `${path} is a ${summary.run.profile} run: no criterion is read from it`,
      ),
      ...versionNotes(runs),
      ...parityNotes(runs),
    ],
  );
  const { out } = flags;
  const failure = out === undefined ? undefined : await written(out, readinessMarkdown(result));
  output.result(
    flags.json === true
      ? JSON.stringify(result, null, 2)
      : formatReadiness(result, { color: output.resultColor === true }),
  );
  return failure === undefined
    ? { exitCode: result.exitCode, reason: result.sentence }
    : { exitCode: EXIT.internal, reason: `${failure}; ${result.sentence}` };
}

async function written(path: string, text: string): Promise<string | undefined> {
  try {
    await writeFile(path, text);
    return undefined;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOSPC' || code === 'EIO') return `cannot write ${path}: ${code}`;
    throw new ConfigError([{ path: '--out', problem: `cannot write ${path}: ${code}` }], { cause });
  }
}

/** A release is of one platform: rows of two would be put together to what neither has shown. */
function checkOnePlatform(runs: readonly LoadedRun[]): void {
  const [first] = runs;
  const issues = runs.flatMap(({ path, summary }) =>
    summary.run.target === first?.summary.run.target
      ? []
      : [{ path, problem: `target ${summary.run.target}, of ${first?.path} ${first?.summary.run.target}` }],
  );
  if (issues.length === 0) return;
  throw new ConfigError([...issues, { path: 'readiness', problem: 'these runs are not of one platform' }]);
}

function versionNotes(runs: readonly LoadedRun[]): string[] {
  const versions = [...new Set(runs.map(({ summary }) => summary.run.version))];
  return versions.length > 1 ? [`made with different versions of dorami-load: ${versions.join(', ')}`] : [];
}

/** How like production the platform was, in the words of those who looked: it decides no criterion. */
function parityNotes(runs: readonly LoadedRun[]): string[] {
  const found = new Map<string, string[]>();
  for (const { path, onDisk } of runs) {
    const parity = onDisk?.record.parity;
    const text =
      parity === undefined
        ? 'how like production the platform is was not looked at (dorami-load parity, --parity of a run)'
        : `parity with production (strategy 4.1): ${paritySentence(parity)}`;
    found.set(text, [...(found.get(text) ?? []), path]);
  }
  return [...found].map(([text, paths]) =>
    paths.length === runs.length ? text : `${paths.join(', ')}: ${text}`,
  );
}

/** Why a pass in this run is no proof for a release. */
export function doubtsOf(run: LoadedRun): Evidence['doubts'] {
  const { summary, onDisk } = run;
  const { target, timeScale = 1, profile: name } = summary.run;
  const profile = findProfile(name);
  const cut = cutShort(run);
  return [
    ...(summary.verdict === 'invalid' ? ['invalid'] : []),
    ...(cut === undefined ? [] : [cut]),
    ...(target === EMBEDDED_STAGE ? ['on the own stage, which is no platform'] : []),
    ...(timeScale < 1 ? [`scaled by ${timeScale}`] : []),
    ...(profile && onDisk ? scenarioDoubts(profile, onDisk.record) : []),
    ...(onDisk?.ending.changed ? ['its plan was changed while it ran'] : []),
    ...(onDisk === undefined ? ['only its summary is here: its plan cannot be checked'] : []),
  ];
}
