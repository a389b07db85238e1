import { spawn } from 'node:child_process';

/** How a command ended. */
export interface CommandEnd {
  /** In words: `exit code 0`, `SIGKILL`, `no shell: ENOENT`. */
  readonly how: string;
  readonly ok: boolean;
  /** The end of what it said on stdout and stderr, on one line. */
  readonly output: string;
}

const MAX_OUTPUT_CHARS = 500;
/** What a command has said before it ended may still be on the way. */
const OUTPUT_GRACE_MS = 100;

/**
 * Runs a command in this machine's shell, in a process group of its own: Ctrl-C is for the run. When `timeLimitMs` is
 * over the whole group is ended. A command that leaves something running behind has ended all the same. Never rejects.
 */
export function runCommand(command: string, timeLimitMs: number): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        // The end is what says why; the beginning of a long story is let go.
        output = (output + text).slice(-4 * MAX_OUTPUT_CHARS);
      });
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, timeLimitMs);
    const finish = (how: string, ok: boolean): void => {
      clearTimeout(timer);
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ how, ok, output: oneLine(output) });
      }, OUTPUT_GRACE_MS);
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      finish(`no shell: ${error.code ?? error.message}`, false),
    );
    child.once('exit', (code, signal) => {
      if (timedOut) finish(`not done in ${timeLimitMs / 1000} s`, false);
      else finish(signal ?? `exit code ${code}`, code === 0);
    });
  });
}

/** One sentence of it for events and notes. */
export function commandWords({ how, output }: CommandEnd): string {
  return output === '' ? how : `${how}: ${output}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(-MAX_OUTPUT_CHARS);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
