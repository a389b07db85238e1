import { expect, it } from 'vitest';
import { lineBudget } from './line-budget.js';

it('lets twenty lines through in ten seconds, and tells later how many it held back', () => {
  const budget = lineBudget();
  const first = Array.from({ length: 50 }, (_, index) => budget(`line ${index}`, index)).flat();
  expect(first).toHaveLength(20);
  expect(budget('next', 10_000)).toEqual(['(30 lines of ffmpeg left out)', 'next']);
});
