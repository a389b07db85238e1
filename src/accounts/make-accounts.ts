import { PreflightError } from '../errors.js';
import type { Pace } from './pace.js';
import type { Account, AccountTry } from './test-account.js';

export interface MakeAccounts {
  readonly count: number;
  readonly concurrency: number;
  /** Accounts by index that are there already. */
  readonly before: ReadonlyMap<number, Account>;
  readonly pace: Pace;
  /** One try for user `index` in lane `lane`. */
  attempt(index: number, lane: number): Promise<AccountTry>;
  /** Takes each account as it is made. */
  onMade(index: number, account: Account): Promise<void>;
  /** Nothing more is begun once this is true. */
  stopped(): boolean;
}

/** A limit that is met so often in a row is not going to let us through. */
const MAX_LIMITED = 12;
const MAX_FAILED = 4;

/**
 * Makes users 0 to count - 1, those that are missing, several at a time.
 * @returns all accounts by index; fewer than `count` when it was stopped
 * @throws {PreflightError} when one could not be made; those made until then have been handed out
 */
export async function makeAccounts(job: MakeAccounts): Promise<ReadonlyMap<number, Account>> {
  const { count, concurrency, before } = job;
  const accounts = new Map([...before].filter(([index]) => index < count));
  const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !accounts.has(index));
  let failure: unknown;
  const lane = async (number: number): Promise<void> => {
    while (failure === undefined && !job.stopped()) {
      const index = missing.shift();
      if (index === undefined) return;
      const account = await makeOne(job, index, number, () => failure !== undefined);
      if (account === undefined) return;
      accounts.set(index, account);
      await job.onMade(index, account);
    }
  };
  const lanes = Array.from({ length: Math.min(concurrency, missing.length) }, (_, number) =>
    lane(number).catch((error: unknown) => {
      failure ??= error;
    }),
  );
  await Promise.all(lanes);
  if (failure !== undefined) throw failure;
  refuseTwins(accounts);
  return accounts;
}

async function makeOne(
  job: MakeAccounts,
  index: number,
  lane: number,
  isOver: () => boolean,
): Promise<Account | undefined> {
  let limited = 0;
  for (let failed = 0; ; ) {
    await job.pace.turn();
    if (job.stopped() || isOver()) return undefined;
    const result = await job.attempt(index, lane);
    if (result.kind === 'made') {
      job.pace.passed();
      return result.account;
    }
    job.pace.limited();
    if (result.kind === 'limited' && ++limited >= MAX_LIMITED) {
      throw new PreflightError(
        `the platform's limits (429, 503) let nothing through: ${limited} tries in a row`,
      );
    }
    if (result.kind === 'failed' && ++failed >= MAX_FAILED)
      throw new PreflightError(`${result.words} (${failed} tries)`);
  }
}

/** Viewers are counted by user id: two with one account would be one. */
function refuseTwins(accounts: ReadonlyMap<number, Account>): void {
  const ids = new Set([...accounts.values()].map(({ userId }) => userId));
  if (ids.size < accounts.size)
    throw new PreflightError('the platform gave several e-mail addresses the same user');
}
