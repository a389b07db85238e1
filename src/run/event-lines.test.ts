import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordOf } from '../../test/support/run-record.js';
import { type EventLine, eventsOf, MAX_EVENT_CHARS, parseEventLine } from './event-lines.js';
import { readRun } from './read-run.js';
import { RUN_FILES } from './run-folder.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-events-'));
  path = join(folder, RUN_FILES.events);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(): Promise<(EventLine | undefined)[]> {
  const events: (EventLine | undefined)[] = [];
  for await (const event of eventsOf(folder)) events.push(event);
  return events;
}

it.each(['', '{', 'null', '5', '"run_ended"', '[]', '{"kind":7}', '{"atMs":1}'])(
  'takes %s for no event',
  (text) => {
    expect(parseEventLine(text)).toBeUndefined();
  },
);

it('gives the events of a folder in order, with what else they hold, and leaves out what is none', async () => {
  writeFileSync(path, '{"kind":"a","atMs":1,"x":[2]}\nnoise\n\n{"kind":"b"}\n{"kind":"torn');
  expect(await read()).toEqual([{ kind: 'a', atMs: 1, x: [2] }, { kind: 'b' }]);
});

it('tells of a line that is too long and reads on behind it', async () => {
  const long = JSON.stringify({ kind: 'a', detail: 'x'.repeat(MAX_EVENT_CHARS) });
  writeFileSync(path, `${long}\n{"kind":"b"}\n`);
  expect(await read()).toEqual([undefined, { kind: 'b' }]);
});

it('judges a run whose file of events is longer than any text can be, and says what was not read', async () => {
  writeFileSync(join(folder, RUN_FILES.run), JSON.stringify(recordOf()));
  writeFileSync(join(folder, RUN_FILES.ticks), '');
  writeFileSync(path, '{"kind":"worker_died","atMs":5,"worker":0,"vus":3,"reason":"gone"}\n');
  // A hole takes no room on the disk.
  truncateSync(path, 540_000_000);
  await appendFile(path, '\n{"kind":"run_ended","atMs":9,"counts":{}}\n');
  const { ending } = await readRun(folder);
  expect(ending).toMatchObject({ completed: true, workersDied: [{ worker: 0, vus: 3 }] });
  expect(ending.notes).toEqual(['lines of events.ndjson that are too long to be read: 1']);
});
