import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InvalidCode, InvalidReason } from '../../src/stats/validity.js';
import type { Box } from '../services/netns.js';

/** What one ended run of the command left behind. */
export interface CliResult {
  /** Exit code; undefined when a signal ended the process. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stderr that is not empty: why the run ended as it did. */
  readonly reason: string;
  /** The run folder, when one was made. */
  readonly runDir: string | undefined;
  /** summary.json of the run folder, when there is one. */
  readonly summary: Summary | undefined;
}

/** The part of summary.json that the tests read. */
export interface Summary {
  readonly verdict: 'pass' | 'fail' | 'invalid' | 'no_data';
  readonly gate: 'viewer' | 'full';
  readonly exitCode: number;
  /** Why the run is invalid; empty when it is not. */
  readonly invalidReasons: readonly InvalidReason[];
  readonly kpis: readonly KpiRow[];
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly notes: readonly string[];
  readonly run: { readonly nodeVersion: string; readonly timeScale?: number };
  readonly vus: {
    readonly planned: number;
    readonly joined: number;
    readonly maxConcurrent: number;
    readonly lost: number;
  };
}

/** A counter has a `total`, a histogram `min`, `max` and `mean`; both are divided into parts where the table says so. */
export interface Metric {
  readonly count: number;
  readonly total?: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly parts?: Readonly<Record<string, number | Metric>>;
}

export interface KpiRow {
  readonly id: string;
  readonly mandatory: boolean;
  readonly status: 'pass' | 'fail' | 'no_data' | 'not_judged';
  readonly reason?: string;
  readonly value?: number;
}

/** A command that is still running. */
export interface RunningCli {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** The processes it has started and that live now, e.g. its stage. */
  children(): readonly number[];
  /** Waits until stderr has a line that matches; rejects when the command ends first. */
  says(words: RegExp): Promise<void>;
  /** Sends a signal to the command itself, not to its children. */
  signal(name: NodeJS.Signals): void;
  readonly done: Promise<CliResult>;
}

export interface CliOptions {
  /** Beyond it the command and its children are killed and `done` rejects. Default 90 s. */
  readonly timeoutMs?: number;
  /** Where the run folder goes; absent = a temporary folder that is removed when the tests end. */
  readonly outDir?: string;
  /** Working directory. */
  readonly cwd?: string;
  /** Variables beside those of the test itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** The network namespace it runs in; absent = that of the test. */
  readonly inside?: Pick<Box, 'wrap'>;
  /** Arguments for node itself. */
  readonly nodeArgs?: readonly string[];
}

const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));
/** Another Node than the one that runs the tests, for the command under test and its stage. */
export const NODE = process.env.DORAMI_TEST_NODE ?? process.execPath;
const DEFAULT_TIMEOUT_MS = 90_000;

const OUT_FOLDERS: string[] = [];
process.once('exit', () => {
  for (const folder of OUT_FOLDERS) rmSync(folder, { recursive: true, force: true });
});

/** Runs the built command to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).done;
}

/** Starts `dorami-load run ...` with a run folder of its own. */
export function runLoad(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startLoad(args, options).done;
}

/** A test machine may be busy with something else: how often a run that it spoiled is made again. */
const MAX_ATTEMPTS = 3;
/** What only the speed of this machine decides, beside whatever else runs on it. */
export const OWN_LAG: readonly InvalidCode[] = [
  'event_loop_lag',
  'lagged_time',
  'late_actions',
  'tainted_time',
  'lag_decides',
];

/**
 * Runs until the generator itself was not the bottleneck, as a user would who reads "run invalid". Any other end,
 * good or bad, stands as it is.
 */
export async function measured(attempt: () => Promise<CliResult>): Promise<CliResult> {
  for (let attempts = 1; ; attempts++) {
    const result = await attempt();
    const ownLag = result.summary?.invalidReasons.some(({ code }) => OWN_LAG.includes(code)) ?? false;
    if (!ownLag || attempts === MAX_ATTEMPTS) return result;
    console.warn(`measured again, this machine was too busy: ${result.reason}`);
  }
}

/** The total of a counter, whole or one part of it. Absent = nothing was counted. */
export function total(result: CliResult, name: string, part?: string): number {
  const metric = result.summary?.metrics[name];
  const value = part === undefined ? metric?.total : metric?.parts?.[part];
  return typeof value === 'number' ? value : 0;
}

/** As `runLoad`, without waiting for the end. */
export function startLoad(args: readonly string[], options: CliOptions = {}): RunningCli {
  const outDir = options.outDir ?? temporaryOut();
  return startCli(['run', '--out', outDir, ...args], { ...options, outDir });
}

/** Starts the built command without waiting for its end. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const words = [...(options.nodeArgs ?? []), BIN, ...args];
  const [program, all] = options.inside?.wrap(NODE, words) ?? [NODE, words];
  const child = spawn(program, all, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    detached: true, // a group of its own, so that a command that hangs is ended with its children
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command could not be started');
  return {
    pid,
    children: () => childrenOf(pid),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    says: (words) => untilSaid(child, output, words),
    signal: (name) => void child.kill(name),
    done: finish(child, output, args, options),
  };
}

/** A temporary folder for run folders; removed when the test process ends. */
export function temporaryOut(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dorami-load-e2e-'));
  OUT_FOLDERS.push(folder);
  return folder;
}

/** The row of one KPI; throws when the summary has none. */
export function kpi(result: CliResult, id: string): KpiRow {
  const row = result.summary?.kpis.find((each) => each.id === id);
  if (row === undefined) {
    const known = result.summary?.kpis.map((each) => each.id).join(', ') ?? 'no summary';
    throw new Error(`no KPI ${id} (${known}):\n${result.stderr}`);
  }
  return row;
}

/** Ids of the mandatory KPIs with a status. */
export function kpisWith(result: CliResult, status: KpiRow['status']): readonly string[] {
  return (result.summary?.kpis ?? [])
    .filter((row) => row.mandatory && row.status === status)
    .map((row) => row.id);
}

function finish(
  child: ChildProcess,
  output: { readonly stdout: string; readonly stderr: string },
  args: readonly string[],
  options: CliOptions,
): Promise<CliResult> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      killGroup(child);
      reject(new Error(`dorami-load ${args.join(' ')} did not end in ${timeoutMs} ms:\n${output.stderr}`));
    }, timeoutMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      const runDir = options.outDir === undefined ? undefined : newestRun(options.outDir);
      resolve({
        code: code ?? undefined,
        stdout: output.stdout,
        stderr: output.stderr,
        reason: output.stderr.trimEnd().split('\n').at(-1) ?? '',
        runDir,
        summary: runDir === undefined ? undefined : readSummary(runDir),
      });
    });
  });
}

/** Field 4 of /proc/PID/stat is the parent, counted after the name in parentheses (proc(5)). */
function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}

/** True while a process with this id lives. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function untilSaid(child: ChildProcess, output: { readonly stderr: string }, words: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (words.test(output.stderr)) resolve();
    };
    child.stderr?.on('data', look);
    child.once('close', () => reject(new Error(`ended without saying ${words}:\n${output.stderr}`)));
    look();
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

function newestRun(outDir: string): string | undefined {
  if (!existsSync(outDir)) return undefined;
  const newest = readdirSync(outDir).sort().at(-1);
  return newest === undefined ? undefined : join(outDir, newest);
}

function readSummary(runDir: string): Summary | undefined {
  const path = join(runDir, 'summary.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Summary) : undefined;
}
