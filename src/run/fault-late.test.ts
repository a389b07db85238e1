import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endingFromEvents } from '../../test/support/ending-from-events.js';
import { addUndone } from './fault-late.js';
import { EndingLog, type LifecycleEvent } from './lifecycle.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-late-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KNOWN: readonly LifecycleEvent[] = [
  { kind: 'fault_started', atMs: 1000, name: 'file', what: '`touch x`', breaks: 'other' },
  { kind: 'fault_failed', atMs: 6000, name: 'file', breaks: 'other', at: 'end', reason: 'undo: exit code 1' },
];
const LATE = { kind: 'fault_undone', atMs: 9000, name: 'file', ok: true, detail: 'exit code 0' };

/** What the run knows, and what stands in its folder. */
function logOf(known: readonly LifecycleEvent[], ...written: readonly object[]): EndingLog {
  const log = new EndingLog();
  for (const event of known) log.add(event);
  const lines = [...known, ...written].map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(folder, 'events.ndjson'), lines.join(''));
  return log;
}

test('what the supervisor did when the run was over is known to the run as to whoever reads its folder', async () => {
  const log = logOf(KNOWN, LATE);
  await addUndone(folder, log);
  expect(log.ending().faults).toMatchObject([{ name: 'file', undone: true, endedAtMs: 9000 }]);
  const text = [...KNOWN, LATE].map((event) => JSON.stringify(event)).join('\n');
  expect(log.ending().faults).toEqual(endingFromEvents(text).faults);
});

test('a fault that was mended is left as it was, and so is one of which nothing stands there', async () => {
  const ended: LifecycleEvent = { kind: 'fault_ended', atMs: 6000, name: 'file' };
  const mended = logOf([KNOWN[0] as LifecycleEvent, ended], LATE);
  await addUndone(folder, mended);
  expect(mended.ending().faults?.[0]?.undone).toBeUndefined();
  const open = logOf(KNOWN);
  await addUndone(folder, open);
  expect(open.ending().faults?.[0]?.undone).toBeUndefined();
});

test('a folder that cannot be read has nothing to add', async () => {
  const log = logOf(KNOWN, LATE);
  await addUndone(join(folder, 'gone'), log);
  expect(log.ending().faults?.[0]?.undone).toBeUndefined();
});
