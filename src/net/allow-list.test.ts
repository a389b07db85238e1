import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.js';
import { canonicalHost, createAllowList, isLoopbackAddress } from './allow-list.js';

const NONE = createAllowList([]);

describe('the allow list without entries', () => {
  it.each([
    ['127.0.0.1', 'allowed'],
    ['127.255.255.254', 'allowed'],
    ['::1', 'allowed'],
    ['[::1]', 'allowed'],
    ['[0:0:0:0:0:0:0:1]', 'allowed'],
    ['::ffff:127.0.0.1', 'allowed'],
    ['[::ffff:7f00:1]', 'allowed'],
    // Other spellings of 127.0.0.1, as the URL parser reads them.
    ['2130706433', 'allowed'],
    ['0x7f.1', 'allowed'],
    ['0177.0.0.1', 'allowed'],
    ['127.0.0.1.', 'allowed'],
    // Names: nothing is known before they are resolved.
    ['localhost', 'needs_address'],
    ['LOCALHOST.', 'needs_address'],
    ['127.0.0.1.evil.test', 'needs_address'],
    ['evil.test', 'needs_address'],
    ['0.0.0.0', 'refused'],
    ['0', 'refused'],
    ['::', 'refused'],
    ['::ffff:0.0.0.0', 'refused'],
    ['128.0.0.1', 'refused'],
    ['126.255.255.255', 'refused'],
    ['10.0.0.1', 'refused'],
    ['0x0a000001', 'refused'],
    ['169.254.169.254', 'refused'],
    ['192.168.1.1', 'refused'],
    ['::ffff:10.0.0.1', 'refused'],
    ['::127.0.0.1', 'refused'],
    ['64:ff9b::7f00:1', 'refused'],
    ['::1%lo', 'refused'],
    ['fe80::1%eth0', 'refused'],
    ['', 'refused'],
    ['127.0.0.1@evil.test', 'refused'],
    ['127.0.0.1:80@evil.test', 'refused'],
    ['127.0.0.1:80', 'refused'],
    ['127.0.0.1/evil', 'refused'],
    ['127.0.0.1\\evil', 'refused'],
    ['127.0.0.1#evil', 'refused'],
    ['127.0.0.1 ', 'refused'],
    ['127.0.0.1%00.evil.test', 'refused'],
    ['999.0.0.1', 'refused'],
  ] as const)('host %j is %s', (host, verdict) => {
    expect(NONE.check(host)).toBe(verdict);
  });

  it.each([
    ['localhost', '127.0.0.1', 'allowed'],
    ['localhost', '::1', 'allowed'],
    ['localhost', '10.0.0.5', 'refused'],
    ['platform.test', '127.0.0.2', 'allowed'],
    ['platform.test', '::ffff:127.0.0.1', 'allowed'],
    ['platform.test', '93.184.216.34', 'refused'],
    ['platform.test', '0.0.0.0', 'refused'],
    ['platform.test', '::', 'refused'],
    ['platform.test', 'not an address', 'refused'],
    ['127.0.0.1', '10.0.0.5', 'refused'],
    ['::1', '0:0:0:0:0:0:0:1', 'allowed'],
  ] as const)('host %j resolved to %s is %s', (host, address, verdict) => {
    expect(NONE.check(host, address)).toBe(verdict);
  });

  it('refuses what a URL with user information really leads to', () => {
    const host = new URL('http://127.0.0.1@evil.test/').hostname;
    expect(NONE.check(host)).toBe('needs_address');
    expect(NONE.check(host, '93.184.216.34')).toBe('refused');
  });
});

describe('the allow list with entries', () => {
  const list = createAllowList([
    'Live.Example.TEST',
    '10.1.2.3',
    '192.168.7.0/24',
    'fd00::/8',
    '2001:db8::1',
  ]);

  it.each([
    ['live.example.test', undefined, 'allowed'],
    ['LIVE.example.test.', '203.0.113.9', 'allowed'],
    ['sub.live.example.test', undefined, 'needs_address'],
    ['sub.live.example.test', '203.0.113.9', 'refused'],
    ['evil-live.example.test', '203.0.113.9', 'refused'],
    ['live.example.test.evil.test', '203.0.113.9', 'refused'],
    ['10.1.2.3', undefined, 'allowed'],
    ['10.1.2.3', '10.1.2.3', 'allowed'],
    ['167838211', undefined, 'allowed'],
    ['::ffff:10.1.2.3', undefined, 'allowed'],
    ['10.1.2.4', undefined, 'refused'],
    ['192.168.7.255', undefined, 'allowed'],
    ['192.168.8.0', undefined, 'refused'],
    ['[fd12::1]', undefined, 'allowed'],
    ['[2001:DB8:0::1]', undefined, 'allowed'],
    ['[2001:db8::2]', undefined, 'refused'],
    // A name that resolves into a listed range was not named itself.
    ['other.test', '10.1.2.3', 'refused'],
    ['127.0.0.1', undefined, 'allowed'],
  ] as const)('host %j resolved to %s is %s', (host, address, verdict) => {
    expect(list.check(host, address)).toBe(verdict);
  });

  it('never lets localhost be more than loopback, even when listed', () => {
    const local = createAllowList(['localhost', 'api.localhost']);
    expect(local.check('localhost')).toBe('needs_address');
    expect(local.check('localhost', '10.0.0.5')).toBe('refused');
    expect(local.check('api.localhost', '10.0.0.5')).toBe('refused');
  });

  it('names every bad entry at once', () => {
    const bad = [
      'http://a.test',
      'a.test:80',
      'a.test/path',
      '',
      '*.a.test',
      '10.0.0.0/33',
      'fe80::1%eth0',
      'a b',
    ];
    let error: unknown;
    try {
      createAllowList(['good.test', ...bad]);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).issues.map(({ seen }) => seen)).toEqual(
      bad.map((entry) => JSON.stringify(entry)),
    );
  });
});

describe('properties of the allow list', () => {
  it('without entries allows an address exactly when it is loopback, in any spelling', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(NONE.check(address)).toBe(address.startsWith('127.') ? 'allowed' : 'refused');
        const parts = address.split('.').map(Number);
        const single = parts.reduce((sum, part) => sum * 256 + part, 0);
        expect(NONE.check(String(single))).toBe(NONE.check(address));
        expect(isLoopbackAddress(`::ffff:${address}`)).toBe(address.startsWith('127.'));
      }),
    );
  });

  it('takes any text for a host without throwing, and never allows it unless the URL parser sees loopback', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (NONE.check(text) !== 'allowed') return;
        expect(isLoopbackAddress(canonicalHost(text) ?? '')).toBe(true);
      }),
    );
  });
});
