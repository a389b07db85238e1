import { expect, test } from 'vitest';
import { boxNotes } from './box-summaries.js';
import type { BoxFigures } from './fleet.js';

const CLEAN: BoxFigures = { received: 9, duplicates: 2, missing: 0, garbage: 0, clockErrorMs: 50 };
const BOX = { id: 'a', hostname: 'h', cores: 2, version: '1', workers: 2, vus: 4 };

function notes(figures: BoxFigures): string[] {
  const record = { fleet: { boxes: [BOX] }, planned: { vus: 4 } } as unknown as Parameters<
    typeof boxNotes
  >[0];
  return boxNotes(record, { boxes: [{ box: 'a', isGone: false, silences: [], figures }] });
}

test('a reader of the verdict is told what a box lost, and that its clock was off by more than may be', () => {
  expect(notes(CLEAN)).toEqual([]);
  expect(notes({ ...CLEAN, missing: 1, garbage: 3, clockErrorMs: 2000.4, unsaved: 5 })).toEqual([
    'box a: its clock was up to 2000 ms off at times: so wrong may latencies between it and others be',
    'box a: 1 of 10 records are missing',
    'box a: 3 messages in its name were none',
    'box a: 5 records found no room on its disk, and came from its memory',
  ]);
});
