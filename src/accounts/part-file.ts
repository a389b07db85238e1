import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, appendFile, chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../errors.js';
import { readToken } from '../token-claims.js';
import type { Account } from './test-account.js';

/** Secrets are in it: only its owner reads it. */
const OWNER_ONLY = 0o600;

/**
 * The users that were made so far, kept beside the users file until that is whole, so that an interrupted job can go
 * on. It belongs to one platform and one prefix, whose mark is in its name.
 */
export interface PartFile {
  readonly path: string;
  /** Accounts by their index that an earlier job left and that can still be renewed. */
  readonly before: ReadonlyMap<number, Account>;
  add(index: number, account: Account): Promise<void>;
  /** Puts the users file in its place, at once and whole, and takes this file away. */
  finish(accounts: readonly Account[]): Promise<void>;
  /** Takes this file away if nothing is in it. */
  close(): Promise<void>;
}

/**
 * @throws {ConfigError} when the users file is there and may not be replaced, or its folder cannot be written to
 */
export async function openPartFile(options: {
  readonly out: string;
  readonly force: boolean;
  readonly apiUrl: string;
  readonly prefix: string;
  readonly nowEpochMs: number;
}): Promise<PartFile> {
  const { out, force, apiUrl, prefix, nowEpochMs } = options;
  if (!force && (await exists(out))) {
    const problem = `${out} is there already`;
    throw new ConfigError([{ path: '--out', problem, wanted: 'another name, or --force to replace it' }]);
  }
  const mark = createHash('sha256').update(`${apiUrl} ${prefix}`).digest('hex').slice(0, 8);
  const path = join(dirname(out), `.${basename(out)}.${mark}.part`);
  const guarded = <T>(work: Promise<T>): Promise<T> => work.catch((cause) => cannotWrite(path, cause));
  const before = await guarded(readPart(path, nowEpochMs));
  let isEmpty = before.size === 0;
  return {
    path,
    before,
    add(index, account) {
      isEmpty = false;
      return guarded(appendFile(path, `${JSON.stringify({ index, ...account })}\n`, { mode: OWNER_ONLY }));
    },
    async close() {
      if (isEmpty) await rm(path, { force: true });
    },
    async finish(accounts) {
      const whole = `${path}.whole`;
      await guarded(writeWhole(whole, usersCsv(accounts)));
      await guarded(rename(whole, out));
      await rm(path, { force: true });
    },
  };
}

/** The columns that `--users` of a run reads. */
export function usersCsv(accounts: readonly Account[]): string {
  const rows = accounts.map(({ userId, accessToken, refreshToken, sid }) =>
    [userId, accessToken, refreshToken, sid].map(field).join(','),
  );
  return `${['userId,accessToken,refreshToken,sid', ...rows].join('\n')}\n`;
}

/** RFC 4180 2.6 and 2.7. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines that cannot be read were cut off by a kill: their users are made again. */
async function readPart(path: string, nowEpochMs: number): Promise<Map<number, Account>> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, OWNER_ONLY);
  await file.close();
  await chmod(path, OWNER_ONLY);
  const accounts = new Map<number, Account>();
  const text = await readFile(path, 'utf8');
  for (const line of text.split('\n')) {
    const entry = readLine(line);
    const endEpochMs = readToken(entry?.account.refreshToken ?? '')?.expEpochMs ?? Number.POSITIVE_INFINITY;
    if (entry && endEpochMs > nowEpochMs) accounts.set(entry.index, entry.account);
  }
  if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
  return accounts;
}

function readLine(line: string): { readonly index: number; readonly account: Account } | undefined {
  try {
    const { index, userId, accessToken, refreshToken, sid } = JSON.parse(line) as Record<string, unknown>;
    if (![userId, accessToken, refreshToken, sid].every((value) => typeof value === 'string'))
      return undefined;
    if (typeof index !== 'number' || !Number.isInteger(index)) return undefined;
    return { index, account: { userId, accessToken, refreshToken, sid } as Account };
  } catch {
    return undefined;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function cannotWrite(path: string, cause: unknown): never {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  throw new ConfigError([{ path: '--out', problem: `cannot write ${path}: ${code}` }], { cause });
}
