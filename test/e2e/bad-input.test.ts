import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../services/child.js';
import { type CliResult, kpi, measured, runCli, runLoad } from './cli.js';
import { firstUsers, type StageProcess, startStage } from './stage.js';

const NO_TRACE = /^\s+at .+:\d+/m;

describe('what a user can get wrong ends before anything is loaded', () => {
  test.each([
    ['an unknown flag', ['--vuz', '5'], /vuz/],
    ['an unknown profile', ['--profile', 'smok'], /no such profile.*smoke/],
    ['a number that is none', ['--vus', 'ten'], /--vus/],
    ['a target off this machine', ['--target', 'http://198.51.100.7'], /198\.51\.100\.7.*allow/],
    [
      'a users file that is not there',
      ['--target', 'http://127.0.0.1:9', '--users', '/nowhere/u.csv'],
      /u\.csv/,
    ],
  ])('%s: 104', async (_, args, words) => {
    const result = await runLoad(args);
    expectEnd(result, 104, words);
    expect(result.runDir).toBeUndefined();
  });

  test('an unknown command: 104', async () => {
    expectEnd(await runCli(['stroll']), 104, /stroll/);
  });

  test('a dead target: 113', async () => {
    const result = await runLoad(['--target', `http://127.0.0.1:${await freePort()}`, '--vus', '2']);
    expectEnd(result, 113, /refused|ECONNREFUSED/);
  });
});

describe('against a stage that runs already', () => {
  let stage: StageProcess;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.stop());

  test('fewer users than viewers: 104, and the numbers are named', async () => {
    const users = join(mkdtempSync(join(tmpdir(), 'dorami-load-users-')), 'users.csv');
    writeFileSync(users, firstUsers(stage.usersFile, 3));
    const result = await runLoad([
      '--target',
      stage.origin,
      '--stream-key',
      stage.streamKey,
      '--users',
      users,
      '--vus',
      '5',
    ]);
    expectEnd(result, 104, /3.*5|5.*3/);
  });

  test('a token that the platform refuses: 113', async () => {
    const users = join(mkdtempSync(join(tmpdir(), 'dorami-load-users-')), 'users.csv');
    writeFileSync(users, 'userId,accessToken\nu1,not-a-token\n');
    const result = await runLoad([
      '--target',
      stage.origin,
      '--stream-key',
      stage.streamKey,
      '--users',
      users,
      '--vus',
      '1',
    ]);
    expectEnd(result, 113, /token|401/i);
  });

  test('a wrong stream key is the platform not serving it: 99, and the start of the stream is named', async () => {
    const target = ['--target', stage.origin, '--users', stage.usersFile, '--stream-key', 'no-such-show'];
    const result = await measured(() => runLoad([...target, '--vus', '6', '--duration', '14s']));
    expectFailedStart(result);
  });
});

function expectFailedStart(result: CliResult): void {
  expect(result.reason, result.stderr).toMatch(/stream start/i);
  expectEnd(result, 99, /./);
  expect(result.summary?.verdict).toBe('fail');
  expect(kpi(result, 'stream_start_success').status).toBe('fail');
}

/** The exit code, its reason in words on the last line of stderr, and no stack trace anywhere. */
function expectEnd(result: CliResult, code: number, words: RegExp): void {
  expect(result.code, result.stderr).toBe(code);
  expect(result.reason).toMatch(words);
  expect(result.stderr).not.toMatch(NO_TRACE);
}
