import { describe, expect, it } from 'vitest';
import type { RunFlags } from './config/flags.js';
import { resolveConfig } from './config.js';
import { ConfigError } from './errors.js';

const host = { cores: 4 };

function issuesOf(flags: RunFlags): string[] {
  try {
    resolveConfig(flags, host);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map((issue) => `${issue.path}: ${issue.problem}`);
    throw error;
  }
  return [];
}

describe('resolveConfig', () => {
  it('without any flag runs smoke with 50 viewers on the embedded stage', () => {
    const config = resolveConfig({}, host);
    expect(config.profile.name).toBe('smoke');
    expect(config).toMatchObject({
      vus: 50,
      seed: 1,
      mix: { hls: 70, flv: 30 },
      writes: true,
      outDir: 'runs',
    });
    expect(config.target).toEqual({ kind: 'stage', faults: [] });
    expect(config.profile.stages.map(({ durationMs }) => durationMs)).toEqual([10_000, 45_000, 5000]);
    expect(config.timeScale).toBeUndefined();
  });

  it('runs baseline with one viewer', () => {
    expect(resolveConfig({ profile: 'baseline' }, host).vus).toBe(1);
  });

  it('reports every problem at once', () => {
    const flags: RunFlags = {
      profile: 'marathon',
      vus: 'ten',
      duration: '90',
      mix: 'hls',
      seed: '-1',
      workers: '0',
      target: 'not a url',
      out: '',
    };
    expect(issuesOf(flags).map((issue) => issue.split(':')[0])).toEqual([
      '--seed',
      '--profile',
      '--vus',
      '--duration',
      '--target',
      '--mix',
      '--workers',
      '--out',
    ]);
  });

  it("puts the rates that are asked for in place of the profile's, and reports what is wrong with them", () => {
    const { profile } = resolveConfig({ rate: ['chat=30s', 'cart-add=off'] }, host);
    expect(profile).toMatchObject({ name: 'smoke', rates: { chatEveryMs: 30_000, productsEveryMs: 5000 } });
    expect(profile.rates.cartAddShare).toBeUndefined();
    expect(resolveConfig({}, host).profile.rates.chatEveryMs).toBe(10_000);
    expect(issuesOf({ rate: ['chat=soon'], vus: '0' })).toEqual([
      '--vus: not a whole number in range',
      '--rate: not a span',
    ]);
  });

  it('makes tokens with a secret from the environment, for the users of a file', () => {
    const env = { JWT: 'a-secret-of-more-than-32-characters-0123456789' };
    const flags = { target: 'http://127.0.0.1:4000', users: 'u.csv', 'jwt-secret-env': 'JWT' };
    expect(resolveConfig(flags, { ...host, env }).jwtSecret?.reveal()).toBe(env.JWT);
    expect(JSON.stringify(resolveConfig(flags, { ...host, env }))).not.toContain('a-secret');
    expect(issuesOf({ 'jwt-secret-env': 'JWT' })).toEqual([
      '--jwt-secret-env: no such variable in the environment',
      '--jwt-secret-env: whose tokens it should make is not said',
    ]);
  });

  it('in page behaviour reads by the timers of the page, unless a rate says otherwise', () => {
    expect(resolveConfig({}, host)).toMatchObject({ behaviour: 'strategy' });
    const { behaviour, profile } = resolveConfig({ behaviour: 'page', rate: ['notices=off'] }, host);
    expect(behaviour).toBe('page');
    expect(profile.rates).toEqual({
      chatEveryMs: 10_000,
      cartAddShare: 0.5,
      productsEveryMs: 5000,
      statusEveryMs: 15_000,
      cartEveryMs: 30_000,
    });
    expect(issuesOf({ behaviour: 'browser' })).toEqual(['--behaviour: no such behaviour']);
    expect(issuesOf({ 'player-profile': 'latest' })).toEqual(['--player-profile: no such player profile']);
    expect(resolveConfig({}, host).playerProfile).toBe('page');
    expect(resolveConfig({ 'player-profile': 'newest' }, host).playerProfile).toBe('newest');
  });

  it('is frozen to the bottom', () => {
    const config = resolveConfig({ target: 'http://127.0.0.1:1' }, host);
    expect(Object.isFrozen(config) && Object.isFrozen(config.mix) && Object.isFrozen(config.target)).toBe(
      true,
    );
    expect(Object.isFrozen(config.profile.stages[0])).toBe(true);
  });

  it.each([
    { vus: '50', cores: 2, workers: 1 },
    { vus: '250', cores: 2, workers: 1 }, // one core is left free
    { vus: '250', cores: 8, workers: 3 }, // 100 viewers each
    { vus: '5000', cores: 8, workers: 7 },
    { vus: '1', cores: 1, workers: 1 },
  ])('plans $workers worker(s) for $vus viewers on $cores cores', ({ vus, cores, workers }) => {
    expect(resolveConfig({ vus }, { cores }).workers).toBe(workers);
  });

  it('never has more workers than viewers', () => {
    expect(resolveConfig({ vus: '2', workers: '8' }, host).workers).toBe(2);
  });

  it('uses --target for every part, and the flags of parts in front of it', () => {
    const config = resolveConfig(
      { target: 'http://127.0.0.1:80/', 'hls-url': 'http://127.0.0.1:81/cdn' },
      host,
    );
    expect(config.target).toMatchObject({
      kind: 'platform',
      loopback: true,
      target: {
        apiUrl: 'http://127.0.0.1',
        socketUrl: 'http://127.0.0.1',
        hlsUrl: 'http://127.0.0.1:81/cdn',
      },
    });
  });

  it('wants a URL for every part when there is no --target', () => {
    expect(issuesOf({ 'api-url': 'http://127.0.0.1:1', 'socket-url': 'http://127.0.0.1:1' })).toEqual([
      '--flv-url: missing',
      '--hls-url: missing',
    ]);
  });

  it('refuses a host off this machine that is not allowed, whichever part names it', () => {
    const key = { 'stream-key': 'abcdef' };
    expect(issuesOf({ ...key, target: 'http://10.0.0.7' })).toEqual([
      '--target: 10.0.0.7 is not on this machine and not allowed as a target',
    ]);
    expect(issuesOf({ ...key, target: 'http://127.0.0.1', 'flv-url': 'http://cdn.example.com' })).toEqual([
      '--flv-url: cdn.example.com is not on this machine and not allowed as a target',
    ]);
    expect(issuesOf({ ...key, target: 'http://10.0.0.7', 'allow-target': ['10.0.0.7'] })).toEqual([]);
  });

  it('off this machine writes only with --allow-writes, and wants the stream key', () => {
    const flags: RunFlags = { target: 'http://shop.example.com', 'allow-target': ['SHOP.example.com'] };
    expect(issuesOf(flags)).toEqual(['--stream-key: missing']);
    const keyed = { ...flags, 'stream-key': 'abcdef' };
    expect(resolveConfig(keyed, host).writes).toBe(false);
    expect(resolveConfig({ ...keyed, 'allow-writes': true }, host).writes).toBe(true);
  });

  it('refuses what belongs to the other kind of target', () => {
    expect(issuesOf({ users: 'users.csv' })[0]).toContain('--users: goes with --target');
    expect(issuesOf({ target: 'http://127.0.0.1', 'stage-fault': ['pause@1s:1s'] })[0]).toContain(
      '--stage-fault',
    );
  });

  it('does not repeat a password or token of a mistyped URL', () => {
    try {
      resolveConfig({ target: 'http://me:hunter2@127.0.0.1/?token=abc' }, host);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toMatch(/hunter2|abc/);
    }
  });
});

describe('lengths and open loads', () => {
  it('fills the profile with the lengths that were asked for', () => {
    const config = resolveConfig({ profile: 'ramp', hold: '30m' }, host);
    expect(config.profile.stages.map(({ durationMs }) => durationMs / 60_000)).toEqual([5, 30, 5]);
    expect(config.timeScale).toBeUndefined();
    expect(resolveConfig({ profile: 'soak', 'time-scale': '0.05' }, host).timeScale).toBe(0.05);
  });

  it('has as many places as an open load takes', () => {
    const config = resolveConfig({ arrivals: '2/s for 2m, stay 1m' }, host);
    expect(config.profile.name).toBe('arrivals');
    expect(config.vus).toBeGreaterThan(110);
    expect(config.vus).toBeLessThan(200);
    expect(config.profile.defaults.vus).toBe(config.vus);
  });

  it.each([
    [{ arrivals: '2/s for 2m, stay 1m', vus: '50' }, ['--vus']],
    [{ arrivals: '2/s for 2m, stay 1m', profile: 'ramp' }, ['--profile']],
    [{ arrivals: '2/s for 2m, stay 1m', hold: '5m', 'time-scale': '0.1' }, ['--hold', '--time-scale']],
    [{ arrivals: '2/s for 2m, stay 1m', ctl: true, 'max-vus': '500' }, ['--ctl', '--max-vus']],
    [{ arrivals: 'two a second' }, ['--arrivals']],
    [{ profile: 'ramp', hold: '5m', duration: '10m' }, ['--hold']],
    [{ profile: 'recovery', duration: '10m' }, ['--duration']],
  ])('refuses %o', (flags, paths) => {
    expect(issuesOf(flags).map((problem) => problem.split(':')[0])).toEqual(paths);
  });
});
