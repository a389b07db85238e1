import { describe, expect, it } from 'vitest';
import type { FlagSpec } from '../config/flag-spec.js';
import {
  INIT_FLAGS,
  JUDGE_FLAGS,
  PUBLISH_FLAGS,
  RUN_FLAGS,
  STAGE_FLAGS,
  USERS_FLAGS,
} from '../config/flags.js';
import { ConfigError } from '../errors.js';
import { parseCommandLine } from './command-line.js';
import { COMMANDS } from './commands.js';

async function issuesOf(...argv: string[]): Promise<string[]> {
  const line = await parseCommandLine(argv);
  const issues = 'issues' in line ? line.issues : [];
  return issues.map((issue) => `${issue.path}: ${issue.problem}`);
}

function helpOf(argv: readonly string[], columns?: number): string {
  const line = parseCommandLine(argv, columns);
  return line.command === 'help' ? line.text : '';
}

describe('parseCommandLine', () => {
  it('takes run for granted', async () => {
    const flags = { vus: '50', json: true };
    expect(await parseCommandLine(['--vus', '50', '--json'])).toEqual({ command: 'run', flags, issues: [] });
    expect(await parseCommandLine(['run', '--vus=50', '--json'])).toEqual({
      command: 'run',
      flags,
      issues: [],
    });
    expect(await parseCommandLine([])).toEqual({ command: 'run', flags: {}, issues: [] });
  });

  it('leaves values as they were written', async () => {
    const line = await parseCommandLine([
      '--seed',
      '007',
      '--stream-key',
      '12345678901234567890',
      '--vus',
      '-5',
    ]);
    expect(line).toMatchObject({ flags: { seed: '007', 'stream-key': '12345678901234567890', vus: '-5' } });
  });

  it('collects repeated flags of a list', async () => {
    const line = await parseCommandLine(['--allow-target', 'a', '--json', '--allow-target', 'b']);
    expect(line).toMatchObject({ flags: { 'allow-target': ['a', 'b'], json: true } });
  });

  it('reports every unknown flag, repeated flag and stray word at once', async () => {
    expect(await issuesOf('run', '--vsu', '5', '--vus', '1', '--vus', '2', 'extra', '-x')).toEqual([
      '--vsu: no such flag, did you mean --vus?',
      '--vus: given more than once',
      '-x: no such flag',
      'command line: "extra" belongs to no flag',
    ]);
  });

  it('knows names that every object has for what they are: no flags', async () => {
    expect(await issuesOf('--constructor', '--toString=5', '--__proto__', '--vus', '5')).toEqual([
      '--constructor: no such flag',
      '--toString: no such flag',
      '--__proto__: no such flag',
    ]);
  });

  it('refuses any value of a switch but true and false: nobody should guess what =no means', async () => {
    expect(await issuesOf('--allow-writes=no', '--json=1')).toEqual([
      '--allow-writes: not a switch',
      '--json: not a switch',
    ]);
    expect(await parseCommandLine(['--allow-writes=true', '--json=false'])).toMatchObject({
      flags: { 'allow-writes': true, json: false },
      issues: [],
    });
  });

  it('refuses a switch that is given twice, and knows what --no-quiet is meant to be', async () => {
    expect(await issuesOf('--quiet=false', '--quiet')).toEqual(['--quiet: given more than once']);
    expect(await issuesOf('--no-quiet')).toEqual(['--no-quiet: no such flag, did you mean --quiet=false?']);
    expect(await issuesOf('--no-preflight')).toEqual([]);
  });

  it('leaves a list flag without its value to the check of values', async () => {
    expect(await parseCommandLine(['--allow-target'])).toMatchObject({ flags: { 'allow-target': [''] } });
    expect(await parseCommandLine(['--stage-fault', '--json'])).toMatchObject({
      flags: { 'stage-fault': [''], json: true },
    });
  });

  it('refuses a command that does not exist', async () => {
    expect(() => parseCommandLine(['rnu', '--vus', '5'])).toThrow(ConfigError);
    expect(() => parseCommandLine(['rnu'])).toThrow('no such command, did you mean run? (seen rnu)');
    expect(() => parseCommandLine(['help', 'xyzzy'])).toThrow('wanted run, stage, judge');
  });

  it('does not take a flag for the value of another one', async () => {
    expect(await parseCommandLine(['--out', '--json'])).toMatchObject({ flags: { out: '', json: true } });
  });

  it('wants the folder that is to be judged, and only one', async () => {
    expect(await parseCommandLine(['judge', 'runs/x', '--json'])).toEqual({
      command: 'judge',
      word: 'runs/x',
      flags: { json: true },
      issues: [],
    });
    expect(await issuesOf('judge')).toEqual(['judge: DIR is missing']);
    expect(await issuesOf('judge', 'a', 'b')).toEqual(['command line: "b" belongs to no flag']);
  });

  it.each([
    { argv: ['--help'], flags: RUN_FLAGS },
    { argv: ['-h'], flags: RUN_FLAGS },
    { argv: ['help'], flags: RUN_FLAGS },
    { argv: ['help', 'stage'], flags: STAGE_FLAGS },
    { argv: ['publish', '--help'], flags: PUBLISH_FLAGS },
    { argv: ['stage', '--help'], flags: STAGE_FLAGS },
  ])('$argv names every flag of its command, in 80 columns', async ({ argv, flags }) => {
    const text = helpOf(argv);
    for (const name of Object.keys(flags)) expect(text).toContain(`--${name}`);
    expect(text.split('\n').filter((row) => row.length > 80)).toEqual([]);
  });

  it('says what stands for each value, and which flags may be repeated', () => {
    for (const flags of [RUN_FLAGS, JUDGE_FLAGS, PUBLISH_FLAGS, STAGE_FLAGS, USERS_FLAGS, INIT_FLAGS]) {
      const unnamed = Object.entries<FlagSpec>(flags).filter(
        ([, spec]) => spec.kind !== 'switch' && !(spec.placeholder ?? spec.path ?? spec.values ?? spec.pairs),
      );
      expect(unnamed.map(([name]) => name)).toEqual([]);
    }
    expect(helpOf(['--help'], 200)).toMatch(/--allow-target HOST .*; repeat for several$/m);
    expect(helpOf(['--help'], 200)).not.toMatch(/--local-ips.*repeat/);
  });

  it('names every command and the exit codes in the help of the program, and examples', () => {
    const text = helpOf(['--help']);
    for (const name of Object.keys(COMMANDS)) expect(text).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    expect(text).toContain('111 run');
    expect(text).toContain('Examples:\n  dorami-load --vus 50');
  });

  it('uses the width of a wider terminal, as far as lines stay readable', () => {
    const widest = (columns: number): number =>
      Math.max(
        ...helpOf(['--help'], columns)
          .split('\n')
          .map((row) => row.length),
      );
    expect(widest(40)).toBeLessThanOrEqual(80);
    expect(widest(100)).toBeGreaterThan(80);
    expect(widest(100)).toBeLessThanOrEqual(100);
    expect(widest(500)).toBeLessThanOrEqual(110);
  });

  it('knows --version, also beside other flags', async () => {
    expect(await parseCommandLine(['--version'])).toEqual({ command: 'version' });
    expect(await parseCommandLine(['run', '--vus', '5', '--version'])).toEqual({ command: 'version' });
  });
});
