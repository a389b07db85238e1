import { expect, test } from 'vitest';
import { mergeByTime } from './merge-by-time.js';

interface Entry {
  readonly atMs: number;
  readonly of: string;
}

/** Counts what is held: taken and not given on yet. */
async function* list(of: string, times: readonly number[], log: string[]): AsyncGenerator<Entry, undefined> {
  try {
    for (const atMs of times) {
      log.push(`+${of}${atMs}`);
      yield { atMs, of };
    }
  } finally {
    log.push(`end ${of}`);
  }
}

test('several lists come as one by time, each in its own order, the earlier list first where times are equal', async () => {
  const found: string[] = [];
  for await (const { of, atMs } of mergeByTime([
    list('a', [1, 5, 4, 9], []),
    list('b', [], []),
    list('c', [1, 2, 6], []),
  ])) {
    found.push(`${of}${atMs}`);
  }
  expect(found).toEqual(['a1', 'c1', 'c2', 'a5', 'a4', 'c6', 'a9']);
});

test('of each list one entry is held, and whoever stops closes all', async () => {
  const log: string[] = [];
  for await (const { of, atMs } of mergeByTime([list('a', [1, 2, 3], log), list('b', [9, 10], log)])) {
    log.push(`${of}${atMs}`);
    if (of === 'a' && atMs === 2) break;
  }
  expect(log).toEqual(['+a1', '+b9', 'a1', '+a2', 'a2', 'end a', 'end b']);
});

test('a list that fails closes the others', async () => {
  const log: string[] = [];
  async function* broken(): AsyncGenerator<Entry, undefined> {
    yield { atMs: 0, of: 'x' };
    throw new Error('torn');
  }
  const all = async (): Promise<void> => {
    for await (const _ of mergeByTime([list('a', [1, 2], log), broken()]));
  };
  await expect(all()).rejects.toThrow('torn');
  expect(log).toEqual(['+a1', 'end a']);
});
