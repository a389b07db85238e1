import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../config.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { fileLayer, isFileless } from './file-layer.js';
import { RUN_ROWS, type RunFlags } from './flags.js';
import { configJsonSchema } from './json-schema.js';
import type { Layer } from './layer.js';
import { configTemplate } from './template.js';

const text = configTemplate('schema.json');
const KEYS = Object.keys(RUN_ROWS).filter((key) => !isFileless(RUN_ROWS[key]));
const accepts = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configJsonSchema());

function read(content: string, path = 'f.yaml'): { layer: Layer; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  return { layer: fileLayer(path, content, RUN_ROWS, issues), issues };
}

/** What some settings make sense with only. */
const PLATFORM = { target: 'http://127.0.0.1:1', 'stream-key': 'demo' };
const OWN_URL = {
  ...PLATFORM,
  'allow-target': ['staging', 'api', 'socket', 'flv', 'hls'].map((name) => `${name}.example.com`),
};
const BROKER = { nats: 'nats://u:p@127.0.0.1:4222' };
const COMPANY: Readonly<Record<string, RunFlags>> = {
  users: PLATFORM,
  parity: PLATFORM,
  'jwt-secret-env': { ...PLATFORM, users: 'users.csv' },
  'api-url': OWN_URL,
  'socket-url': OWN_URL,
  'flv-url': OWN_URL,
  'hls-url': OWN_URL,
  target: OWN_URL,
  steps: { profile: 'escalation' },
  'nats-ca': { ...BROKER, agents: '1' },
  'nats-cert': { ...BROKER, agents: '1', 'nats-key': 'key.pem' },
  'nats-key': { ...BROKER, agents: '1', 'nats-cert': 'box.pem' },
  'embed-nats': { agents: '1' },
  'nats-out': { 'embed-nats': '4222', agents: '1' },
  agents: BROKER,
  'min-agents': BROKER,
  wait: { ...BROKER, agents: '1' },
  'on-agent-loss': { ...BROKER, agents: '1' },
};
const env = { STAGING_JWT_SECRET: 'a-secret-of-enough-characters-for-anyone' };

function problemsOf(key: string, layer: Layer): ConfigIssue[] {
  try {
    resolveConfig({ ...COMPANY[key], ...(layer.values as RunFlags) }, { cores: 2, env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...error.issues];
  }
  return [];
}

/** The template with the line of `key` alone in force. */
function only(key: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith(`#${key}: `) ? line.slice(1) : line.replace(/^[a-z]/, '#$&')))
    .map((line) => (line.startsWith(`#${key}: `) ? line.slice(1) : line))
    .join('\n');
}

describe('the written configuration file', () => {
  it('can be used as it is', () => {
    const { layer, issues } = read(text);
    expect(issues).toEqual([]);
    expect(layer.values).toEqual({ profile: 'smoke', vus: '50' });
    expect(resolveConfig(layer.values as RunFlags, { cores: 2 }).vus).toBe(50);
  });

  it('tells editors where the schema is, in its first line', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=schema.json');
  });

  it.each(KEYS)('has a line for %s that can be uncommented', (key) => {
    const { layer, issues } = read(only(key));
    expect(issues).toEqual([]);
    expect(Object.keys(layer.values)).toEqual([key]);
    expect(problemsOf(key, layer)).toEqual([]);
  });

  it('has no line for what does not belong in a file', () => {
    expect(text).not.toMatch(/^#?(stream-key|config|print-plan|print-config):/m);
    expect(text).toContain('DORAMI_LOAD_STREAM_KEY');
  });

  it('is readable in 80 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  it.each(KEYS)('takes the same values for %s as a run does', (key) => {
    for (const value of ['a', 5, true, ['a', 5], { a: 'b' }, { a: [1] }, [[1]], null]) {
      const { issues } = read(JSON.stringify({ [key]: value }), 'f.json');
      const listed = RUN_ROWS[key]?.values;
      // Listed values are checked by the run itself, with the others.
      if (listed === undefined)
        expect(accepts({ [key]: value }), JSON.stringify(value)).toBe(issues.length === 0);
      else for (const one of listed) expect(accepts({ [key]: one })).toBe(true);
    }
  });

  it('refuses unknown keys, and those that do not belong in a file', () => {
    expect(accepts({ vsu: 5 })).toBe(false);
    expect(accepts({ 'stream-key': 'x' })).toBe(false);
    expect(accepts({ 'print-plan': true })).toBe(false);
    expect(accepts({ $schema: 'x', vus: 5 })).toBe(true);
  });
});

it('takes the file that the README shows', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const shown = /```yaml\n(# dorami-load\.yaml\n[\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const { layer, issues } = read(shown);
  expect(issues).toEqual([]);
  const flags: RunFlags = { ...(layer.values as RunFlags), 'stream-key': 'KEY' };
  expect(resolveConfig(flags, { cores: 2 })).toMatchObject({ vus: 200, usersFile: 'users.csv' });
});
