import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, padEnd, padStart, printable, shorten, widthOf, wrap } from './text-width.js';

test.each([
  ['abc', 3],
  ['日本', 4],
  ['é', 1],
  ['👩‍👩‍👧', 2],
  ['\u001b[31mred\u001b[39m', 3],
])('%s takes %d columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test('a cut never leaves half a character', () => {
  expect(cut('日本語', 5)).toBe('日本');
  expect(cut('a👩‍👩‍👧b', 2)).toBe('a');
  expect(cut('a👩‍👩‍👧b', 3)).toBe('a👩‍👩‍👧');
});

test('what does not fit ends with an ellipsis', () => {
  expect(shorten('Viewers lost', 12)).toBe('Viewers lost');
  expect(shorten('Viewers lost', 8)).toBe('Viewers…');
});

test('padding counts columns, and cuts nothing', () => {
  expect(padEnd('日', 4)).toBe('日  ');
  expect(padStart('日', 4)).toBe('  日');
  expect(padEnd('long', 2)).toBe('long');
});

test('control characters do not get through', () => {
  expect(printable('a\u001b[2Jb\nc')).toBe('a [2Jb c');
});

describe('wrapping', () => {
  test('keeps every word in order and no line longer than asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 30 }),
        fc.integer({ min: 12, max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ')).toBe(words.join(' '));
          expect(Math.max(0, ...lines.map(widthOf))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('cuts a word that is longer than a line', () => {
    expect(wrap('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
  });

  test('loses nothing of any text, and keeps its columns', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 4, max: 40 }),
        (text, width) => {
          const lines = wrap(text, width);
          const bare = (t: string) => t.replace(/\s+/g, '');
          expect(bare(lines.join(''))).toBe(bare(printable(text)));
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
