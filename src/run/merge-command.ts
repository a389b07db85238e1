import { createReadStream } from 'node:fs';
import { copyFile, open, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MergeFlags } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import { SeqSet } from '../stats/seq-set.js';
import { decodeTick, MAX_TICK_BYTES } from '../stats/tick-codec.js';
import { boundedLines } from './bounded-lines.js';
import { judgeFolder } from './judge-command.js';
import { makeFolder } from './make-folder.js';
import type { Output } from './output.js';
import { readRecord, readRun } from './read-run.js';
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
  const issues = [...before];
  if (paths.length < 2 && issues.length === 0) {
    issues.push({
      path: 'merge',
      problem: 'one part is no merge',
      wanted: 'the folders of the parts of one run',
    });
  }
  if (issues.length > 0) throw new ConfigError(issues);
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

async function readParts(paths: readonly string[]): Promise<Part[]> {
  const issues: ConfigIssue[] = [];
  const parts: Part[] = [];
  const seen = new Map<string, string>();
  for (const path of paths) {
    try {
      const record = await readRecord(path);
      const real = await realpath(path);
      const twin = seen.get(real);
      if (twin !== undefined) issues.push({ path, problem: `is the same folder as ${twin}` });
      seen.set(real, path);
      parts.push({ path, record });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return parts;
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
    const torn = await joinTicks(to, parts);
    const ended = await joinEvents(to, parts);
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

/**
 * Ticks of all parts in the order of their time, as one run would have written them: the worst ten seconds of a row are
 * those of all parts together. Returns the parts whose last tick was torn.
 */
async function joinTicks(to: string, parts: readonly Part[]): Promise<string[]> {
  const file = await open(join(to, RUN_FILES.ticks), 'a');
  const torn: string[] = [];
  try {
    for (const { path } of parts) {
      // Reads it once before: what cannot be judged cannot be merged, and says so in the same words.
      const { ending } = await readRun(path);
      if (ending.notes.includes('the last tick was cut off')) torn.push(path);
    }
    let batch: string[] = [];
    for await (const line of byTime(parts)) {
      batch.push(line);
      if (batch.length < 256) continue;
      await file.appendFile(`${batch.join('\n')}\n`);
      batch = [];
    }
    if (batch.length > 0) await file.appendFile(`${batch.join('\n')}\n`);
  } finally {
    await file.close();
  }
  return torn;
}

/** Of each part one line is held: what is oldest comes next. */
async function* byTime(parts: readonly Part[]): AsyncGenerator<string> {
  const seen: Seen = new Map();
  const open = parts.map(({ path }) => ticksOf(path, seen));
  const heads = await Promise.all(open.map((ticks) => ticks.next()));
  for (;;) {
    let oldest: number | undefined;
    for (const [i, { value }] of heads.entries())
      if (value && (oldest === undefined || value.toMs < (heads[oldest]?.value?.toMs ?? 0))) oldest = i;
    if (oldest === undefined) return;
    yield heads[oldest]?.value?.line as string;
    heads[oldest] = await (open[oldest] as (typeof open)[number]).next();
  }
}

/** @throws {ConfigError} when another part has one of its ticks */
async function* ticksOf(path: string, seen: Seen): AsyncGenerator<TickLine, undefined> {
  const own: Seen = new Map();
  const file = createReadStream(join(path, RUN_FILES.ticks), 'utf8');
  for await (const line of boundedLines(file, MAX_TICK_BYTES)) {
    const tick = line === undefined ? undefined : tickLine(line);
    if (tick === undefined) continue;
    addOnce(seen, own, tick, path);
    yield tick;
  }
}

interface TickLine {
  readonly line: string;
  readonly toMs: number;
  /** Box and worker. */
  readonly name: string;
  readonly seq: number;
}

function tickLine(line: string): TickLine | undefined {
  try {
    const { box, worker, seq, toMs } = decodeTick(line);
    return { line, toMs, name: `${box}/${worker}`, seq };
  } catch {
    // The torn last line of a part, of which the reader before has told.
    return undefined;
  }
}

/** A tick that came twice within one part counts once, as ever; in two parts they are no parts of one whole. */
function addOnce(seen: Seen, own: Seen, { name, seq }: TickLine, path: string): void {
  if (!setOf(own, name).add(seq) || setOf(seen, name).add(seq)) return;
  const problem = `tick ${seq} of worker ${name} is in another part, too: parts must not overlap`;
  throw new ConfigError([{ path, problem }]);
}

/** Sequence numbers by worker. */
type Seen = Map<string, SeqSet>;

function setOf(seen: Seen, name: string): SeqSet {
  const known = seen.get(name) ?? new SeqSet();
  seen.set(name, known);
  return known;
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

/** Events of all parts by time. Returns the parts that did not end: then the whole did not. */
async function joinEvents(to: string, parts: readonly Part[]): Promise<string[]> {
  const lines: { atMs: number; line: string; ended: boolean }[] = [];
  const open: string[] = [];
  for (const { path } of parts) {
    const own = (await readFile(join(path, RUN_FILES.events), 'utf8')).split('\n').flatMap(eventOf);
    if (!own.some(({ ended }) => ended)) open.push(path);
    lines.push(...own);
  }
  const kept = open.length === 0 ? lines : lines.filter(({ ended }) => !ended);
  const sorted = [...kept].sort((a, b) => a.atMs - b.atMs);
  await writeFile(join(to, RUN_FILES.events), sorted.map(({ line }) => `${line}\n`).join(''));
  return open;
}

function eventOf(line: string): { atMs: number; line: string; ended: boolean }[] {
  try {
    const { atMs, kind } = JSON.parse(line) as { atMs?: unknown; kind?: unknown };
    return [{ atMs: typeof atMs === 'number' ? atMs : 0, line, ended: kind === 'run_ended' }];
  } catch {
    return [];
  }
}
