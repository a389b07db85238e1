import { expect, test } from 'vitest';
import type { AgentFlags } from '../config/flags.js';
import { ConfigError } from '../errors.js';
import { resolveAgentFlags } from './agent-flags.js';

const NATS = 'nats://agent:pass-word-1@10.0.0.5:4222';

test('an agent takes its flags, and what is missing from the environment', () => {
  const env = {
    DORAMI_LOAD_NATS: NATS,
    DORAMI_LOAD_NAME: 'not-this',
    DORAMI_LOAD_ALLOW_TARGET: 'a.example, b.example',
  };
  const options = resolveAgentFlags(
    { name: 'box-1', 'max-vus': '300', 'dead-man': '30s', once: true },
    [],
    env,
    4,
  );
  expect(options).toMatchObject({
    ...{ name: 'box-1', workers: 3, weight: 4, maxVus: 300, deadManMs: 30_000, once: true, quiet: false },
    ...{ allowTargets: ['a.example', 'b.example'], broker: { url: 'nats://10.0.0.5:4222' } },
  });
  expect(JSON.stringify(options)).not.toContain('pass-word-1');
});

test.each<[AgentFlags, string]>([
  [{}, '--nats: missing'],
  [{ nats: 'nats://10.0.0.5' }, '--nats: no user or no password'],
  [{ nats: NATS, name: 'a.b' }, '--name: not a name'],
  [{ nats: NATS, name: '' }, '--name: not a name'],
  [{ nats: NATS, workers: '0' }, '--workers: not a whole number in range'],
  [{ nats: NATS, weight: 'x' }, '--weight: not a whole number in range'],
  [{ nats: NATS, 'dead-man': '1s' }, '--dead-man: not a time in range'],
  [{ nats: NATS, 'allow-target': ['http://x/y'] }, '--allow-target: not a host'],
  [{ nats: NATS, 'local-ips': ['x'] }, '--local-ips: '],
  [{ nats: NATS, dir: '' }, '--dir: no folder given'],
])('%j is refused', (flags, problem) => {
  let seen: unknown;
  try {
    resolveAgentFlags(flags, [], {}, 2);
  } catch (error) {
    seen = error;
  }
  expect(seen).toBeInstanceOf(ConfigError);
  expect((seen as ConfigError).message).toContain(problem);
  expect((seen as ConfigError).message).not.toContain('pass-word-1');
});
