import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHELLS } from '../../src/cli/commands.js';
import { completionScript } from '../../src/cli/completion/script.js';
import { needs } from './available.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-shell-'));
  mkdirSync(join(folder, 'runs'));
  writeFileSync(join(folder, 'users of today.csv'), '');
  for (const shell of SHELLS)
    writeFileSync(join(folder, `_dorami-load.${shell}`), completionScript(shell) ?? '');
  writeFileSync(join(folder, '_dorami-load'), completionScript('zsh') ?? '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Line as typed before Tab, and what becomes of it. */
const COMPLETED: readonly (readonly [string, string])[] = [
  ['dorami-load st', 'dorami-load stage'],
  ['dorami-load --prof', 'dorami-load --profile'],
  ['dorami-load --profile sm', 'dorami-load --profile smoke'],
  ['dorami-load --profile=ba', 'dorami-load --profile=baseline'],
  ['dorami-load --vus 5 --quie', 'dorami-load --vus 5 --quiet'],
  ['dorami-load run --print-p', 'dorami-load run --print-plan'],
  ['dorami-load stage --users-c', 'dorami-load stage --users-count'],
  ['dorami-load judge ru', 'dorami-load judge runs'],
  ['dorami-load --out ru', 'dorami-load --out runs'],
  ['dorami-load --users us', 'dorami-load --users users\\ of\\ today.csv'],
  ['dorami-load completion fi', 'dorami-load completion fish'],
  ['dorami-load help ju', 'dorami-load help judge'],
  ['dorami-load pub', 'dorami-load publish'],
  ['dorami-load tra', 'dorami-load trace'],
  ['dorami-load trace --prot', 'dorami-load trace --protocol'],
  ['dorami-load trace --protocol hl', 'dorami-load trace --protocol hls'],
  ['dorami-load timeline ru', 'dorami-load timeline runs'],
  ['dorami-load --player-profile ne', 'dorami-load --player-profile newest'],
];

/** Lines that have nothing to complete: a flag of another command, a value of the user's own. */
const NOT_COMPLETED: readonly string[] = [
  'dorami-load stage --quie',
  'dorami-load --vus ru',
  'dorami-load zzz',
];

const COMMAND_NAMES = ['run', 'stage', 'judge', 'publish', 'trace', 'timeline', 'init', 'completion', 'help'];

function run(shell: string, args: readonly string[], input = ''): string {
  const env = { ...process.env, TERM: 'dumb', HOME: folder, PS1: '' };
  const done = spawnSync(shell, [...args], { input, cwd: folder, env, encoding: 'utf8', timeout: 30_000 });
  return `${done.stdout}${done.stderr}`;
}

describe('in bash, with its own line editor', () => {
  function typed(line: string): string {
    const bell = '\u0007';
    return run('bash', ['--norc', '-i'], `source ./_dorami-load.bash\n${line}\t\nexit\n`).replaceAll(
      bell,
      '',
    );
  }

  test.for(COMPLETED)('%s -> %s', ([line, wanted], context) => {
    needs(context, 'bash');
    expect(typed(line)).toContain(wanted);
  });

  test.for(NOT_COMPLETED)('%s stays as it is', (line, context) => {
    needs(context, 'bash');
    expect(typed(line).split('\n')).toContain(line);
  });

  test('two Tabs list what there is', (context) => {
    needs(context, 'bash');
    const text = run('bash', ['--norc', '-i'], 'source ./_dorami-load.bash\ndorami-load \t\t\nexit\n');
    for (const name of COMMAND_NAMES) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe('in fish', () => {
  function offered(line: string): string[] {
    const script = `source ./_dorami-load.fish; complete -C ${JSON.stringify(line)}`;
    const rows = run('fish', ['-N', '-c', script]).split('\n');
    return rows.map((row) => (row.split('\t')[0] ?? '').replace(/\/$/, ''));
  }

  test.for(COMPLETED)('%s -> %s', ([line, wanted], context) => {
    needs(context, 'fish');
    const typed = line.slice(0, line.lastIndexOf(' ') + 1);
    expect(offered(line)).toContain(wanted.slice(typed.length).replaceAll('\\ ', ' '));
  });

  test.for(NOT_COMPLETED)('%s stays as it is', (line, context) => {
    needs(context, 'fish');
    expect(offered(line)).toEqual(['']);
  });
});

describe('in zsh', () => {
  /** What the script hands to zsh's own completion for these words, the last being the one that is typed. */
  function handed(...words: string[]): string {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `
      compdef() { :; }
      _arguments() { print -rl -- "$@"; }
      _describe() { print -rl -- "\${(P)2[@]}"; }
      source ./_dorami-load
      words=(${quoted}) CURRENT=${words.length} PREFIX=${JSON.stringify(words.at(-1))}
      _dorami_load`;
    return run('zsh', ['-f', '-c', script]);
  }

  test('its script is one that zsh can read', (context) => {
    needs(context, 'zsh');
    expect(run('zsh', ['-n', './_dorami-load'])).toBe('');
  });

  test('commands stand in the place of the first word', (context) => {
    needs(context, 'zsh');
    const text = handed('dorami-load', '');
    for (const name of COMMAND_NAMES) expect(text).toMatch(new RegExp(`^${name}:`, 'm'));
  });

  test('flags are those of the command, of run when none is named, with what their values can be', (context) => {
    needs(context, 'zsh');
    const usual = handed('dorami-load', '--');
    expect(usual).toMatch(/^--profile=\[which load to run\b.*\]:value:\(smoke baseline.*\)$/m);
    expect(usual).toMatch(/^--users=\[CSV file with userId,accessToken\\\[.*:value:_files$/m);
    expect(usual).toMatch(/^--out=\[.*:value:_files -\/$/m);
    expect(usual).toMatch(/^\*--allow-target=/m);
    expect(usual).toMatch(/^--quiet\[/m);
    expect(handed('dorami-load', '--vus', '5', '--')).toBe(usual);
    expect(handed('dorami-load', 'run', '--')).toBe(usual);
    const stage = handed('dorami-load', 'stage', '--');
    expect(stage).toMatch(/^--users-count=/m);
    expect(stage).not.toContain('--profile');
    expect(handed('dorami-load', 'completion', '')).toMatch(/^1:completion:\(bash zsh fish\)$/m);
  });
});
