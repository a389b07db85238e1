import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../report/exit-codes.js';
import type { Change } from './change.js';
import { faultsCommand } from './faults-command.js';
import { createJournal } from './journal.js';
import { journalLine } from './journal-lines.js';
import { readMachineState } from './machine-state.js';
import { goThroughJournals, placeOf } from './undo-journals.js';

/** Nobody has this number: there is no such process, so nothing of it stands still. */
const PAUSE: Change = { kind: 'process-paused', pidof: 'x', processes: [{ pid: 4_194_304, startTicks: 1 }] };
const LINK: Change = { kind: 'link-down', interface: 'nosuch0', addresses: [], routes: [] };
const LOOK = { undo: false, running: false };
const UNDO = { undo: true, running: false };

/** A journal as a run leaves it that was killed. */
function left(change: Change, more: Partial<{ boot: string; netns: string; pid: number }> = {}): string {
  const at = mkdtempSync(join(tmpdir(), 'dorami-load-left-'));
  const run = { v: 1, what: 'run', run: 'r', pid: 4_194_304, startTicks: 1 } as const;
  const text =
    journalLine({ ...run, ...readMachineState(), ...more }) +
    journalLine({ v: 1, what: 'change', id: 0, atEpochMs: 0, fault: 'f', change });
  writeFileSync(join(at, 'r.ndjson'), text, { mode: 0o600 });
  return at;
}

test('where a change can be seen', () => {
  const run = { boot: 'b', netns: 'n' };
  expect(placeOf(LINK, run, { boot: 'b', netns: 'n' })).toBe('here');
  expect(placeOf(LINK, run, { boot: 'b', netns: 'other' })).toBe('elsewhere');
  expect(placeOf(LINK, run, { boot: 'later', netns: 'n' })).toBe('boot');
  expect(placeOf(PAUSE, run, { boot: 'b', netns: 'other' })).toBe('here');
  expect(placeOf(PAUSE, run, { boot: 'later', netns: 'n' })).toBe('boot');
  expect(placeOf({ kind: 'container-killed', container: 'x' }, run, { boot: 'later', netns: 'o' })).toBe(
    'here',
  );
});

test('a list changes nothing; an undo settles what is gone, and the second has nothing to do', async () => {
  const at = left(PAUSE);
  expect((await goThroughJournals(at, LOOK)).changes).toMatchObject([
    { state: 'gone', run: 'r', fault: 'f' },
  ]);
  expect(readdirSync(at)).toHaveLength(1);
  expect((await goThroughJournals(at, UNDO)).changes).toMatchObject([{ state: 'gone' }]);
  expect(readdirSync(at)).toEqual([]);
  expect(await goThroughJournals(at, UNDO)).toEqual({ changes: [], problems: [] });
});

test('what a run has made that still goes is left to it', async () => {
  const at = mkdtempSync(join(tmpdir(), 'dorami-load-live-'));
  await createJournal(at, 'live').add('f', PAUSE);
  expect((await goThroughJournals(at, UNDO)).changes).toMatchObject([{ state: 'running' }]);
  expect(readdirSync(at)).toHaveLength(1);
  expect((await goThroughJournals(at, { undo: true, running: true })).changes).toMatchObject([
    { state: 'gone' },
  ]);
});

test('what was made in another network namespace is not taken for gone', async () => {
  const at = left(LINK, { netns: 'net:[1]' });
  expect((await goThroughJournals(at, UNDO)).changes).toMatchObject([{ state: 'elsewhere' }]);
  expect(readdirSync(at)).toHaveLength(1);
});

test('what went with a restart of the machine is settled', async () => {
  const at = left(LINK, { boot: 'before' });
  expect((await goThroughJournals(at, UNDO)).changes).toMatchObject([{ state: 'gone' }]);
  expect(readdirSync(at)).toEqual([]);
});

test('the command says what is left, and ends with a code of its own while something is', async () => {
  const said: string[] = [];
  const output = { result: (text: string) => void said.push(text), line: () => {} };
  const at = left(LINK, { netns: 'net:[1]' });
  expect(await faultsCommand('list', { journal: at }, [], output)).toEqual({ exitCode: EXIT.pass });
  expect(said[0]).toMatch(
    /^elsewhere 1970-01-01T00:00:00Z r f: link nosuch0 is down \(made in network namespace net:\[1\]/,
  );
  expect(await faultsCommand('undo', { journal: at }, [], output)).toEqual({
    exitCode: EXIT.refused,
    reason: '1 of 1 not undone',
  });
  writeFileSync(join(at, 'torn.ndjson'), '{"v":', { mode: 0o600 });
  await faultsCommand('list', { journal: at, json: true }, [], output);
  expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({
    changes: [{ state: 'elsewhere' }],
    problems: [expect.stringContaining('1 line says nothing')],
  });
  const empty = join(at, 'none');
  expect(await faultsCommand('undo', { journal: empty }, [], output)).toEqual({ exitCode: EXIT.pass });
  expect(said.at(-1)).toBe(`nothing is left in ${empty}`);
  await expect(faultsCommand('frob', {}, [], output)).rejects.toThrow('no such order');
  await expect(faultsCommand('list', { running: true }, [], output)).rejects.toThrow('goes with undo');
});
