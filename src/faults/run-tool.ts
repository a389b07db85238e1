import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import type { Argv, ToolEnd } from './steps.js';

/** Runs one program; never rejects. */
export type RunTool = (argv: Argv) => Promise<ToolEnd>;

const TIME_LIMIT_MS = 20_000;
const MAX_STDOUT_CHARS = 1_000_000;
const MAX_PROBLEM_CHARS = 300;
/** Where Debian has the tools of the network, which a user's PATH may leave out. */
const ADMIN_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'] as const;

/**
 * Without a shell, in a process group of its own (Ctrl-C is for the run), in the C locale, and with the folders of
 * administrators behind the user's own PATH.
 */
export const runTool: RunTool = (argv) =>
  new Promise((resolve) => {
    const [program, ...args] = argv;
    const path = [process.env.PATH ?? '', ...ADMIN_FOLDERS].join(delimiter);
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, PATH: path, LC_ALL: 'C' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MAX_STDOUT_CHARS) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, 4 * MAX_PROBLEM_CHARS);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    const finish = (why: string): void => {
      clearTimeout(timer);
      const said = `${stderr} ${why === '' ? '' : stdout}`.replace(/\s+/g, ' ').trim();
      const problem = why === '' ? '' : `${program}: ${said === '' ? why : said}`.slice(0, MAX_PROBLEM_CHARS);
      resolve({ ok: why === '', stdout, problem });
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ENOENT' ? 'is not installed' : (error.code ?? error.message)),
    );
    child.once('close', (code, signal) => {
      if (code === 0) finish('');
      else finish(signal === null ? `exit code ${code}` : `ended by ${signal}`);
    });
  });
