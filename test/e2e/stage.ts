import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box } from '../services/netns.js';
import { NODE } from './cli.js';

/** A stage started by hand, as a user would for several runs. */
export interface StageProcess {
  readonly origin: string;
  /** Of its control API. */
  readonly controlUrl: string;
  readonly streamKey: string;
  /** CSV with tokens that this stage accepts. */
  readonly usersFile: string;
  /** Flags that send a run's viewers here, or to a proxy in front of it. */
  flags(origin?: string): readonly string[];
  /** What the stage says it has sent so far. */
  counts(): Promise<StageCounts>;
  /** Plants a fault now, e.g. `{ kind: 'freeze', forSeconds: 2 }`. */
  plant(fault: Readonly<Record<string, string | number>>): Promise<void>;
  stop(): Promise<void>;
}

/** The part of the stage's own counts that the tests read. */
export interface StageCounts {
  readonly flv: {
    readonly viewersNow: number;
    readonly viewersTotal: number;
    readonly tags: number;
    readonly bodyBytes: number;
  };
  readonly hls: { readonly segments: number; readonly segmentBodyBytes: number };
  readonly sockets: { readonly connectionsTotal: number; readonly connectionsNow: number };
  readonly chat: { readonly accepted: number; readonly deliveries: number; readonly joins: number };
  readonly viewers: { readonly joins: number; readonly now: number };
}

const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));
const START_PATIENCE_MS = 20_000;

/**
 * Starts `dorami-load stage` on a free port and waits until it serves.
 * @param inside where it serves, at the box's address: the test itself cannot reach it there
 */
export async function startStage(args: readonly string[] = [], inside?: Box): Promise<StageProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'dorami-load-stage-'));
  const usersFile = join(folder, 'users.csv');
  const own = ['--port', '0', '--ready', 'json', '--exit-with-parent', '--users-out', usersFile];
  const host = inside === undefined ? [] : ['--host', inside.address];
  const words = [BIN, 'stage', ...own, ...host, ...args];
  const [program, all] = inside?.wrap(NODE, words) ?? [NODE, words];
  const child = spawn(program, all, { stdio: ['pipe', 'pipe', 'pipe'] });
  const { urls, controlUrl, streamKey } = await readyLineOf(child);
  const control = async (path: string, init?: RequestInit): Promise<unknown> => {
    const answer = await fetch(`${controlUrl}/__stage/${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    origin: urls.apiUrl,
    controlUrl,
    streamKey,
    usersFile,
    flags: (to = urls.apiUrl) => ['--target', to, '--users', usersFile, '--stream-key', streamKey],
    counts: async () => (await control('counts')) as StageCounts,
    plant: async (fault) => {
      await control('faults', { method: 'POST', body: JSON.stringify(fault) });
    },
    stop: async () => {
      await endOf(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The header and the first `rows` rows of a users file, as text. */
export function firstUsers(usersFile: string, rows: number): string {
  return readFileSync(usersFile, 'utf8')
    .split('\n')
    .slice(0, rows + 1)
    .join('\n');
}

interface ReadyLine {
  readonly urls: { readonly apiUrl: string };
  readonly controlUrl: string;
  readonly streamKey: string;
}

function readyLineOf(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    const output = { out: '', err: '' };
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${why}: ${output.out}${output.err}`));
    };
    const timer = setTimeout(() => fail('the stage did not get ready'), START_PATIENCE_MS);
    child.stderr?.on('data', (text: Buffer) => {
      output.err += text.toString();
    });
    child.stdout?.on('data', (text: Buffer) => {
      output.out += text.toString();
      if (!output.out.includes('\n')) return;
      clearTimeout(timer);
      resolve(JSON.parse(output.out.split('\n')[0] as string) as ReadyLine);
    });
    child.once('exit', () => fail('the stage ended'));
  });
}

function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.end();
    child.kill('SIGTERM');
  });
}
