import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ProcessChoice } from '../scenarios/real-fault.js';

/** One process, so that another one with its number later is not taken for it. */
export interface ProcessId {
  readonly pid: number;
  /** Since the machine was started, in its clock ticks. */
  readonly startTicks: number;
}

/** What `/proc/PID/stat` says. */
export interface ProcessStat extends ProcessId {
  readonly parent: number;
  /** `T` = stopped, `Z` = ended and not waited for. */
  readonly state: string;
  readonly name: string;
}

/** Reads `/proc/PID/stat` (proc(5)); the name may hold blanks and brackets. undefined when it is no such line. */
export function parseStat(text: string): ProcessStat | undefined {
  const [, pid, name, rest] = /^(\d+) \(([\s\S]*)\) (.*)$/.exec(text.trim()) ?? [];
  const fields = rest?.split(' ') ?? [];
  const [state, parent] = fields;
  // The 22nd field of the line, the 20th behind the name.
  const startTicks = Number(fields[19]);
  if (pid === undefined || name === undefined || state === undefined || !Number.isInteger(startTicks))
    return undefined;
  return { pid: Number(pid), name, state, parent: Number(parent), startTicks };
}

/** A process as it is now; undefined when there is none, or none that still runs. */
export async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const stat = parseStat(text);
  return stat?.state === 'Z' || stat?.state === 'X' ? undefined : stat;
}

/** Whether the process is still the one that was meant; undefined = it is gone. */
export async function sameProcess({ pid, startTicks }: ProcessId): Promise<ProcessStat | undefined> {
  const stat = await statOf(pid);
  return stat?.startTicks === startTicks ? stat : undefined;
}

/**
 * The processes that a choice means now, by number: those whose program has the name (that of the kernel, or the file
 * of their first word), or the one of the file. Empty = none runs.
 */
export async function findProcesses({ pidof, pidFile }: ProcessChoice): Promise<readonly ProcessStat[]> {
  if (pidFile !== undefined) {
    const text = await readFile(pidFile, 'utf8').catch(() => '');
    const pid = /^\s*(\d{1,9})\s*$/.exec(text)?.[1];
    const stat = pid === undefined ? undefined : await statOf(Number(pid));
    return stat === undefined ? [] : [stat];
  }
  const found: ProcessStat[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await statOf(Number(entry));
    if (stat === undefined) continue;
    if (stat.name === pidof?.slice(0, KERNEL_NAME_CHARS) || (await programOf(stat.pid)) === pidof)
      found.push(stat);
  }
  return found.sort((a, b) => a.pid - b.pid);
}

/** The kernel keeps so much of a name. */
const KERNEL_NAME_CHARS = 15;

async function programOf(pid: number): Promise<string | undefined> {
  const [first] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return first === undefined || first === '' ? undefined : basename(first);
}

/** Which of the processes this one lives by or has started: to stop them would stop the run itself. */
export async function ownAmong(found: readonly ProcessStat[]): Promise<readonly number[]> {
  const above = await ancestors(process.pid);
  const own: number[] = [];
  for (const { pid } of found)
    if (above.includes(pid) || (await ancestors(pid)).includes(process.pid)) own.push(pid);
  return own;
}

const DEEPEST = 100;

/** The process itself, its parent, and so on. */
async function ancestors(pid: number): Promise<readonly number[]> {
  const line: number[] = [];
  for (let at = pid; at > 1 && line.length < DEEPEST; ) {
    line.push(at);
    at = (await statOf(at))?.parent ?? 0;
  }
  return line;
}
