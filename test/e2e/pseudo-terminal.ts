import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FakeTerminal } from '../support/fake-terminal.js';
import { temporaryOut } from './cli.js';

/** What a command wrote to its terminal, and how it ended. */
export interface Session {
  readonly code: number | undefined;
  /** Everything, stdout and stderr as they came, without the carriage returns of the terminal. */
  readonly text: string;
  /** From the first redraw to the last, ms; 0 when there were fewer than two. */
  readonly viewMs: number;
  /** What the terminal shows at the end, without empty rows. */
  readonly shown: readonly string[];
  /** What it showed after each write, as far as a view was in it. */
  readonly views: readonly (readonly string[])[];
}

export interface SessionOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** Ctrl-C is typed once the terminal shows this, so many times, `everyMs` apart. */
  readonly interrupt?: { readonly when: RegExp; readonly times: number; readonly everyMs: number };
}

const BIN = fileURLToPath(new URL('../../bin/dorami-load.js', import.meta.url));
const TIMEOUT_MS = 90_000;
export const COLUMNS = 70;
const ROWS = 20;
const CTRL_C = '\u0003';
/** Words of the view that stand nowhere else. */
export const VIEW_WORDS = /rebuffers so far/;
/** What every redraw begins with. */
export const REDRAW = '\u001b[?25l';

/**
 * Runs `dorami-load run` on a pseudo-terminal, as a person would who sits in front of it: `script` of util-linux, which
 * every Debian has, makes one and passes on what is typed.
 */
export function runOnTerminal(args: readonly string[], options: SessionOptions = {}): Promise<Session> {
  const words = [process.execPath, ...(options.nodeArgs ?? []), BIN, 'run', '--out', temporaryOut(), ...args];
  const command = `stty cols ${COLUMNS} rows ${ROWS}; exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const { CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...env } = process.env;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...env, TERM: 'xterm-256color', ...options.env },
  });
  const terminal = new FakeTerminal();
  const views: string[][] = [];
  const redraws: number[] = [];
  let text = '';
  let typed = false;
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    terminal.write(piece);
    for (let i = piece.split(REDRAW).length; i > 1; i--) redraws.push(performance.now());
    const { shown } = terminal;
    if (shown.some((line) => VIEW_WORDS.test(line))) views.push(shown);
    const { interrupt } = options;
    if (interrupt === undefined || typed || !interrupt.when.test(shown.join('\n'))) return;
    typed = true;
    for (let i = 0; i < interrupt.times; i++) {
      setTimeout(() => child.stdin.writable && child.stdin.write(CTRL_C), i * interrupt.everyMs);
    }
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`it did not end in ${TIMEOUT_MS} ms:\n${text}`));
    }, TIMEOUT_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const viewMs = (redraws.at(-1) ?? 0) - (redraws[0] ?? 0);
      resolve({
        code: code ?? undefined,
        text: text.replaceAll('\r\n', '\n'),
        viewMs,
        shown: terminal.shown,
        views,
      });
    });
  });
}
