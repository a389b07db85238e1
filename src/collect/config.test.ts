import { describe, expect, it } from 'vitest';
import { treeOfText } from '../config/tree-file.js';
import { type ConfigIssue, formatIssue } from '../errors.js';
import { checkCollectConfig } from './config.js';
import { collectSecrets } from './make-sources.js';

function check(text: string, allow: readonly string[] = []) {
  const issues: ConfigIssue[] = [];
  const tree = treeOfText('s.yaml', text, issues);
  const config = tree === undefined ? undefined : checkCollectConfig(tree, allow, issues);
  return { config, words: issues.map(formatIssue) };
}

describe('the file of sources', () => {
  it('tells all problems at once, with their lines', () => {
    const { words } = check(`interval: soon
processes:
  - { name: a, pid: 1, match: x }
  - { name: b, match: "(" }
nginx:
  format: $status
  acces-log: /x
srs: { api: "http://u:p@127.0.0.1" }
`);
    expect(words).toEqual([
      's.yaml:1: interval: not a span of time',
      's.yaml:3: processes[0]: wants exactly one of pid, match and cgroup',
      's.yaml:4: processes[1].match: not a regular expression',
      's.yaml:6: nginx.format: not a log_format that lines can be told apart by',
      's.yaml:7: nginx.acces-log: no such key',
      's.yaml:8: srs.api: not an http(s) URL without credentials',
    ]);
  });

  it('knows Docker, bands of bitrates and the monitoring of the backend', () => {
    const { words } = check(`docker: { host: "ssh://box", containers: [{ match: "(" }] }
srs: { api: "http://127.0.0.1", bitrate: { min-kbps: 900, max-kbps: 500 } }
backend: { monitoring: { url: "http://127.0.0.1/m", fields: { heap_used_mb: { at: a.b, unit: ms } } } }
`);
    expect(words).toEqual([
      's.yaml:1: docker.host: not unix:///PATH, /PATH or tcp://HOST:PORT',
      's.yaml:1: docker.containers[0].match: not a regular expression',
      's.yaml:2: srs.bitrate: ends before it begins',
      expect.stringContaining('s.yaml:3: backend.monitoring.fields.heap_used_mb.unit: '),
    ]);
    expect(check('docker: {}').words[0]).toContain('wants containers, a project, or both');
    expect(check('docker: { host: "tcp://box:2375", project: live }').words[0]).toContain(
      'box is not on this machine',
    );
    expect(check('docker: { host: "tcp://box:2375", project: live }', ['box']).words).toEqual([]);
    expect(check('generator: true').words).toEqual([]);
  });

  it('takes another bound or time of an alert, and says which alert there is not', () => {
    const ok = check(
      'backend: { health: "http://127.0.0.1:1/h" }\nalerts: { redis-hits: off, redis-ops: { bound: 5, for: 30s } }',
    );
    expect(ok.words).toEqual([]);
    expect(ok.config?.alerts).toEqual({ 'redis-hits': 'off', 'redis-ops': { bound: 5, for: '30s' } });
    const { words } = check('backend: { health: "http://127.0.0.1:1/h" }\nalerts: { redis-hit: off }');
    expect(words).toHaveLength(1);
    expect(words[0]).toContain('s.yaml:2: alerts');
    expect(
      check('backend: { health: "http://127.0.0.1:1/h" }\nalerts: { redis-ops: { for: soon } }').words,
    ).toHaveLength(1);
  });

  it('asks only this machine, unless another is allowed', () => {
    const text = 'backend: { health: "https://staging.example.com/h" }';
    expect(check(text).words[0]).toContain('staging.example.com is not on this machine');
    expect(check(text, ['staging.example.com']).config?.backend?.health).toBe(
      'https://staging.example.com/h',
    );
    expect(check('backend: { health: "http://127.0.0.1:3001/h" }').words).toEqual([]);
  });

  it('refuses a file without a source, names given twice and a hurry', () => {
    expect(check('interval: 5s').words[0]).toContain('no source');
    const twice = 'processes: [{ name: a, pid: 1 }, { name: a, pid: 2 }]';
    expect(check(twice).words[0]).toContain('given more than once (seen a)');
    expect(
      check(`interval: 10ms\n${twice.replace('name: a, pid: 2', 'name: b, pid: 2')}`).words[0],
    ).toContain('too short');
  });

  it('asks Redis and PostgreSQL without a password in the address, at this machine', () => {
    const { words } = check(`redis: { url: "redis://:pw@127.0.0.1:6379", chat-key: "chat:{liveid}" }
postgres: { url: "postgresql://a:b@127.0.0.1/db", pool-limit: 0 }
`);
    expect(words).toEqual([
      's.yaml:1: redis.url: not redis[s]://HOST[:PORT][/DATABASE] without credentials',
      's.yaml:1: redis.chat-key: has a place other than {stream} and {live}',
      's.yaml:2: postgres.url: not postgresql://USER@HOST[:PORT]/DATABASE without a password',
      expect.stringMatching(/^s\.yaml:2: postgres\.pool-limit: /),
    ]);
    for (const url of [
      'postgresql://127.0.0.1/db',
      'postgresql://a@127.0.0.1/db?sslmode=disable',
      'mysql://a@h/d',
    ])
      expect(check(`postgres: { url: "${url}" }`).words[0]).toContain('postgres.url: not postgresql://');
    for (const url of ['redis://127.0.0.1/x', 'redis://127.0.0.1%2eexample.com', 'http://127.0.0.1'])
      expect(check(`redis: { url: "${url}" }`).words[0]).toContain('redis.url: not redis[s]://');
    const away = check('redis: { url: "rediss://cache.example.com/2" }').words[0];
    expect(away).toContain('cache.example.com is not on this machine');
    const here = 'redis: { url: "redis://[::1]:6380/0" }\npostgres: { url: "postgres://a%20b@localhost/db" }';
    expect(check(here).words).toEqual([]);
  });

  it('masks the passwords of stores, whatever letters they have', () => {
    const { config } = check(`redis: { url: "redis://127.0.0.1", password-env: R }
postgres: { url: "postgresql://a@127.0.0.1/db", password-env: P }
`);
    const issues: ConfigIssue[] = [];
    expect(config && collectSecrets(config, { R: 'geheimes Wört', P: '' }, issues)).toEqual([
      'geheimes Wört',
    ]);
    expect(issues.map(formatIssue)).toEqual(['P: not a password']);
  });

  it('takes secrets from the environment only, and says which is missing', () => {
    const text =
      'json: [{ name: m, url: "http://127.0.0.1/m", values: { h: a.b }, cookie-env: C, token-env: T }]';
    const { config } = check(text);
    const issues: ConfigIssue[] = [];
    expect(config && collectSecrets(config, { C: 'accessToken=abc' }, issues)).toEqual(['accessToken=abc']);
    expect(issues.map(formatIssue)).toEqual(['T: not set']);
  });
});
