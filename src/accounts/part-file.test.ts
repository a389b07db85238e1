import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unsignedToken } from '../../test/support/token-platform.js';
import { ConfigError } from '../errors.js';
import { parseUsers } from '../users.js';
import { openPartFile, type PartFile } from './part-file.js';
import type { Account } from './test-account.js';

const NOW_MS = 1_700_000_000_000;
let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-part-'));
  out = join(folder, 'users.csv');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(
  changes: { force?: boolean; prefix?: string; apiUrl?: string; out?: string } = {},
): Promise<PartFile> {
  return openPartFile({
    out,
    force: false,
    apiUrl: 'http://a',
    prefix: 'load',
    nowEpochMs: NOW_MS,
    ...changes,
  });
}

function account(index: number, refreshHours = 24): Account {
  const refreshToken = unsignedToken({ exp: NOW_MS / 1000 + refreshHours * 3600 });
  return { userId: `u${index}`, accessToken: `a${index}`, refreshToken, sid: index === 0 ? '' : `s${index}` };
}

describe('the file of users made so far', () => {
  it('becomes a users file that a run reads, readable by its owner only, and is gone then', async () => {
    const part = await open();
    await part.add(1, account(1));
    expect(statSync(part.path).mode & 0o777).toBe(0o600);
    expect(existsSync(out)).toBe(false);
    await part.finish([account(0), account(1)]);
    await part.close();
    expect(readdirSync(folder)).toEqual(['users.csv']);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const { sid: _none, ...first } = account(0);
    expect(parseUsers(readFileSync(out, 'utf8'), 2, out)).toEqual([first, account(1)]);
  });

  it('is where a later job goes on, for the same platform and prefix only', async () => {
    const part = await open();
    await part.add(4, account(4));
    await part.add(0, account(0));
    await part.close();
    expect([...(await open()).before.keys()]).toEqual([4, 0]);
    for (const other of [{ prefix: 'else' }, { apiUrl: 'http://b' }])
      expect((await open(other)).before.size).toBe(0);
  });

  it('forgets what was cut off by a kill, what is no account, and what nothing can renew any more', async () => {
    const part = await open();
    await part.add(0, account(0));
    await part.add(1, account(1, -1));
    const whole = readFileSync(part.path, 'utf8');
    writeFileSync(part.path, `${whole}null\n{"index":"2"}\n${whole.slice(0, 40)}`);
    const again = await open();
    expect([...again.before.keys()]).toEqual([0]);
    await again.add(3, account(3));
    expect([...(await open()).before.keys()]).toEqual([0, 3]);
  });

  it('leaves nothing when nothing was made', async () => {
    await (await open()).close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('replaces no users file unless it may', async () => {
    writeFileSync(out, 'mine');
    await expect(open()).rejects.toThrow(/is there already .*--force/);
    const part = await open({ force: true });
    await part.finish([account(0)]);
    expect(readFileSync(out, 'utf8')).toMatch(/^userId,/);
  });

  it('says in words where it cannot write', async () => {
    const failure = await open({ out: join(folder, 'no', 'such', 'users.csv') }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toMatch(/--out: cannot write .*ENOENT/);
  });
});
