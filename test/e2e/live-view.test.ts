import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { widthOf } from '../../src/report/text-width.js';
import { runCli, runLoad, temporaryOut } from './cli.js';
import { COLUMNS, REDRAW, runOnTerminal, type Session, VIEW_WORDS } from './pseudo-terminal.js';

const SHORT = ['--vus', '4', '--duration', '9s', '--no-preflight'];
const LONG = ['--vus', '4', '--duration', '60s', '--no-preflight'];
const ALL_WATCH = /viewers +\d wanted +4 joined +4 watching/;
const PROGRESS_LINE = /^\w+ 0:\d\d\/0:\d\d, \d\/\d watching/m;

/** The terminal is as a person would want it back: nothing of the view on it, the cursor to be seen. */
function expectRestored({ text, shown }: Session): void {
  expect(shown.join('\n')).not.toMatch(VIEW_WORDS);
  expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf(REDRAW));
}

test.concurrent('on a terminal the view is redrawn in place, at most 4 times a second, and then gone', async () => {
  const session = await runOnTerminal(SHORT);
  const redraws = session.text.split(REDRAW).length - 1;
  expect(redraws).toBeGreaterThan(8);
  expect(redraws / (session.viewMs / 1000)).toBeLessThanOrEqual(4);
  const view = session.views.find((lines) => ALL_WATCH.test(lines.join('\n'))) ?? [];
  const labels = ['viewers', 'first frame', 'now', 'delay', 'chat', 'errors', 'generator'];
  for (const label of labels) expect(view.join('\n')).toMatch(new RegExp(`^${label} `, 'm'));
  // In place: however often it was drawn, it stands there once.
  for (const lines of session.views) {
    expect(lines.filter((line) => line.startsWith('viewers '))).toHaveLength(1);
    for (const line of lines.filter((each) => each.startsWith('generator '))) {
      expect(widthOf(line)).toBeLessThan(COLUMNS);
    }
  }
  expect(session.text).not.toMatch(PROGRESS_LINE);
  expect(session.shown.join('\n')).toMatch(/^[A-Z ]+ \(viewer, smoke\)$/m);
  expect(session.shown.at(-1)).toMatch(/^exit \d+: /);
  expectRestored(session);
});

test.concurrent('Ctrl-C says that viewers leave, and gives the terminal back', async () => {
  const interrupt = { when: ALL_WATCH, times: 1, everyMs: 0 };
  const session = await runOnTerminal(LONG, { interrupt });
  expect(session.code).toBe(105);
  expect(session.shown.at(-1)).toMatch(/^exit 105: stopped by SIGINT/);
  expectRestored(session);
});

test.concurrent('a fault of our own gives the terminal back, its words last', async () => {
  const nodeArgs = ['--import', fileURLToPath(new URL('./throw-later.mjs', import.meta.url))];
  const session = await runOnTerminal(LONG, { nodeArgs });
  expect(session.views.length).toBeGreaterThan(0);
  expect(session.code).toBe(1);
  expect(session.shown.at(-1)).toMatch(/^exit 1: our own fault: planted/);
  expectRestored(session);
});

test.concurrent('CI has plain lines, on a terminal too', async () => {
  const session = await runOnTerminal(SHORT, { env: { CI: '1' } });
  expect(session.text).not.toContain(REDRAW);
  expect(session.text).toMatch(PROGRESS_LINE);
});

test.concurrent('NO_COLOR has a view without colours, and a summary without them', async () => {
  const session = await runOnTerminal(SHORT, { env: { NO_COLOR: '1' } });
  expect(session.text).toContain(REDRAW);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(session.text).not.toMatch(/\u001b\[[\d;]*m/);
});

test.concurrent('--quiet has neither view nor lines, but the verdict in colour', async () => {
  const session = await runOnTerminal([...SHORT, '--quiet']);
  expect(session.text).not.toContain(REDRAW);
  expect(session.text).not.toMatch(PROGRESS_LINE);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours
  expect(session.text).toMatch(/\u001b\[\d+m[A-Z ]+ \(viewer, smoke\)\u001b\[39m/);
});

test.concurrent('into a pipe there are plain lines of at most 100 columns, and no escapes', async () => {
  const { stdout, stderr } = await runLoad(SHORT);
  expect(stdout + stderr).not.toContain('\u001b');
  const lines = stderr.split('\n').filter((line) => PROGRESS_LINE.test(line));
  expect(lines.length).toBeGreaterThanOrEqual(1);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(100);
  for (const line of stdout.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
});

test.concurrent('a row that failed names the command that explains it, and that command works as it is', async () => {
  const outDir = temporaryOut();
  const load = ['--vus', '10', '--duration', '22s', '--no-preflight', '--stage-fault', 'drop-sockets:at=9'];
  const { stdout, code } = await runLoad(load, { outDir });
  expect(stdout, `ended with ${code}`).toMatch(/✗ Socket connections dropped/);
  const command =
    /→ (?:npx )?dorami-load (judge [^→]*--explain connections_dropped)$/m.exec(stdout)?.[1] ?? '';
  const args = command.replace(/\\\n/g, '').split(/\s+/);
  expect(args[1]).toBe(join(outDir, readdirSync(outDir)[0] as string));
  const explained = await runCli(args);
  expect(explained.code).toBe(code);
  expect(explained.stdout).toMatch(/^Socket connections dropped: failed$/m);
  expect(explained.stdout).toMatch(/^worst moment {2}0:[01]0 to 0:[12]0/m);
  expect(explained.stdout).toMatch(/^near it +0:\d\d socket_disconnected/m);
  expect(explained.stdout).toMatch(/^points to /m);
});
