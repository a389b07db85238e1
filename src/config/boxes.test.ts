import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../config.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { resolveBoxes } from './boxes.js';
import { isInClear, resolveBroker, resolveEmbedded } from './broker.js';
import type { RunFlags } from './flags.js';

const URL_WITH_PASSWORD = 'nats://agent:pass-word-1@10.0.0.5:4222';

function read(flags: RunFlags) {
  const issues: ConfigIssue[] = [];
  return {
    boxes: resolveBoxes(flags, issues),
    issues: issues.map(({ path, problem }) => `${path}: ${problem}`),
  };
}

describe('the flags of a run over boxes', () => {
  test('say nothing of a run on this machine', () => {
    expect(read({})).toEqual({ boxes: undefined, issues: [] });
  });

  test('name a broker, how many boxes, and what happens when one is lost', () => {
    const { boxes, issues } = read({ nats: URL_WITH_PASSWORD, agents: '3' });
    expect(issues).toEqual([]);
    expect(boxes).toMatchObject({ least: 3, exactly: 3, waitMs: 60_000, tolerated: 0 });
    expect(boxes?.broker).toMatchObject({ url: 'nats://10.0.0.5:4222' });
    const least = read({
      nats: URL_WITH_PASSWORD,
      'min-agents': '2',
      wait: '90s',
      'on-agent-loss': 'tolerate=1',
    });
    expect(least.issues).toEqual([]);
    expect(least.boxes).toMatchObject({ least: 2, waitMs: 90_000, tolerated: 1 });
    expect(least.boxes).not.toHaveProperty('exactly');
  });

  test('take a broker of the run itself, on this machine unless a host is named', () => {
    const { boxes } = read({ 'embed-nats': '4222', agents: '1', 'nats-cert': 'a.pem', 'nats-key': 'b.pem' });
    expect(boxes?.broker).toEqual({
      embed: { host: '127.0.0.1', port: 4222 },
      tls: { certFile: 'a.pem', keyFile: 'b.pem' },
    });
    const told = read({ 'embed-nats': '4222', agents: '1', 'nats-out': 'agents.url' });
    expect(told.issues).toEqual([]);
    expect(told.boxes?.broker).toMatchObject({ addressFile: 'agents.url' });
    const embedded = (text: string) => {
      const issues: ConfigIssue[] = [];
      return resolveEmbedded(text, issues) ?? issues[0]?.problem;
    };
    expect(embedded('10.0.0.5:0')).toEqual({ host: '10.0.0.5', port: 0 });
    expect(embedded('[::1]:4222')).toEqual({ host: '[::1]', port: 4222 });
    for (const wrong of ['', 'x', '70000', '10.0.0.5:', 'a:b:c'])
      expect(embedded(wrong), wrong).toBe('not a port');
  });

  test.each<[RunFlags, string]>([
    [{ agents: '3' }, '--agents: goes with a broker'],
    [{ 'on-agent-loss': 'fail' }, '--on-agent-loss: goes with a broker'],
    [{ 'nats-out': 'agents.url' }, '--nats-out: goes with a broker'],
    [
      { nats: URL_WITH_PASSWORD, agents: '2', 'nats-out': 'agents.url' },
      '--nats-out: only a broker of the run itself has an address to tell',
    ],
    [{ 'embed-nats': '0', agents: '2', 'nats-out': '' }, '--nats-out: no file given'],
    [{ nats: URL_WITH_PASSWORD }, '--agents: how many boxes is not said'],
    [{ nats: URL_WITH_PASSWORD, agents: '2', 'min-agents': '2' }, '--agents: two ways to say how many boxes'],
    [{ nats: URL_WITH_PASSWORD, agents: '0' }, '--agents: not a whole number in range'],
    [{ nats: URL_WITH_PASSWORD, agents: '501' }, '--agents: not a whole number in range'],
    [{ nats: URL_WITH_PASSWORD, agents: '2', wait: 'soon' }, '--wait: not a time to wait'],
    [{ nats: URL_WITH_PASSWORD, agents: '2', 'on-agent-loss': 'tolerate' }, '--on-agent-loss: not a rule'],
    [{ nats: URL_WITH_PASSWORD, agents: '2', workers: '2' }, '--workers: each box says this for itself'],
    [
      { nats: URL_WITH_PASSWORD, agents: '2', 'embed-nats': '0' },
      '--embed-nats: there is one broker: one that runs, or one of the run itself',
    ],
    [
      { nats: URL_WITH_PASSWORD, agents: '2', 'nats-cert': 'a' },
      '--nats-key: missing: a certificate and its key belong together',
    ],
    [{ 'nats-ca': 'ca.pem' }, '--nats-ca: certificates of a broker that nobody names'],
  ])('%j is refused', (flags, issue) => {
    expect(read(flags).issues).toContain(issue);
  });

  test('are problems of the whole configuration, all at once', () => {
    const wrong = (): unknown => resolveConfig({ nats: 'x', agents: 'y', wait: 'z' }, { cores: 2 });
    expect(wrong).toThrow(ConfigError);
    try {
      wrong();
    } catch (error) {
      expect((error as ConfigError).issues.map(({ path }) => path).sort()).toEqual([
        '--agents',
        '--nats',
        '--wait',
      ]);
    }
  });
});

describe('the address of a broker', () => {
  const refused = (nats: string): string | undefined => {
    const issues: ConfigIssue[] = [];
    expect(resolveBroker({ nats }, issues)).toBeUndefined();
    expect(JSON.stringify(issues)).not.toContain('pass-word-1');
    return issues[0]?.problem;
  };

  test('without user and password is refused, on this machine too', () => {
    for (const url of ['nats://127.0.0.1:4222', 'tls://agent@h:4222', 'nats://:pass-word-1@h:4222'])
      expect(refused(url), url).toContain('no user or no password');
  });

  test('that is none is refused and not quoted', () => {
    for (const url of ['', 'agent:pass-word-1@h', 'http://a:pass-word-1@h', 'nats://a:pass-word-1@h/x?y'])
      expect(refused(url), url).toBe('not the address of a NATS server');
  });

  test('keeps its password out of whatever is shown, and of the settings', () => {
    const config = resolveConfig({ nats: URL_WITH_PASSWORD, agents: '2' }, { cores: 2 });
    expect(JSON.stringify(config)).not.toContain('pass-word-1');
    const { boxes } = config;
    const broker = boxes?.broker;
    if (broker === undefined || 'embed' in broker) throw new Error('no broker');
    expect(broker.secretUrl.reveal()).toBe(URL_WITH_PASSWORD);
  });

  test('tells when what is said to it is in the clear', () => {
    expect(isInClear({ url: 'nats://10.0.0.5:4222' })).toBe(true);
    expect(isInClear({ url: 'tls://10.0.0.5:4222' })).toBe(false);
    expect(isInClear({ url: 'nats://127.0.0.1:4222,nats://localhost:4223' })).toBe(false);
  });
});
