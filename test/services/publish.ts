import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { FlvReader } from '../../src/players/flv-reader.js';

const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));

/** A small picture, so that the encoder keeps up beside whatever else the machine does. */
export const SMALL = ['--size', '160x90', '--bitrate', '200k', '--audio-bitrate', '48k'];

/** `dorami-load publish`, as a user starts it. */
export interface RunningPublish {
  readonly pid: number;
  stderr(): string;
  /** A line on its stdin. */
  say(line: string): void;
  /** Resolves when stderr says so; throws with all it said when it does not in time. */
  saysLine(pattern: RegExp, patienceMs?: number): Promise<RegExpExecArray>;
  /** Process ids of its ffmpegs: the encoder, and the one that sends. */
  children(): { encoder: number | undefined; sender: number | undefined };
  /** Its exit code, when it is over. */
  readonly ended: Promise<number | null>;
}

/** Starts it; it is gone after the test. */
export function startPublish(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningPublish {
  const child = spawn(process.execPath, [BIN, 'publish', ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    pid: child.pid as number,
    stderr: () => stderr,
    say: (line) => void child.stdin?.write(`${line}\n`),
    saysLine: (pattern, patienceMs = 30_000) => untilSaid(child, pattern, patienceMs, () => stderr),
    children: () => ({ encoder: childOf(child, 'pipe:1'), sender: childOf(child, 'pipe:0') }),
    ended,
  };
}

async function untilSaid(
  child: ChildProcess,
  pattern: RegExp,
  patienceMs: number,
  text: () => string,
): Promise<RegExpExecArray> {
  const giveUpAtMs = performance.now() + patienceMs;
  for (;;) {
    const match = pattern.exec(text());
    if (match !== null) return match;
    const over = child.exitCode !== null || child.signalCode !== null;
    if (over || performance.now() > giveUpAtMs) throw new Error(`never said ${pattern}:\n${text()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function childOf(parent: ChildProcess, word: string): number | undefined {
  const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim().split(' ');
  return children
    .filter((pid) => pid !== '')
    .map(Number)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word));
}

/** A picture as a viewer got it. */
export interface SeenPicture {
  readonly stamped: boolean;
  readonly frameNumber: number;
  readonly captureEpochUs: number;
  readonly ptsMs: number;
  readonly keyframe: boolean;
  /** Wall clock at its last byte. */
  readonly atEpochMs: number;
}

/** Watches over HTTP-FLV until `enough` says so, the body ends, or time is up; keeps all bytes too. */
export async function watchFlv(
  url: string,
  enough: (pictures: readonly SeenPicture[]) => boolean,
  patienceMs = 30_000,
): Promise<{ pictures: SeenPicture[]; bytes: Buffer }> {
  const pictures: SeenPicture[] = [];
  const parts: Buffer[] = [];
  const reader = new FlvReader({
    onHeader: () => {},
    onTag: ({ kind, frame, stamped, frameNumber, captureEpochUs, ptsMs, keyframe }) => {
      if (kind !== 'video' || !frame) return;
      pictures.push({ stamped, frameNumber, captureEpochUs, ptsMs, keyframe, atEpochMs: Date.now() });
    },
    onError: (code) => {
      throw new Error(`the viewer read ${code}`);
    },
  });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patienceMs);
  try {
    const body = (await fetch(url, { signal: stop.signal })).body;
    for await (const chunk of body ?? []) {
      parts.push(Buffer.from(chunk));
      reader.push(chunk);
      if (enough(pictures)) break;
    }
  } catch (error) {
    if (!stop.signal.aborted && !/terminated/.test(String(error))) throw error;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  return { pictures, bytes: Buffer.concat(parts) };
}

/** Middle value. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
