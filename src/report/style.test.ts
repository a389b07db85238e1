import { describe, expect, test } from 'vitest';
import { createPaint, wantsColor, wantsView } from './style.js';

const TERM = 'xterm-256color';

test.each([
  [true, { TERM }, true],
  [false, { TERM }, false],
  [true, { TERM: 'dumb' }, false],
  [true, {}, false],
  [true, { TERM, NO_COLOR: '1' }, false],
  [true, { TERM, NO_COLOR: '' }, true],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '' }, true],
  [true, { TERM, FORCE_COLOR: '0' }, false],
  [true, { TERM, FORCE_COLOR: 'false' }, false],
  [true, { TERM, FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('a terminal %s with %j is coloured: %s', (isTerminal, env, wanted) => {
  expect(wantsColor(isTerminal, env)).toBe(wanted);
});

test.each([
  [true, { TERM }, true],
  [true, { TERM, NO_COLOR: '1' }, true],
  [false, { TERM, FORCE_COLOR: '1' }, false],
  [true, { TERM, CI: 'true' }, false],
  [true, { TERM, CI: '1' }, false],
  [true, { TERM, CI: 'false' }, true],
  [true, { TERM, CI: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [true, {}, false],
])('a terminal %s with %j gets a view: %s', (isTerminal, env, wanted) => {
  expect(wantsView(isTerminal, env)).toBe(wanted);
});

describe('paint', () => {
  test('takes back what it set', () => {
    expect(createPaint(true)('x', 'bad')).toBe('\u001b[31mx\u001b[39m');
    expect(createPaint(true)('x', 'dim')).toBe('\u001b[2mx\u001b[22m');
    expect(createPaint(false)('x', 'bad')).toBe('x');
  });
});
