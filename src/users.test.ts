import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.js';
import { parseUsers, readUsersFile } from './users.js';

const csv = (...lines: string[]): string => `${lines.join('\n')}\n`;

function problemsOf(text: string, vus = 1): string[] {
  try {
    parseUsers(text, vus, 'users.csv');
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map((issue) => `${issue.path}: ${issue.problem}`);
    throw error;
  }
  return [];
}

describe('parseUsers', () => {
  it('reads columns in any order and leaves optional ones absent', () => {
    const text = csv('accessToken,userId,sid', 'tokenA,u1,s1', '"tok""enB",u2,', 'tokenC,u3,s3').replace(
      '""',
      '',
    );
    expect(parseUsers(text, 2, 'users.csv')).toEqual([
      { userId: 'u1', accessToken: 'tokenA', sid: 's1' },
      { userId: 'u2', accessToken: 'tokenB' },
    ]);
  });

  it('takes a byte order mark, CRLF and empty lines', () => {
    const text = '\ufeffuserId,accessToken,refreshToken\r\n\r\nu1,a,r\r\n';
    expect(parseUsers(text, 1, 'users.csv')).toEqual([{ userId: 'u1', accessToken: 'a', refreshToken: 'r' }]);
  });

  it('refuses fewer rows than VUs', () => {
    expect(problemsOf(csv('userId,accessToken', 'u1,a'), 2)).toEqual(['users.csv: 1 user for 2 VUs']);
    expect(problemsOf('', 1)).toEqual(['users.csv:1: the header lacks userId or accessToken']);
  });

  it('refuses two rows with one account and names both lines', () => {
    expect(problemsOf(csv('userId,accessToken', 'u1,a', 'u2,b', 'u1,c'))).toEqual([
      'users.csv:4: the same userId as in line 2',
    ]);
  });

  it('needs no tokens where tokens are made here, but still one account per viewer', () => {
    const needs = { accessToken: false };
    const text = csv('userId,sid,email', 'u1,s1,a@b.c', 'u2,,');
    expect(parseUsers(text, 2, 'users.csv', needs)).toEqual([
      { userId: 'u1', sid: 's1', email: 'a@b.c' },
      { userId: 'u2' },
    ]);
    expect(() => parseUsers(csv('sid', 's1'), 1, 'users.csv', needs)).toThrow(
      /lacks userId \(wanted userId\[/,
    );
    expect(() => parseUsers(csv('userId', 'u1', 'u1'), 2, 'users.csv', needs)).toThrow(/same userId/);
  });

  it('refuses empty fields, ragged rows and what a cookie cannot carry, all at once', () => {
    const text = csv('userId,accessToken', 'u1,', ',b', 'u3', 'u4,d,e', 'u5,a;b', 'u6,ok');
    expect(problemsOf(text)).toEqual([
      'users.csv:2: accessToken is empty',
      'users.csv:3: userId is empty',
      'users.csv:4: 1 field',
      'users.csv:5: 3 fields',
      'users.csv:6: a value has characters that a cookie cannot carry',
    ]);
  });

  it('never shows what stands in the file', () => {
    const secret = 'SECRETTOKEN';
    for (const text of [
      csv(`u1,${secret}`, `u2,${secret}`),
      csv('userId,accessToken', `u1,"${secret}`),
      csv('userId,accessToken', `u1,${secret},${secret}`),
      csv('userId,accessToken', `u1,a"${secret}"b`),
    ]) {
      const problems = problemsOf(text, 5).join('\n');
      expect(problems).not.toBe('');
      expect(problems).not.toContain(secret);
    }
  });

  it('shows only the first problems of a file that is wrong everywhere', () => {
    const rows = Array.from({ length: 500 }, (_, i) => `u${i},`);
    const problems = problemsOf(csv('userId,accessToken', ...rows));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toContain('480 more');
  });
});

describe('readUsersFile', () => {
  it('waits for no pipe and reads no device to its end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'users-'));
    try {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      for (const path of [pipe, '/dev/zero', folder]) {
        await expect(readUsersFile(path, 1)).rejects.toThrow(`${path} is not a file`);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses a file and a row that are too large to be one of users', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'users-'));
    try {
      const path = join(folder, 'huge.csv');
      await writeFile(path, '');
      await truncate(path, 300 * 1024 * 1024);
      await expect(readUsersFile(path, 1)).rejects.toThrow('has 314572800 bytes');
      await writeFile(path, `userId,accessToken\nu1,${'a'.repeat(100_000)}\n`);
      await expect(readUsersFile(path, 1)).rejects.toThrow('CSV_MAX_RECORD_SIZE');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says which file cannot be read and why', async () => {
    await expect(readUsersFile('/nonexistent/users.csv', 1)).rejects.toThrow(
      '--users: cannot read /nonexistent/users.csv: ENOENT',
    );
  });
});
