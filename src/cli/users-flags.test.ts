import { describe, expect, it } from 'vitest';
import type { UsersFlags } from '../config/flags.js';
import { ConfigError } from '../errors.js';
import { parseCommandLine } from './command-line.js';
import { resolveUsersFlags } from './users-flags.js';

function problemsOf(flags: UsersFlags): string[] {
  try {
    resolveUsersFlags('create', flags);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, problem }) => `${path}: ${problem}`);
    throw error;
  }
  return [];
}

describe('the flags of users create', () => {
  it('need a platform only', () => {
    expect(resolveUsersFlags('create', { target: 'http://127.0.0.1:8080/' })).toEqual({
      ...{ apiUrl: 'http://127.0.0.1:8080', loopback: true, allowTargets: [], insecure: false, quiet: false },
      ...{ count: 50, prefix: 'load', out: 'users.csv', force: false, concurrency: 4 },
    });
  });

  it('lead off this machine only to a host that is named', () => {
    const target = 'https://staging.example.com';
    expect(problemsOf({ target })).toEqual([
      '--target: staging.example.com is not on this machine and not allowed as a target',
    ]);
    expect(resolveUsersFlags('create', { target, 'allow-target': ['staging.example.com'] }).loopback).toBe(
      false,
    );
  });

  it('are refused all at once', () => {
    const flags = {
      count: '0',
      concurrency: '33',
      prefix: 'A b',
      out: '',
      target: 'ftp://x',
      'allow-target': ['a b'],
    };
    expect(problemsOf(flags).map((text) => text.split(':')[0])).toEqual([
      ...['--prefix', '--out', '--allow-target', '--target', '--count', '--concurrency'],
    ]);
    expect(problemsOf({})).toEqual(['--target: missing']);
  });
});

describe('the command users', () => {
  it('creates', () => {
    const line = parseCommandLine(['users', 'create', '--count', '3']);
    expect(line).toEqual({ command: 'users', word: 'create', flags: { count: '3' }, issues: [] });
  });

  it.each([
    [['users'], 'create is missing'],
    [['users', 'create', 'more'], '"more" belongs to no flag'],
  ])('does nothing else: %j', (argv, problem) => {
    const line = parseCommandLine(argv);
    expect('issues' in line ? line.issues.map((issue) => issue.problem) : []).toEqual([problem]);
  });

  it('knows no other action', () => {
    const target = 'http://127.0.0.1:8080';
    expect(() => resolveUsersFlags('delete', { target })).toThrow(
      /users: no such action \(seen delete, wanted create/,
    );
  });
});
