import { expect, test } from 'vitest';
import { commandWords, runCommand } from './fault-command.js';

test('a command says how it ended, and the end of what it said', async () => {
  const end = await runCommand("printf 'a\\nb'; echo c >&2; exit 3", 5000);
  expect(end).toMatchObject({ how: 'exit code 3', ok: false });
  expect(end.output).toMatch(/^(a bc|c a b)$/);
  expect(commandWords({ how: 'exit code 0', ok: true, output: '' })).toBe('exit code 0');
});

test('a command that says much is kept short', async () => {
  const end = await runCommand('yes line | head -c 100000; echo the end', 5000);
  expect(end.ok).toBe(true);
  expect(end.output.length).toBeLessThanOrEqual(500);
  expect(end.output).toMatch(/the end$/);
});

test('a command that does not end is ended, with all that it started', async () => {
  const end = await runCommand('sleep 77.123 & sleep 77.123', 200);
  expect(end).toMatchObject({ how: 'not done in 0.2 s', ok: false });
  const left = await runCommand("pgrep -f '^sleep 77.123'", 5000);
  expect(left.output).toBe('');
});

test('a command that leaves something running behind has ended', async () => {
  const end = await runCommand('sleep 2 & echo gone', 5000);
  expect(end).toEqual({ how: 'exit code 0', ok: true, output: 'gone' });
});
