import { expect, it } from 'vitest';
import { PreflightError } from '../errors.js';
import { type MakeAccounts, makeAccounts } from './make-accounts.js';
import type { Account, AccountTry } from './test-account.js';

const account = (index: number): Account => ({
  ...{ userId: `u${index}`, accessToken: `a${index}`, refreshToken: `r${index}`, sid: '' },
});
const made = (index: number): AccountTry => ({ kind: 'made', account: account(index) });

function job(
  changes: Partial<MakeAccounts> = {},
): MakeAccounts & { readonly written: number[]; limits: number } {
  const written: number[] = [];
  const whole = {
    ...{ count: 5, concurrency: 2, before: new Map<number, Account>(), written, limits: 0 },
    pace: {
      turn: async () => {},
      passed: () => {},
      limited: () => {
        whole.limits++;
      },
    },
    attempt: async (index: number): Promise<AccountTry> => made(index),
    onMade: async (index: number) => void written.push(index),
    stopped: () => false,
    ...changes,
  };
  return whole;
}

it('makes each that is missing once, several at a time, and no more than asked for', async () => {
  let running = 0;
  let most = 0;
  const before = new Map([1, 3, 9].map((index) => [index, account(index)] as const));
  const work = job({
    before,
    async attempt(index) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return made(index);
    },
  });
  const accounts = await makeAccounts(work);
  expect([...accounts.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
  expect([work.written.sort(), most]).toEqual([[0, 2, 4], 2]);
});

it('tries again after a limit or a fault, and slows down for it', async () => {
  const tries: AccountTry[] = [{ kind: 'limited' }, { kind: 'failed', words: 'HTTP 500' }, made(0)];
  const work = job({ count: 1, attempt: async () => tries.shift() ?? made(0) });
  expect((await makeAccounts(work)).size).toBe(1);
  expect(work.limits).toBe(2);
});

it.each([
  [{ kind: 'failed', words: 'HTTP 500' }, /HTTP 500 \(4 tries\)/],
  [{ kind: 'limited' }, /limits \(429, 503\) let nothing through: 12 tries/],
] as const)('gives up a platform that stays like that (%#)', async (result, words) => {
  const work = job({ attempt: async (index) => (index === 2 ? result : made(index)) });
  await expect(makeAccounts(work)).rejects.toThrow(words);
  expect(work.written).toContain(0);
});

it('stops all lanes at the first refusal', async () => {
  let asked = 0;
  const work = job({
    count: 100,
    async attempt() {
      asked++;
      throw new PreflightError('no test login');
    },
  });
  await expect(makeAccounts(work)).rejects.toThrow('no test login');
  expect(asked).toBeLessThanOrEqual(2);
});

it('begins nothing more once it is stopped, and says what there is', async () => {
  const work = job({ count: 100, concurrency: 1, stopped: () => work.written.length >= 3 });
  expect((await makeAccounts(work)).size).toBe(3);
});

it('refuses several users with one account: viewers are counted by user id', async () => {
  const work = job({ attempt: async () => made(0) });
  await expect(makeAccounts(work)).rejects.toThrow(/same user/);
});
