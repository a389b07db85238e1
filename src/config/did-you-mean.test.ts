import { expect, it } from 'vitest';
import { nearest, unknownName } from './did-you-mean.js';

const NAMES = ['vus', 'duration', 'stream-key', 'stage-fault', 'users', 'seed'];

it.each([
  ['vsu', 'vus'], // swapped
  ['VUS', 'vus'],
  ['vu', 'vus'],
  ['durration', 'duration'],
  ['stream_key', 'stream-key'],
  ['user', 'users'],
])('knows what %s was meant to be', (seen, wanted) => {
  expect(nearest(seen, NAMES)).toBe(wanted);
});

it.each(['', 'x', 'completely-else', 'v'.repeat(1_000_000)])(
  'guesses nothing where nothing is near',
  (seen) => {
    expect(nearest(seen, NAMES)).toBeUndefined();
  },
);

it('words an unknown name with the near one, else with where to look', () => {
  expect(unknownName('flag', '--vsu', ['--vus'], 'x')).toEqual({
    problem: 'no such flag, did you mean --vus?',
  });
  expect(unknownName('flag', '--foo', ['--vus'], 'see --help')).toEqual({
    problem: 'no such flag',
    wanted: 'see --help',
  });
});
