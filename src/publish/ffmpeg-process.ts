import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** One ffmpeg. */
export interface FfmpegProcess {
  readonly pid: number | undefined;
  /** Undefined for one that was started without. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  /** What it writes to descriptor 3. */
  readonly side: Readable;
  /** Resolves when it is gone. */
  readonly ended: Promise<FfmpegEnd>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface FfmpegEnd {
  /** There is no such program. */
  readonly missing: boolean;
  /** Its exit code, or the signal that ended it. */
  readonly how: string;
  /** What it said last on stderr; empty when it said nothing. */
  readonly lastWords: string;
}

export interface FfmpegSpec {
  readonly args: readonly string[];
  /** What goes through stdin and stdout. */
  readonly streams: 'in' | 'out';
  /** Each line of stderr, whoever wrote it. */
  readonly onLine: (line: string) => void;
}

/** Starts an ffmpeg; the real one is `spawnFfmpeg`. */
export type StartFfmpeg = (spec: FfmpegSpec) => FfmpegProcess;

const MAX_LINE_CHARS = 400;
const LAST_WORDS_MS = 50;

/** Starts the machine's ffmpeg. A group of its own: Ctrl-C is for us, who end it then. Should we be killed, its pipes break. */
export const spawnFfmpeg: StartFfmpeg = ({ args, streams, onLine }) => {
  const stdin = streams === 'in' ? 'pipe' : 'ignore';
  const stdout = streams === 'out' ? 'pipe' : 'ignore';
  const child = spawn('ffmpeg', [...args], { stdio: [stdin, stdout, 'pipe', 'pipe'], detached: true });
  const said = lastLine(child, onLine);
  // A pipe to or from a process that has gone: `ended` tells of it.
  for (const stream of child.stdio) stream?.on('error', () => {});
  const ended = new Promise<FfmpegEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ missing: error.code === 'ENOENT', how: error.message, lastWords: '' });
    });
    child.once('exit', (code, signal) => {
      // Its last words may still be on the way; its media may never be read, so `close` is not waited for.
      setTimeout(
        () => resolve({ missing: false, how: signal ?? `code ${code}`, lastWords: said() }),
        LAST_WORDS_MS,
      );
    });
  });
  return {
    pid: child.pid,
    stdin: child.stdin ?? undefined,
    stdout: child.stdout ?? undefined,
    side: child.stdio[3] as Readable,
    ended,
    kill: (signal) => void child.kill(signal),
  };
};

function lastLine(child: ChildProcess, onLine: (line: string) => void): () => string {
  let last = '';
  if (child.stderr === null) return () => last;
  createInterface({ input: child.stderr }).on('line', (text) => {
    last = text.trim().slice(0, MAX_LINE_CHARS);
    if (last !== '') onLine(last);
  });
  return () => last;
}
