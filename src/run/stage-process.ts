import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Target, ViewerIdentity } from '../target.js';

/** The embedded stage: the stand-in platform as a process of its own, for the length of one run. */
export interface StageProcess {
  /** Its addresses and stream key. */
  readonly target: Target;
  /** Base of its control API. */
  readonly controlUrl: string;
  /** Accounts with valid tokens. */
  users(count: number): Promise<ViewerIdentity[]>;
  /** What it counts now: see its control API. */
  counts(): Promise<unknown>;
  /** Plants a fault `atSeconds` from now. */
  plant(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** Resolves with words if it ends although nobody stopped it. */
  readonly died: Promise<string>;
  /** Ends it and waits until it is gone; forced after a moment. */
  stop(): Promise<void>;
  /** Ends it at once, without waiting. */
  kill(): void;
}

export interface StageOptions {
  readonly streamKey?: string;
  /** Texts for `--fault`: there from the stage's start. */
  readonly faults: readonly string[];
}

/** First line of the stage's stdout with `--ready json`. */
interface Ready {
  readonly target: Target;
  readonly controlUrl: string;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 3000;
const CONTROL_TIMEOUT_MS = 10_000;
/** Kept of what the stage says on stderr, to tell why it died. */
const MAX_LAST_WORDS = 2000;

/**
 * Starts the stage and waits until it listens.
 * @throws Error when it does not come up in time or ends: our own fault, with the stage's last words
 */
export async function startStage(options: StageOptions, spawnChild = spawnStage): Promise<StageProcess> {
  const child = spawnChild(options);
  const lastWords = collectLastWords(child);
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`the stage could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      // Its output may still be on the way.
      setImmediate(() =>
        resolve(`the stage ended by itself (${signal ?? `code ${code}`})${lastWords.text()}`),
      );
    });
  });
  let ready: Ready;
  try {
    ready = await firstOf(child, gone);
    lastWords.forget();
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return stageOf(child, ready, gone);
}

function spawnStage({ streamKey, faults }: StageOptions): ChildProcess {
  const bin = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));
  const args = ['stage', '--port', '0', '--ready', 'json', '--exit-with-parent'];
  if (streamKey !== undefined) args.push('--stream-key', streamKey);
  for (const fault of faults) args.push('--fault', fault);
  return spawn(process.execPath, [bin, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for the run, which leaves first and stops the stage then. Should the run
    // vanish without a word, the closed stdin ends the stage.
    detached: true,
  });
}

function stageOf(child: ChildProcess, ready: Ready, gone: Promise<string>): StageProcess {
  let stopping = false;
  const died = new Promise<string>((resolve) => {
    void gone.then((words) => {
      if (!stopping) resolve(words);
    });
  });
  return {
    target: ready.target,
    controlUrl: ready.controlUrl,
    died,
    users: (count) => users(ready.controlUrl, count),
    counts: () => control(`${ready.controlUrl}/__stage/counts`, { method: 'GET' }),
    plant: async (fault) => {
      await control(`${ready.controlUrl}/__stage/faults`, { method: 'POST', body: JSON.stringify(fault) });
    },
    async stop() {
      stopping = true;
      child.stdin?.end();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      if (child.exitCode === null && child.signalCode === null) await gone;
      clearTimeout(timer);
    },
    kill() {
      stopping = true;
      child.kill('SIGKILL');
    },
  };
}

async function firstOf(child: ChildProcess, gone: Promise<string>): Promise<Ready> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  let timer: NodeJS.Timeout | undefined;
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    gone.then((words) => Promise.reject(new Error(words))),
    new Promise<never>((_, reject) => {
      const words = `the stage did not start within ${START_TIMEOUT_MS / 1000} s`;
      timer = setTimeout(() => reject(new Error(words)), START_TIMEOUT_MS);
    }),
  ]).finally(() => clearTimeout(timer));
  // Whatever else it says on stdout is read and dropped, or its pipe would fill and block it.
  lines.on('line', () => {});
  return readReady(line);
}

function readReady(line: string): Ready {
  const { urls, controlUrl, streamKey } = JSON.parse(line) as {
    urls?: Partial<Target>;
    controlUrl?: unknown;
    streamKey?: unknown;
  };
  const { apiUrl, socketUrl, flvUrl, hlsUrl } = urls ?? {};
  if (
    typeof controlUrl !== 'string' ||
    typeof streamKey !== 'string' ||
    apiUrl === undefined ||
    socketUrl === undefined ||
    flvUrl === undefined ||
    hlsUrl === undefined
  ) {
    throw new Error('the stage said something else than where it listens');
  }
  return { target: { apiUrl, socketUrl, flvUrl, hlsUrl, streamKey }, controlUrl };
}

async function users(url: string, count: number): Promise<ViewerIdentity[]> {
  const answer = await control(`${url}/__stage/users?count=${count}`, { method: 'GET' });
  const list = (Array.isArray(answer) ? answer : (answer as { users?: unknown }).users) as ViewerIdentity[];
  if (!Array.isArray(list) || list.length < count)
    throw new Error(`the stage gave fewer than ${count} users`);
  return list;
}

async function control(url: string, request: RequestInit): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { ...request, headers, signal: AbortSignal.timeout(CONTROL_TIMEOUT_MS) });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(
      `the stage refused ${new URL(url).pathname}: HTTP ${answer.status} ${text.slice(0, 200)}`,
    );
  return text === '' ? undefined : JSON.parse(text);
}

/** The end of what the stage said on stderr: why it died, if it says so. */
function collectLastWords(child: ChildProcess): { text(): string; forget(): void } {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-MAX_LAST_WORDS);
  });
  return {
    text: () => {
      const last = words.trim().split('\n').at(-1);
      return last ? `: ${last}` : '';
    },
    forget: () => {
      words = '';
    },
  };
}
