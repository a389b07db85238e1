import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a command in a shell ended. */
export interface ShellResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stderr that is not empty. */
  readonly reason: string;
}

const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));
const PATIENCE_MS = 60_000;

/**
 * Runs a POSIX shell script in which `dorami_load` is the built command: for limits, closed pipes and mounts that
 * only a shell can set up. What has not ended after a minute is killed.
 */
export function runShell(script: string, shell: readonly string[] = ['sh', '-c']): Promise<ShellResult> {
  const [program = 'sh', ...args] = shell;
  const head = `dorami_load() { "${process.execPath}" "${BIN}" "$@"; }\n`;
  const child = spawn(program, [...args, head + script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, PATIENCE_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, reason: stderr.trimEnd().split('\n').at(-1) ?? '' });
    });
  });
}
