import { describe, expect, test } from 'vitest';
import { isAddress } from './address.js';
import { parseBitRate, parsePeer, peerWords, realWords } from './real-fault.js';

describe('an address', () => {
  test.each([
    ['10.0.0.1', 4],
    ['255.255.255.255', 4],
    ['256.0.0.1', 0],
    ['10.0.0', 0],
    ['010.0.0.1', 0],
    ['::1', 6],
    ['::', 6],
    ['fd00::1', 6],
    ['1:2:3:4:5:6:7:8', 6],
    ['1:2:3:4:5:6:7::', 6],
    ['1:2:3:4:5:6:7:8::', 0],
    ['1:2:3', 0],
    ['1::2::3', 0],
    ['::ffff:10.0.0.1', 6],
    ['::ffff:10.0.0.256', 0],
    ['fe80::1%eth0', 0],
    ['12345::', 0],
    ['', 0],
    ['-4', 0],
  ])('%s is of the family %s', (text, family) => {
    expect(isAddress(text)).toBe(family);
  });
});

describe('a peer', () => {
  test.each([
    ['10.0.0.5', { host: '10.0.0.5' }],
    ['10.0.0.5:8080', { host: '10.0.0.5', port: 8080 }],
    ['media.example.com:443', { host: 'media.example.com', port: 443 }],
    [' db ', { host: 'db' }],
    ['fd00::1', { host: 'fd00::1' }],
    ['[fd00::1]', { host: 'fd00::1' }],
    ['[fd00::1]:80', { host: 'fd00::1', port: 80 }],
  ])('%s is read, and said as it is read', (text, peer) => {
    expect(parsePeer(text)).toEqual(peer);
    expect(parsePeer(peerWords(peer))).toEqual(peer);
  });

  test.each([
    '',
    '10.0.0.256',
    '10.0.0.5:0',
    '10.0.0.5:70000',
    '10.0.0.0/8',
    '[db]:80',
    '--flush',
    '-j ACCEPT',
    'a b',
    'a;reboot',
    '$(reboot)',
    'http://x',
    'x:y',
    `${'a'.repeat(64)}.com`,
  ])('%j is none', (text) => {
    expect(parsePeer(text)).toBeUndefined();
  });
});

test('rates are bits per second, with units of a thousand', () => {
  const read = ['8k', '500k', '2.5M', '1G', 20_000, '64kbit', '3 Mbit/s'].map(parseBitRate);
  expect(read).toEqual([8000, 500_000, 2_500_000, 1e9, 20_000, 64_000, 3_000_000]);
  const wrong = ['7k', '200G', 'fast', '-5M', '', undefined, '1M; reboot', '1T'].map(parseBitRate);
  expect(wrong.every((bits) => bits === undefined)).toBe(true);
});

test('every real fault has words of its own', () => {
  const peers = [{ host: '10.0.0.5', port: 80 }];
  expect([
    realWords({ on: 'network', do: 'partition', cut: { direction: 'both', peers: [] } }),
    realWords({ on: 'network', do: 'partition', cut: { direction: 'in', peers } }),
    realWords({ on: 'network', do: 'throttle', bitsPerS: 2.5e6, peers: [] }),
    realWords({ on: 'network', do: 'throttle', bitsPerS: 64_000, peers, interface: 'eth0' }),
    realWords({ on: 'network', do: 'link-down', interface: 'eth1' }),
    realWords({ on: 'process', do: 'pause', pidof: 'nginx' }),
    realWords({ on: 'process', do: 'kill', pidFile: '/run/srs.pid' }),
    realWords({ on: 'container', do: 'kill', container: 'srs' }),
    realWords({ on: 'container', do: 'disconnect', container: 'srs', network: 'net' }),
  ]).toEqual([
    'network partition (real, both ways, the target)',
    'network partition (real, incoming only, 10.0.0.5:80)',
    'network throttle to 2.5 Mbit/s of what is sent to the target',
    'network throttle to 64 kbit/s of what is sent on eth0 to 10.0.0.5:80',
    'network link-down eth1',
    'process pause nginx',
    'process kill /run/srs.pid',
    'container kill srs',
    'container disconnect srs from net',
  ]);
});
