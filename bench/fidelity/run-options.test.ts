import { expect, test } from 'vitest';
import { runOptions } from './run-options.js';

test("without flags all calibration conditions run five times with the page's libraries", () => {
  expect(runOptions([])).toMatchObject({ only: [], set: 'calibration', repeats: 5, libraries: 'page' });
});

test('conditions are named with commas between them', () => {
  expect(runOptions(['--only', 'ample-hls,ample-flv']).only).toEqual(['ample-hls', 'ample-flv']);
});

test.each([
  [['--set', 'other'], '--set is other'],
  [['--repeats', '0'], '--repeats is 0'],
  [['--parallel', 'many'], '--parallel is many'],
  [['--libraries', '1.6'], '--libraries is 1.6'],
  [['--unknown'], '--unknown'],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => runOptions(args)).toThrow(sentence);
});
