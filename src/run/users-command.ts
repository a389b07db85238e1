import { makeAccounts } from '../accounts/make-accounts.js';
import { createPace } from '../accounts/pace.js';
import { openPartFile, type PartFile } from '../accounts/part-file.js';
import { type Account, tryAccount } from '../accounts/test-account.js';
import { PreflightError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory } from '../net/http-node.js';
import { EXIT } from '../report/exit-codes.js';
import type { Http } from '../seams.js';
import { createClock } from '../seams-node.js';
import { readToken } from '../token-claims.js';
import type { Output } from './output.js';
import { listenForStop, type SignalSource } from './stop-signals.js';

/** What `dorami-load users create` was asked to do; values checked. */
export interface UsersCommandOptions {
  /** Base of the API, without a trailing slash. */
  readonly apiUrl: string;
  readonly loopback: boolean;
  readonly allowTargets: readonly string[];
  readonly insecure: boolean;
  readonly count: number;
  readonly prefix: string;
  readonly out: string;
  readonly force: boolean;
  readonly concurrency: number;
  readonly quiet: boolean;
}

export interface UsersCommandDeps {
  readonly output: Output;
  readonly signals: SignalSource & { exit(code: number): never };
}

/** A staging proxy lets 5 sign-ins a second through (contract 4.3); on this machine its answers set the pace. */
const STAGING_EVERY_MS = 250;
const PROGRESS_EVERY_MS = 2000;

/**
 * Makes test users by the platform's test login and writes them as a users file. Stopped or failed, it keeps what it
 * has: the same command goes on from there.
 * @throws {ConfigError} for a file that may not or cannot be written; {PreflightError} when the platform refuses
 */
export async function usersCommand(
  options: UsersCommandOptions,
  { output, signals }: UsersCommandDeps,
): Promise<{ exitCode: number; reason?: string }> {
  const { apiUrl, prefix, out, force, count } = options;
  const clock = createClock(performance.timeOrigin + performance.now());
  const part = await openPartFile({ out, force, apiUrl, prefix, nowEpochMs: clock.epochMs() });
  const stop = listenForStop(
    signals,
    () => performance.now(),
    () => signals.exit(EXIT.stoppedTwice),
  );
  const progress = startProgress(options, part, output);
  try {
    const accounts = await make(options, part, progress.count, stop.first);
    if (accounts.size < count) {
      const reason = `stopped by ${await stop.first}: ${kept(accounts.size, count, part)}`;
      return { exitCode: EXIT.stopped, reason };
    }
    const rows = Array.from({ length: count }, (_, index) => accounts.get(index) as Account);
    await part.finish(rows);
    output.result(summaryOf(options, rows, clock.nowMs(), clock.epochMs()));
    return { exitCode: EXIT.pass };
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error;
    const made = progress.made();
    throw made === 0
      ? error
      : new PreflightError(`${error.message}; ${kept(made, count, part)}`, { cause: error });
  } finally {
    progress.stop();
    stop.dispose();
    await part.close();
  }
}

async function make(
  options: UsersCommandOptions,
  part: PartFile,
  onMade: () => void,
  stop: Promise<unknown>,
): Promise<ReadonlyMap<number, Account>> {
  const { apiUrl, prefix, count, concurrency, loopback, insecure } = options;
  const clock = createClock(performance.timeOrigin + performance.now());
  const factory = createHttpFactory({ clock, allowList: createAllowList(options.allowTargets), insecure });
  const lanes: Http[] = [];
  let isStopped = false;
  void stop.then(() => {
    isStopped = true;
  });
  try {
    return await makeAccounts({
      ...{ count, concurrency, before: part.before, stopped: () => isStopped },
      pace: createPace(clock, loopback ? 0 : STAGING_EVERY_MS, stop),
      attempt(index, lane) {
        const http = lanes[lane] ?? factory.forViewer();
        lanes[lane] = http;
        return tryAccount(http, apiUrl, prefix, index);
      },
      async onMade(index, account) {
        await part.add(index, account);
        onMade();
      },
    });
  } finally {
    for (const http of lanes) http.close();
  }
}

function kept(made: number, count: number, part: PartFile): string {
  return `${made} of ${count} users are kept in ${part.path}, the same command goes on from there`;
}

/** A line every two seconds; the count of what is there, an earlier job's included. */
function startProgress({ count, quiet }: UsersCommandOptions, part: PartFile, output: Output) {
  const before = [...part.before.keys()].filter((index) => index < count).length;
  let made = before;
  const startedAtMs = performance.now();
  const say = (text: string): void => {
    if (!quiet) output.line(text);
  };
  if (before > 0) say(`users: ${before} of ${count} are there from before`);
  const timer = setInterval(() => {
    const perS = ((made - before) / (performance.now() - startedAtMs)) * 1000;
    say(`users: ${made} of ${count}, ${perS.toFixed(1)} a second`);
  }, PROGRESS_EVERY_MS);
  return {
    count: () => {
      made++;
    },
    made: () => made,
    stop: () => clearInterval(timer),
  };
}

function summaryOf(
  { apiUrl, out, count }: UsersCommandOptions,
  rows: readonly Account[],
  tookMs: number,
  nowEpochMs: number,
): string {
  const ends = rows.map(({ accessToken }) => readToken(accessToken)?.expEpochMs ?? Number.POSITIVE_INFINITY);
  const leftMs = ends.reduce((least, end) => Math.min(least, end), Number.POSITIVE_INFINITY) - nowEpochMs;
  const lasts = Number.isFinite(leftMs)
    ? `access tokens last ${Math.max(0, Math.round(leftMs / 60_000))} min more; a run renews them`
    : 'access tokens do not say how long they last';
  return [
    `${count} ${count === 1 ? 'user' : 'users'} in ${out}, readable by you only, in ${(tookMs / 1000).toFixed(1)} s; ${lasts}.`,
    'A refresh token is good once: for a later run make the file anew, with the same command and --force.',
    `Next: dorami-load --target ${apiUrl} --users ${out} --vus ${count} (off this machine also --allow-target and --stream-key)`,
  ].join('\n');
}
