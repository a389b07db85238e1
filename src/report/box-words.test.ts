import { expect, test } from 'vitest';
import { threeBoxes, twoOfThreeBoxes } from '../../test/support/three-boxes.js';
import { BOX_COLUMNS, boxesText, lossTexts } from './box-words.js';
import type { BoxSummary } from './summary-schema.js';

const [box] = threeBoxes();
const boxOf = (changes: Partial<BoxSummary>): BoxSummary => ({ ...(box as BoxSummary), ...changes });
const cellOf = (title: string, changes: Partial<BoxSummary>): string =>
  BOX_COLUMNS.find((column) => column.title === title)?.text(boxOf(changes)) ?? 'no such column';

test('the records of a box are told with what of them is not as it should be', () => {
  const records = { received: 48, duplicates: 0, missing: 0, garbage: 0 };
  expect(cellOf('records', { records })).toBe('48');
  expect(cellOf('records', { records: { ...records, missing: 2, duplicates: 3 }, gaps: 1 })).toBe(
    '48, 2 missing, 1 gaps in its ticks, 3 came twice',
  );
  expect(cellOf('records', { records: null })).toBe('–');
  expect(cellOf('records', { records: null, gaps: 4 })).toBe('–, 4 gaps in its ticks');
});

test('what is not known of a box is no number', () => {
  for (const title of ['clock', 'drift', 'worst lag', 'CPU', 'memory', 'late or lost'])
    expect(cellOf(title, { clock: null, worstLoopDelayMs: null, cpuMs: null, rssBytes: null })).toBe('–');
  expect(cellOf('late or lost', { silentMs: 17_560 })).toBe('17.6 s');
});

test('of many boxes the first are named, the others are a number', () => {
  const many = Array.from({ length: 14 }, (_, i) => boxOf({ id: `x${i}`, vus: 1, lost: `x${i} was lost` }));
  expect(boxesText(many)).toMatch(/^14 of 14: x0 1 viewer \(lost and back\), .* x11 .* and 2 more$/);
  expect(boxesText(many)).not.toContain('x12');
  expect(lossTexts(many).slice(10)).toEqual(['x10 was lost', 'x11 was lost', 'and 2 more boxes']);
  expect(lossTexts(threeBoxes())).toEqual([]);
  expect(lossTexts(twoOfThreeBoxes())).toEqual(['box c was lost at 15.4 s: no sign of life for 5.3 s']);
});
