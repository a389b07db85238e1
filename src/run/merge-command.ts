import { copyFile, open, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MergeFlags } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import { judgeFolder } from './judge-command.js';
import { makeFolder } from './make-folder.js';
import { mergeEvents } from './merge-events.js';
import { mergeTicks } from './merge-ticks.js';
import { needTwo, readEach } from './named-runs.js';
import type { Output } from './output.js';
import { readRecord, readRun, TORN } from './read-run.js';
import { RUN_FILES } from './run-folder.js';
import type { RunRecord } from './run-record.js';

interface Part {
  readonly path: string;
  readonly record: RunRecord;
}

/** What may differ between the parts of one run: each box has its own machine, and its own look at the platform. */
const OF_THE_BOX: readonly (keyof RunRecord)[] = [
  'host',
  'carry',
  'preflight',
  'publisherClock',
  'localIps',
  'nodeVersion',
  'settings',
  'collect',
];

/**
 * The command `merge DIR...`: joins the parts of one run to a folder that `judge` and `report` read. Nothing is
 * written unless all parts belong together.
 */
export async function mergeCommand(
  paths: readonly string[],
  flags: MergeFlags,
  before: readonly ConfigIssue[],
  output: Output,
): Promise<{ exitCode: number; reason: string }> {
  needTwo(paths, before, {
    path: 'merge',
    problem: 'one part is no merge',
    wanted: 'the folders of the parts of one run',
  });
  const parts = await readParts(paths);
  checkTogether(parts);
  const first = parts[0] as Part;
  const to = flags.out ?? `${basename(first.record.id)}-merged`;
  const made = await mergedFolder(to, parts);
  for (const note of made) output.line(`note: ${note}`);
  const { summary, reason } = await judgeFolder(to);
  output.result(flags.json === true ? JSON.stringify({ folder: to, summary }, null, 2) : to);
  return { exitCode: EXIT.pass, reason: `${parts.length} parts merged; judge ${to}: ${reason}` };
}

function readParts(paths: readonly string[]): Promise<Part[]> {
  const seen = new Map<string, string>();
  return readEach(paths, async (path) => {
    const record = await readRecord(path);
    const real = await realpath(path);
    const twin = seen.get(real);
    if (twin !== undefined) throw new ConfigError([{ path, problem: `is the same folder as ${twin}` }]);
    seen.set(real, path);
    return { path, record };
  });
}

/** @throws {ConfigError} naming what differs, when the folders are not parts of one run */
function checkTogether(parts: readonly Part[]): void {
  const [first, ...rest] = parts;
  const issues: ConfigIssue[] = [];
  for (const { path, record } of rest) {
    if (first === undefined) break;
    if (record.id !== first.record.id) {
      issues.push({ path, problem: `run ${record.id}, ${first.path} is of ${first.record.id}` });
      continue;
    }
    const names = [...new Set([...Object.keys(record), ...Object.keys(first.record)])] as (keyof RunRecord)[];
    const differing = names.filter(
      (name) =>
        !OF_THE_BOX.includes(name) && JSON.stringify(record[name]) !== JSON.stringify(first.record[name]),
    );
    for (const name of differing) issues.push({ path, problem: `its ${name} is not that of ${first.path}` });
  }
  if (issues.length === 0) return;
  throw new ConfigError([...issues, { path: 'merge', problem: 'these are not the parts of one run' }]);
}

/** Writes the folder; returns what the user should know of its making. A folder half written is taken away again. */
async function mergedFolder(to: string, parts: readonly Part[]): Promise<string[]> {
  await makeEmpty(to);
  try {
    const paths = parts.map(({ path }) => path);
    const torn = await tornOf(paths);
    await mergeTicks(to, paths);
    const ended = await mergeEvents(to, paths);
    const { collect, notes } = await copySystem(to, parts);
    const { collect: _own, ...record } = parts[0]?.record ?? ({} as RunRecord);
    const whole = { ...record, ...(collect === undefined ? {} : { collect }) };
    await writeFile(join(to, RUN_FILES.run), `${JSON.stringify(whole, null, 2)}\n`);
    return [
      ...notes,
      ...torn.map((path) => `${path}: its last tick was cut off`),
      ...ended.map((path) => `${path}: did not come to its end, and so the run did not`),
    ];
  } catch (error) {
    // Only what was made here: the folder may have been there before.
    for (const name of Object.values(RUN_FILES)) await rm(join(to, name), { force: true });
    throw error;
  }
}

async function makeEmpty(to: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    await makeFolder(to);
    handle = await open(join(to, RUN_FILES.ticks), 'wx');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const problem = code === 'EEXIST' ? `${to} has a run in it already` : `cannot write to ${to}: ${code}`;
    throw new ConfigError([{ path: '--out', problem }], { cause });
  }
  await handle.close();
}

/** Reads each part once before: what cannot be judged cannot be merged, and says so in the same words. */
async function tornOf(paths: readonly string[]): Promise<string[]> {
  const torn: string[] = [];
  for (const path of paths) {
    const { ending } = await readRun(path);
    if (ending.notes.includes(TORN)) torn.push(path);
  }
  return torn;
}

/**
 * The platform is one, whoever asked it: its meters are those of the first part that read them. Two readings of the same
 * deadlock would be two deadlocks.
 */
async function copySystem(
  to: string,
  parts: readonly Part[],
): Promise<{ readonly collect?: RunRecord['collect']; readonly notes: readonly string[] }> {
  const [first, ...more] = parts.filter(({ record }) => record.collect !== undefined);
  if (first?.record.collect === undefined) return { notes: [] };
  await copyFile(join(first.path, RUN_FILES.system), join(to, RUN_FILES.system)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    },
  );
  const notes = more.map(
    ({ path }) => `${path}: its metrics of the platform are left out for those of ${first.path}`,
  );
  return { collect: first.record.collect, notes };
}
