import { constants } from 'node:fs';
import { access, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../run/make-folder.js';
import type { Change } from './change.js';
import {
  type JournalLine,
  type JournalStory,
  journalLine,
  readStory,
  type UndoneBy,
} from './journal-lines.js';
import { ownStartTicks, readMachineState } from './machine-state.js';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const SUFFIX = '.ndjson';

/** Where changes are written down unless somebody says another place: one for root, one for each user. */
export function defaultJournalFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  isRoot: boolean = process.geteuid?.() === 0,
): string {
  if (isRoot) return '/var/lib/dorami-load/faults';
  const { XDG_STATE_HOME: state } = env;
  const base = state?.startsWith('/') ? state : join(homedir(), '.local', 'state');
  return join(base, 'dorami-load', 'faults');
}

/** A change that stands in a journal. */
export interface JournalEntry {
  readonly path: string;
  readonly id: number;
}

/** What one run changes, in a file of its own: two runs never write into one. */
export interface Journal {
  /**
   * On the disk when it resolves.
   * @throws Error in words: the change must not be made then
   */
  add(fault: string, change: Change): Promise<JournalEntry>;
  /** Never rejects: a change that counts as open is looked at again, and found gone. */
  undone(entry: JournalEntry, by: UndoneBy): Promise<void>;
}

/** @param run name of the run's folder */
export function createJournal(folder: string, run: string): Journal {
  const path = join(resolve(folder), `${run}${SUFFIX}`);
  let begun: Promise<void> | undefined;
  let count = 0;
  const begin = async (): Promise<void> => {
    await makeFolder(dirname(path));
    const first = { v: 1, what: 'run', run, pid: process.pid } as const;
    const line = { ...first, startTicks: await ownStartTicks(), ...readMachineState() };
    await write(path, journalLine(line), O_CREAT | O_EXCL);
    await syncFolder(dirname(path));
  };
  return {
    async add(fault, change) {
      const id = count++;
      try {
        begun ??= begin();
        await begun;
        await write(path, journalLine({ v: 1, what: 'change', id, atEpochMs: Date.now(), fault, change }));
      } catch (error) {
        throw new Error(`it could not be written down in ${path} (${codeOf(error)}), so it was not made`);
      }
      return { path, id };
    },
    undone: noteUndone,
  };
}

/** Writes down that a change is there no more; a journal without an open change and without a bad line goes. */
export async function noteUndone({ path, id }: JournalEntry, by: UndoneBy): Promise<void> {
  const line: JournalLine = { v: 1, what: 'undone', id, atEpochMs: Date.now(), by };
  try {
    // What stands before it may have been torn.
    await write(path, `\n${journalLine(line)}`);
    const { open: left, badLines } = readStory(await readFile(path, 'utf8'));
    if (left.length === 0 && badLines === 0) await unlink(path);
  } catch {
    // The next look finds the change gone.
  }
}

/** One file of a folder of journals, or why it cannot be read. */
export type FoundJournal = { readonly path: string } & (
  | { readonly story: JournalStory }
  | { readonly problem: string }
);

/** All journals of a folder, oldest name first. A folder that is not there has none. */
export async function findJournals(folder: string): Promise<readonly FoundJournal[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found: FoundJournal[] = [];
  for (const name of names.sort()) {
    if (!name.endsWith(SUFFIX)) continue;
    const path = join(folder, name);
    const problem = await distrust(path);
    if (problem !== undefined) found.push({ path, problem });
    else found.push({ path, story: readStory(await readFile(path, 'utf8').catch(() => '?')) });
  }
  return found;
}

const MOST_BYTES = 20_000_000;

/** Why nothing may be done that stands in a file: what it says is done with the rights of who reads it. */
async function distrust(path: string): Promise<string | undefined> {
  try {
    const { uid, mode, size } = await stat(path);
    if (uid !== process.geteuid?.()) return 'it belongs to somebody else';
    if ((mode & 0o022) !== 0) return 'others may write to it';
    return size > MOST_BYTES ? 'it is too large' : undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** Why nothing could be written down there; undefined = it could be. */
export async function journalProblem(folder: string): Promise<string | undefined> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** Appends, and waits for the disk. */
async function write(path: string, text: string, flags = 0): Promise<void> {
  const file = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | flags, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name must outlive the machine too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
