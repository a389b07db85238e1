import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Change } from './change.js';
import { createJournal, defaultJournalFolder, findJournals, journalProblem, noteUndone } from './journal.js';
import { journalLine, readStory } from './journal-lines.js';

const LINK: Change = { kind: 'link-down', interface: 'eth1', addresses: [], routes: [] };
const PAUSE: Change = { kind: 'process-paused', pidof: 'x', processes: [{ pid: 7, startTicks: 1 }] };

const folder = (): string => mkdtempSync(join(tmpdir(), 'dorami-load-journal-'));

describe('the lines of a journal', () => {
  const run = journalLine({ v: 1, what: 'run', run: 'r', pid: 5, startTicks: 9, boot: 'b', netns: 'n' });
  const made = (id: number, change: Change): string =>
    journalLine({ v: 1, what: 'change', id, atEpochMs: 1, fault: 'cut', change });
  const undone = (id: number): string => journalLine({ v: 1, what: 'undone', id, atEpochMs: 2, by: 'run' });

  test('tell what is open, the last one made first', () => {
    const story = readStory(run + made(0, LINK) + made(1, PAUSE) + made(2, LINK) + undone(1));
    expect(story.run).toMatchObject({ run: 'r', pid: 5 });
    expect(story.open.map(({ id }) => id)).toEqual([2, 0]);
    expect(story.open[0]?.change).toEqual(LINK);
    expect(story.badLines).toBe(0);
  });

  test('that are torn, foreign or dangerous are counted and left out', () => {
    const evil = JSON.stringify({
      v: 1,
      what: 'change',
      id: 3,
      atEpochMs: 1,
      fault: 'x',
      change: { kind: 'shell' },
    });
    const option = made(4, { ...LINK, interface: '-all' });
    const torn = made(5, LINK).slice(0, 40);
    const story = readStory(
      `${run}noise\n${evil}\n${option}\n${made(6, LINK)}${'x'.repeat(300_000)}\n[]\n${torn}`,
    );
    expect([story.open.map(({ id }) => id), story.badLines]).toEqual([[6], 6]);
    expect(readStory('')).toEqual({ open: [], badLines: 0 });
  });

  test('after a torn one are read', () => {
    expect(readStory(`${run}${made(0, LINK)}{"v":1,\n${undone(0)}`)).toMatchObject({ open: [], badLines: 1 });
  });
});

describe('a journal', () => {
  test('holds a change before it is made, for its owner alone, and goes with the last one', async () => {
    const at = join(folder(), 'deep', 'faults');
    const journal = createJournal(at, 'run-a');
    const first = await journal.add('cut', LINK);
    const second = await journal.add('stop', PAUSE);
    expect(statSync(first.path).mode & 0o777).toBe(0o600);
    const [found] = await findJournals(at);
    expect(found).toMatchObject({ story: { run: { run: 'run-a', pid: process.pid }, badLines: 0 } });
    expect(found !== undefined && 'story' in found && found.story.open.map(({ fault }) => fault)).toEqual([
      'stop',
      'cut',
    ]);
    await journal.undone(first, 'run');
    expect(readdirSync(at)).toEqual(['run-a.ndjson']);
    await journal.undone(second, 'run');
    expect(readdirSync(at)).toEqual([]);
  });

  test('of another run stays as it is', async () => {
    const at = folder();
    const [a, b] = [createJournal(at, 'a'), createJournal(at, 'b')];
    const [ours] = [await a.add('cut', LINK), await b.add('cut', LINK)];
    await a.undone(ours, 'supervisor');
    expect(readdirSync(at)).toEqual(['b.ndjson']);
  });

  test('with a line that says nothing stays, for somebody to look at', async () => {
    const at = folder();
    const entry = await createJournal(at, 'a').add('cut', LINK);
    appendFileSync(entry.path, '{"v":1,"wh');
    await noteUndone(entry, 'command');
    const [found] = await findJournals(at);
    expect(found).toMatchObject({ story: { open: [], badLines: 1 } });
    expect(readFileSync(entry.path, 'utf8')).toContain('"by":"command"');
  });

  test('that cannot be written makes no change', async () => {
    await expect(createJournal('/proc/nowhere', 'a').add('cut', LINK)).rejects.toThrow(
      /could not be written down in .* \(E\w+\), so it was not made/,
    );
    const at = folder();
    writeFileSync(join(at, 'a.ndjson'), 'already there');
    await expect(createJournal(at, 'a').add('cut', LINK)).rejects.toThrow('EEXIST');
    symlinkSync(join(at, 'elsewhere'), join(at, 'b.ndjson'));
    await expect(createJournal(at, 'b').add('cut', LINK)).rejects.toThrow('so it was not made');
    expect(await journalProblem('/proc/nowhere')).toMatch(/^E/);
    expect(await journalProblem(at)).toBeUndefined();
  });

  test('that others may write to is not believed', async () => {
    const at = folder();
    const { path } = await createJournal(at, 'a').add('cut', LINK);
    chmodSync(path, 0o666);
    writeFileSync(join(at, 'notes.txt'), 'not a journal');
    expect(await findJournals(at)).toEqual([{ path, problem: 'others may write to it' }]);
    expect(await findJournals(join(at, 'nowhere'))).toEqual([]);
  });
});

test('root has one folder for all, others one of their own', () => {
  expect(defaultJournalFolder({ XDG_STATE_HOME: '/x' }, true)).toBe('/var/lib/dorami-load/faults');
  expect(defaultJournalFolder({ XDG_STATE_HOME: '/x' }, false)).toBe('/x/dorami-load/faults');
  expect(defaultJournalFolder({ XDG_STATE_HOME: 'relative' }, false)).toMatch(
    /\/\.local\/state\/dorami-load\/faults$/,
  );
});
