import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliResult, runCli } from './cli.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function call(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runCli(args, { cwd: folder, env });
}

describe('settings', () => {
  test('come from five layers, and --print-config names each', async () => {
    writeFileSync(join(folder, 'dorami-load.yaml'), 'seed: 2\nworkers: 3\nmix: { hls: 50, flv: 50 }\n');
    const env = { DORAMI_LOAD_WORKERS: '2', DORAMI_LOAD_STREAM_KEY: 'hunter2-show' };
    const result = await call(['--print-config', '--out', 'elsewhere'], env);
    expect(result.code, result.stderr).toBe(0);
    const rows = result.stdout.split('\n').map((row) => row.trim().replace(/ +/g, ' '));
    expect(rows).toContain('profile smoke default');
    expect(rows).toContain('vus 50 profile smoke');
    expect(rows).toContain('seed 2 file dorami-load.yaml:1');
    expect(rows).toContain('mix hls=50,flv=50 file dorami-load.yaml:3');
    expect(rows).toContain('workers 2 env DORAMI_LOAD_WORKERS');
    expect(rows).toContain('out elsewhere flag');
    expect(rows).toContain('stream-key *** env DORAMI_LOAD_STREAM_KEY');
    expect(result.stdout + result.stderr).not.toContain('hunter2');
    expect(result.stderr).toBe('settings from dorami-load.yaml (--config none leaves it out)\n');
  });

  test('as data with --json', async () => {
    const result = await call(['--print-config', '--json', '--vus', '7', '--rate', 'chat=30s']);
    const settings = JSON.parse(result.stdout) as Record<string, { value: unknown; source: unknown }>;
    expect(settings.vus).toEqual({ value: '7', source: 'flag' });
    expect(settings.duration).toEqual({ value: null, source: 'default' });
    expect(settings.rate).toMatchObject({ value: expect.arrayContaining(['chat=30s']) });
    expect(result.stderr).toBe('');
  });

  test('of a file in the working folder are left out with --config none', async () => {
    writeFileSync(join(folder, 'dorami-load.yaml'), 'vus: ten\n');
    const result = await call(['--config', 'none', '--print-plan']);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toBe('');
  });

  test('that are wrong are all told at once, under the name of their place: 104', async () => {
    writeFileSync(join(folder, 'my.yaml'), 'vus: ten\nsede: 1\nstream-key: hunter2-show\n');
    const env = { DORAMI_LOAD_SEED: '-1', DORAMI_LOAD_PASSWORD: 'hunter2' };
    const result = await call(['--config', 'my.yaml', '--duration', '90', '--vsu', '5'], env);
    expect(result.code).toBe(104);
    for (const words of [
      'my.yaml:1: vus: not a whole number in range (seen ten, wanted 1 to 100000)',
      'my.yaml:2: sede: no such key, did you mean seed?',
      'my.yaml:3: stream-key: is a secret and does not belong in a file',
      'DORAMI_LOAD_SEED: not a whole number in range (seen -1, wanted 0 to',
      'DORAMI_LOAD_PASSWORD: no such variable',
      '--duration: not a duration (seen 90, wanted e.g. 90s',
      '--vsu: no such flag, did you mean --vus?',
    ]) {
      expect(result.stderr).toContain(words);
    }
    expect(result.reason).toContain('7 problems');
    expect(result.stderr).not.toContain('hunter2');
  });

  test('that only show themselves as wrong later are named after their place too', async () => {
    writeFileSync(join(folder, 'dorami-load.yaml'), 'out: dorami-load.yaml\n');
    const result = await call([]);
    expect(result.code).toBe(104);
    expect(result.reason).toContain('dorami-load.yaml:1: out: cannot write');
  });
});

describe('init', () => {
  test('writes a file that the next call reads, and never writes over one', async () => {
    expect(await call(['init'])).toMatchObject({ code: 0, stderr: 'wrote dorami-load.yaml\n', stdout: '' });
    const text = readFileSync(join(folder, 'dorami-load.yaml'), 'utf8');
    const plan = await call(['--print-plan']);
    expect(plan.code, plan.stderr).toBe(0);
    expect(plan.stderr).toMatch(/^settings from dorami-load\.yaml /);
    const again = await call(['init']);
    expect(again.code).toBe(104);
    expect(again.reason).toContain('is there already');
    expect(readFileSync(join(folder, 'dorami-load.yaml'), 'utf8')).toBe(text);
  });
});

describe('the command helps', () => {
  test.each([
    [['help'], 'Usage: dorami-load [run]'],
    [['help', 'judge'], 'Usage: dorami-load judge DIR'],
    [['init', '--help'], 'Usage: dorami-load init'],
    [['completion', 'bash'], 'complete -F _dorami_load dorami-load'],
    [['completion', 'zsh'], '#compdef dorami-load'],
    [['completion', 'fish'], 'complete -c dorami-load'],
  ])('%j prints on stdout and ends with 0', async (args, words) => {
    const result = await call(args);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain(words);
  });

  test.each([
    [['jugde', 'x'], 'no such command, did you mean judge?'],
    [['completion', 'tcsh'], 'wanted bash, zsh, fish'],
    [['completion'], 'SHELL is missing'],
    [['--profile', 'smok'], 'no such profile, did you mean smoke?'],
  ])('%j is 104, and says what was meant', async (args, words) => {
    const result = await call(args);
    expect(result.code).toBe(104);
    expect(result.reason).toContain(words);
  });
});
