/** `dorami-load stage`: the platform as a process of its own, until a signal or the end of its parent. */
import { writeFile } from 'node:fs/promises';
import { ConfigError } from '../errors.js';
import { type RunningStage, startStage } from './stage.js';
import type { StageOptions } from './stage-options.js';

export interface StageCommandOptions extends StageOptions {
  /** `json`: one line `{"kind":"stage_ready",...}` on stdout besides the human one, which then goes to stderr. */
  readonly ready?: 'human' | 'json';
  /** Leave when stdin closes, so that no stage outlives a parent that was killed. */
  readonly exitWithParent?: boolean;
  /** Where to write `usersCount` users as CSV (userId, accessToken, refreshToken, sid). */
  readonly usersOut?: string;
  readonly usersCount?: number;
}

/** The line a parent process waits for. */
export interface StageReady {
  readonly kind: 'stage_ready';
  readonly urls: RunningStage['urls'];
  readonly controlUrl: string;
  readonly streamKey: string;
}

const DEFAULT_USERS = 500;

/** As much of `process` as the command uses. */
export interface CommandProcess {
  readonly stdin: Pick<NodeJS.ReadStream, 'once' | 'resume'>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  once(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Runs until SIGINT, SIGTERM or (if asked) the end of stdin; resolves when all is closed.
 * @throws {ConfigError} for a port that cannot be had or a users file that cannot be written; nothing runs then
 */
export async function runStageCommand(
  options: StageCommandOptions,
  host: CommandProcess = process,
): Promise<void> {
  const { ready, exitWithParent, usersOut, usersCount, ...stageOptions } = options;
  const over = endOfService(exitWithParent ?? false, host);
  const stage = await startStage(stageOptions);
  try {
    if (usersOut !== undefined) await writeUsers(stage, usersOut, usersCount ?? DEFAULT_USERS);
    announce(stage, ready ?? 'human', host);
    await over;
  } finally {
    await stage.close();
  }
}

async function writeUsers(stage: RunningStage, path: string, count: number): Promise<void> {
  const rows = stage.accounts.rows(count).map(({ userId, accessToken, refreshToken, sid }) => {
    return [userId, accessToken, refreshToken, sid].join(',');
  });
  const text = `userId,accessToken,refreshToken,sid\n${rows.join('\n')}\n`;
  await writeFile(path, text, { mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    const problem = `cannot write ${path}: ${cause.code ?? cause.message}`;
    throw new ConfigError([{ path: '--users-out', problem }], { cause });
  });
}

function announce(stage: RunningStage, ready: 'human' | 'json', host: CommandProcess): void {
  const { urls, controlUrl, streamKey } = stage;
  const line = `stage on air at ${urls.apiUrl}, stream key ${streamKey}, control at ${controlUrl}/__stage\n`;
  if (ready === 'human') {
    host.stdout.write(line);
    return;
  }
  host.stderr.write(line);
  const message: StageReady = { kind: 'stage_ready', urls, controlUrl, streamKey };
  host.stdout.write(`${JSON.stringify(message)}\n`);
}

function endOfService(exitWithParent: boolean, host: CommandProcess): Promise<void> {
  return new Promise((resolve) => {
    host.once('SIGINT', () => resolve());
    host.once('SIGTERM', () => resolve());
    if (!exitWithParent) return;
    host.stdin.once('end', () => resolve());
    host.stdin.once('close', () => resolve());
    host.stdin.resume();
  });
}
