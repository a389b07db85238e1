import { expect, test } from 'vitest';
import { alertOfLine } from './alert-line.js';

const RAISED = { kind: 'raised', id: 'cpu', name: 'srs', words: 'CPU of srs', atMs: 5000 };

test('an alert that was raised and one that was cleared are the same one', () => {
  expect(alertOfLine(JSON.stringify(RAISED))).toEqual({
    id: 'cpu srs',
    words: 'CPU of srs',
    raisedAtMs: 5000,
  });
  expect(
    alertOfLine(JSON.stringify({ ...RAISED, kind: 'cleared', name: undefined, atMs: 9000, heldMs: 4000 })),
  ).toEqual({
    ...{ id: 'cpu', words: 'CPU of srs', raisedAtMs: 5000 },
    clearedAtMs: 9000,
  });
});

test('what is no alert is none', () => {
  for (const text of ['', '{', 'null', '7', '{"kind":"raised"}', JSON.stringify({ ...RAISED, atMs: '5' })])
    expect(alertOfLine(text)).toBeUndefined();
});
