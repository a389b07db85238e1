import { expect, test } from 'vitest';
import { Turns } from './turns.js';

test('turns follow one another in the order of asking, even after one that failed', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (name === 'a') throw new Error('no');
    return name;
  };
  const a = turns.take(work('a'));
  const b = turns.take(work('b'));
  await expect(a).rejects.toThrow('no');
  await expect(b).resolves.toBe('b');
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
