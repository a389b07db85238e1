import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../config.js';
import { ConfigError, type ConfigIssue, formatIssue } from '../errors.js';
import type { Environment } from './env-layer.js';
import type { RunFlags } from './flags.js';
import { type Given, gather } from './gather.js';
import { formatSettings } from './settings.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function read(flags: RunFlags, env: Environment = {}): Given & { issues: string[] } {
  const issues: ConfigIssue[] = [];
  const given = gather(flags, { env, folder }, issues);
  return { ...given, issues: issues.map(formatIssue) };
}

/** Key -> `value source` as `--print-config` shows it. */
function settings(flags: RunFlags, env: Environment = {}): Record<string, string> {
  const issues: ConfigIssue[] = [];
  const given = gather(flags, { env, folder }, issues);
  const config = resolveConfig(given.flags, { cores: 2 }, issues, given.origins);
  return Object.fromEntries(
    formatSettings(config.settings)
      .split('\n')
      .map((line) => [line.split(' ')[0], line.replace(/^\S+\s+/, '').replace(/\s+/g, ' ')]),
  );
}

/** The places that a configuration error names. */
function pathsOf(resolve: () => unknown): string[] {
  try {
    resolve();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('the five layers', () => {
  it('each stand above the one before, key by key, and every value names its own', () => {
    write('dorami-load.yaml', 'profile: baseline\nseed: 2\nworkers: 3\nout: file\nquiet: true\n');
    const env = { DORAMI_LOAD_WORKERS: '4', DORAMI_LOAD_OUT: 'env', DORAMI_LOAD_VUS: '9' };
    expect(settings({ out: 'flag', quiet: false }, env)).toMatchObject({
      json: 'false default',
      mix: 'hls=0,flv=100 profile baseline',
      seed: '2 file dorami-load.yaml:2',
      workers: '4 env DORAMI_LOAD_WORKERS',
      vus: '9 env DORAMI_LOAD_VUS',
      out: 'flag flag',
      quiet: 'false flag',
      duration: '- default',
      config: 'dorami-load.yaml found here',
    });
  });

  it('replace pairs name by name, and each names its own layer', () => {
    write('dorami-load.yaml', 'rate: { chat: 30s, status: 15s, cart-add: off }\n');
    const env = { DORAMI_LOAD_RATE: 'chat=20s,orders=2%' };
    const issues: ConfigIssue[] = [];
    const given = gather({ rate: ['orders=4%'] }, { env, folder }, issues);
    const config = resolveConfig(given.flags, { cores: 2 }, issues, given.origins);
    expect(config.profile.rates).toMatchObject({
      chatEveryMs: 20_000,
      statusEveryMs: 15_000,
      ordersPerHourShare: 0.04,
    });
    const { value, source } = config.settings.find(({ key }) => key === 'rate') ?? {};
    expect((value as string[]).map((pair, index) => `${pair} ${source?.[index]}`)).toEqual([
      'chat=20s env DORAMI_LOAD_RATE',
      'products=5s profile smoke',
      'status=15s file dorami-load.yaml:1',
      'orders=4% flag',
      'cart-add=off file dorami-load.yaml:1',
    ]);
  });

  it('blame a bad pair on the layer that says it', () => {
    write('dorami-load.yaml', 'rate: { chat: 30 }\n');
    const given = read({ rate: ['orders=x'] }, { DORAMI_LOAD_RATE: 'status=y' });
    const paths = pathsOf(() => resolveConfig(given.flags, { cores: 2 }, [], given.origins));
    expect(paths).toEqual(['dorami-load.yaml:1: rate', 'DORAMI_LOAD_RATE', '--rate']);
  });

  it('say what the page sets in place of the profile, and what a run lowers', () => {
    const lines = Object.entries(settings({ behaviour: 'page', workers: '8', vus: '2' }));
    expect(lines).toContainEqual(['workers', '2 flag, lowered from 8']);
    const config = resolveConfig({ behaviour: 'page' }, { cores: 2 });
    const rate = config.settings.find(({ key }) => key === 'rate');
    expect(rate?.source).toContain('behaviour page');
    expect(rate?.source).toContain('profile smoke');
  });

  it('replace a list, and do not add to it', () => {
    write('dorami-load.yaml', 'allow-target: [a.example.com, b.example.com]\n');
    expect(read({ 'allow-target': ['c.example.com'] }).flags['allow-target']).toEqual(['c.example.com']);
  });

  it('tell all their problems at once, each under the name of its place', () => {
    write('dorami-load.yaml', 'vus: ten\nsede: 1\n');
    const issues: ConfigIssue[] = [{ path: '--foo', problem: 'no such flag' }];
    const env = { DORAMI_LOAD_WORKERS: 'x', DORAMI_LOAD_NOPE: 'x' };
    const given = gather({ duration: '9' }, { env, folder }, issues);
    const paths = pathsOf(() => resolveConfig(given.flags, { cores: 2 }, issues, given.origins));
    expect(paths).toEqual([
      '--foo',
      'dorami-load.yaml:2: sede',
      'DORAMI_LOAD_NOPE',
      'dorami-load.yaml:1: vus',
      '--duration',
      'DORAMI_LOAD_WORKERS',
    ]);
  });

  it('show no stream key', () => {
    expect(settings({ 'stream-key': 'hunter2' })['stream-key']).toBe('*** flag');
    expect(settings({}, { DORAMI_LOAD_STREAM_KEY: 'hunter2' })['stream-key']).toBe(
      '*** env DORAMI_LOAD_STREAM_KEY',
    );
  });
});

describe('the configuration file', () => {
  it.each(['dorami-load.yaml', 'dorami-load.yml', 'dorami-load.json'])(
    'is %s of the working folder',
    (name) => {
      write(name, '{ "vus": 7 }');
      expect(read({})).toMatchObject({ flags: { vus: '7' }, file: { path: name, found: true }, issues: [] });
    },
  );

  it('is not guessed when there are two', () => {
    write('dorami-load.yaml', 'vus: 7');
    write('dorami-load.json', '{}');
    expect(read({}).issues).toEqual([
      'configuration: dorami-load.yaml and dorami-load.json are both here (wanted one of them, or --config FILE)',
    ]);
  });

  it('is the named one: by flag, before the environment', () => {
    write('dorami-load.yaml', 'vus: 7');
    const [a, b] = [write('a.yaml', 'vus: 1'), write('b.yaml', 'vus: 2')];
    expect(read({ config: a }, { DORAMI_LOAD_CONFIG: b })).toMatchObject({ flags: { vus: '1' }, issues: [] });
    expect(read({}, { DORAMI_LOAD_CONFIG: b })).toMatchObject({
      flags: { vus: '2' },
      file: { path: b, found: false },
    });
  });

  it('is none when none is asked for', () => {
    write('dorami-load.yaml', 'vus: 7');
    expect(read({ config: 'none' }).flags).toEqual({ config: 'none' });
  });

  it('that cannot be read is a problem in words, under the name of who named it', () => {
    const wanted = 'wanted a YAML or JSON file';
    mkdirSync(join(folder, 'x'));
    const big = write('big.yaml', `vus: 1\n#${'x'.repeat(70_000)}`);
    const latin = write('latin.yaml', Buffer.from([0x76, 0x75, 0x73, 0x3a, 0x20, 0xff]));
    symlinkSync('/dev/zero', join(folder, 'zero.yaml'));
    const problem = (config: string): string | undefined =>
      read({ config }).issues[0]?.replaceAll(folder, '.');
    expect(problem(join(folder, 'no.yaml'))).toBe(
      `--config: cannot be read: no such file (seen ./no.yaml, ${wanted})`,
    );
    expect(problem(join(folder, 'x'))).toContain('a folder');
    expect(problem(big)).toContain('larger than 65536 bytes');
    expect(problem(latin)).toContain('not UTF-8');
    expect(problem(join(folder, 'zero.yaml'))).toContain('not a file');
    expect(problem('')).toContain('--config: cannot be read');
    expect(read({}, { DORAMI_LOAD_CONFIG: 'no.yaml' }).issues[0]).toContain(
      'DORAMI_LOAD_CONFIG: cannot be read',
    );
  });

  it('may begin with a byte order mark and end its lines as Windows does', () => {
    write('dorami-load.yaml', '\ufeffvus: 7\r\nseed: 3\r\n');
    expect(read({})).toMatchObject({ flags: { vus: '7', seed: '3' }, issues: [] });
  });
});
