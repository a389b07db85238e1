import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfig } from '../config.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { readRunCollect } from './collect-flags.js';

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'run-collect-')), 'sources.yaml');
  writeFileSync(path, text);
  return path;
}

const WITH_COOKIE = `json:
  - name: monitoring
    url: http://127.0.0.1:1/
    cookie-env: ADMIN_COOKIE
    values: { heap: data.heap }
`;

test('what the file says is part of the run’s configuration, and the cookie it names is not to be read there', () => {
  const issues: ConfigIssue[] = [];
  const env = { ADMIN_COOKIE: 'session=very-secret' };
  const collect = readRunCollect(fileOf(WITH_COOKIE), '--collect', {}, env, issues);
  expect(issues).toEqual([]);
  const config = resolveConfig({}, { cores: 2, collect });
  expect(config.collect).toMatchObject({ intervalMs: 5000, config: { json: [{ name: 'monitoring' }] } });
  expect(JSON.stringify(config)).not.toContain('very-secret');
  expect(config.collect?.secrets.map((secret) => secret.reveal())).toEqual(['session=very-secret']);
});

test('what is wrong with the file is told at once with what is wrong with the flags', () => {
  const issues: ConfigIssue[] = [];
  const path = fileOf('interval: 5s\nsrs: { api: "http://203.0.113.9:1985" }\n');
  const collect = readRunCollect(path, '--collect', {}, {}, issues);
  const refused = (): unknown => resolveConfig({ vus: 'many' }, { cores: 2, collect }, issues);
  expect(refused).toThrow(ConfigError);
  try {
    refused();
  } catch (error) {
    const told = (error as ConfigError).issues.map((issue) => `${issue.path} ${issue.problem}`);
    expect(told).toEqual([
      `${path}:2: srs.api 203.0.113.9 is not on this machine and not allowed as a target`,
      '--vus not a whole number in range',
    ]);
  }
});

test('a file that is not there, and a variable that is not set, are problems', () => {
  const issues: ConfigIssue[] = [];
  expect(readRunCollect('/nowhere.yaml', 'dorami.yaml:3: collect', {}, {}, issues)).toBeUndefined();
  readRunCollect(fileOf(WITH_COOKIE), '--collect', {}, {}, issues);
  expect(issues.map(({ path, problem }) => [path, problem])).toEqual([
    ['dorami.yaml:3: collect', 'cannot be read: no such file'],
    ['ADMIN_COOKIE', 'not set'],
  ]);
});
